/* Operations recorded: nodes and buffers as `fast_path` and `Engine.add` make them, for arrays of one dtype and shape.

   Everything here runs under the engine's lock, and gives NULL without an exception for what is not of the simple kind:
   then the functions in Python do it. */

enum { SAME, FLOAT_BEHIND, INT_BEHIND, FLOAT_BEFORE, INT_BEFORE, ONE, KINDS, DTYPES = 24 };

/* What is known of an operation: its name, and the dtype of its result for kinds of operands; None: not simple. */
typedef struct { PyObject *name, *dtypes[KINDS][DTYPES]; } Operation;

static Operation operators_known[COUNT];

static struct { Py_ssize_t signatures, alive, limit; } in_period;

static PyObject *engine, *warnings, *Map, *Ref, *Const, *View, *Update, *identity_of, *dtype_for, *settled_of, *operand_of;
static PyObject *s_lock, *s_acquire, *s_release, *s_turn, *s_sliding, *s_last, *s_state, *s_pending, *s_row, *s_period,
    *s_prompt, *s_filters, *s_flush_if_full, *s_assign, *s__buffer, *s_update, *s_empty, *s_alone;
static PyObject *floating_point_state;

static int is_same(PyObject *owner, PyObject *name, PyObject *what) {
    PyObject *found = PyObject_GetAttr(owner, name);
    Py_XDECREF(found);
    return found == what;
}

/* Begins what needs the engine's lock: gives the lock. */
static PyObject *locked(void) {
    PyObject *lock = PyObject_GetAttr(engine, s_lock);
    PyObject *done = lock ? PyObject_CallMethodNoArgs(lock, s_acquire) : NULL;
    if (!done) Py_CLEAR(lock);
    Py_XDECREF(done);
    return lock;
}

static void unlocked(PyObject *lock) {
    PyObject *kind, *value, *trace;
    PyErr_Fetch(&kind, &value, &trace);
    Py_XDECREF(PyObject_CallMethodNoArgs(lock, s_release));
    Py_DECREF(lock);
    PyErr_Restore(kind, value, trace);
}

/* NumPy lets other threads run in loops over more elements. */
enum { MOST_UNDISTURBED = 500 };

static int has_threads(void) { return PyThreadState_Next(PyInterpreterState_ThreadHead(PyInterpreterState_Get())) != NULL; }

/* Whether NumPy may now write so many elements to memory of a settled array, and the lock that is to be given back after it.

   Another thread must not record or copy what is half written: the engine is locked, if there is one. A thread of a C library
   that enters Python for the first time in the middle of NumPy's loop is not seen. */
static int begin_writing(Array *a, PyObject *memory, npy_intp count, PyObject **lock) {
    *lock = NULL;
    if (GIVEN(a->np)) return 1;
    if (count > MOST_UNDISTURBED && has_threads() && !(*lock = locked())) return 0;
    if (settled(a) == memory && is_exclusive(a)) return 1;
    if (*lock) unlocked(*lock);
    *lock = NULL;
    return 0;
}

static void end_writing(PyObject *lock) { if (lock) unlocked(lock); }

/* See `Engine.turn`. */
static int turned(void) {
    PyObject *sliding = PyObject_GetAttr(engine, s_sliding), *filters = sliding ? PyObject_GetAttr(warnings, s_filters) : NULL;
    PyObject *state = NULL;
    if (!filters || PyContextVar_Get(floating_point_state, NULL, &state)) { Py_XDECREF(sliding); Py_XDECREF(filters); return 0; }
    int as_before = is_same(sliding, s_last, Py_None) && is_same(engine, s_state, state) && is_same(engine, s_filters, filters);
    Py_DECREF(sliding);
    Py_DECREF(filters);
    Py_XDECREF(state);
    if (PyErr_Occurred()) return 0;
    PyObject *done = as_before ? Py_NewRef(Py_None) : PyObject_CallMethodNoArgs(engine, s_turn);
    Py_XDECREF(done);
    return done != NULL;
}

#define RECORDED(period, name) (*(PyObject **)((char *)(period) + in_period.name))
#define COUNT_OF(period) PyList_GET_SIZE(RECORDED(period, signatures))

/* Whether a record of operations stays far from full with one more; see `Period`. */
static int has_room(PyObject *period) { return COUNT_OF(period) + 1 < PyLong_AsSsize_t(RECORDED(period, limit)); }

static int add_to(PyObject *period, PyObject *name, PyObject *waits) {
    return !PyList_Append(RECORDED(period, signatures), name) && !PyList_Append(RECORDED(period, alive), waits);
}

/* Notes that an operation was recorded; see `Engine._flush_if_full`. */
static int noted(PyObject *name, PyObject *pending, int is_few) {
    PyObject *period = PyObject_GetAttr(engine, s_period), *row = period ? PyObject_GetAttr(engine, s_row) : NULL;
    PyObject *waits = row ? PyLong_FromSsize_t(PyList_GET_SIZE(pending)) : NULL;
    int done = 0, is_usual = waits && Py_TYPE(period) == Py_TYPE(row) && !flushes_each && is_same(engine, s_prompt, Py_False) &&
                             has_room(period) && (is_few ? has_room(row) : !COUNT_OF(row));
    if (is_usual) {
        done = add_to(period, name, waits) && (!is_few || add_to(row, name, waits));
    } else if (waits) {
        PyObject *args[] = {engine, name, is_few ? Py_True : Py_False};
        PyObject *told = PyObject_VectorcallMethod(s_flush_if_full, args, 3, NULL);
        Py_XDECREF(told);
        done = told != NULL;
    }
    Py_XDECREF(period); Py_XDECREF(row); Py_XDECREF(waits);
    return done;
}

/* Adds a new buffer to what is pending, in the place of one that was made on the way of an expression, and is gone. */
static int added(PyObject *pending, PyObject *buffer) {
    Py_ssize_t count = PyList_GET_SIZE(pending);
    PyObject *weak = PyWeakref_NewRef(buffer, NULL);
    if (weak && count > 1 && PyWeakref_CheckRef(PyList_GET_ITEM(pending, count - 2)) &&
        PyWeakref_GetObject(PyList_GET_ITEM(pending, count - 2)) == Py_None)
        if (PyList_SetSlice(pending, count - 2, count - 1, NULL)) Py_CLEAR(weak);
    int done = weak && !PyList_Append(pending, weak);
    Py_XDECREF(weak);
    return done;
}

/* A named tuple of two; the references are given away. */
static PyObject *pair(PyObject *type, PyObject *first, PyObject *second) {
    PyObject *made = first && second ? ((PyTypeObject *)type)->tp_alloc((PyTypeObject *)type, 2) : NULL;
    if (!made) { Py_XDECREF(first); Py_XDECREF(second); return NULL; }
    PyTuple_SET_ITEM(made, 0, first);
    PyTuple_SET_ITEM(made, 1, second);
    return made;
}

/* A named tuple of five, whose items are new references to these. */
static PyObject *five(PyObject *type, PyObject *const *items) {
    PyObject *made = ((PyTypeObject *)type)->tp_alloc((PyTypeObject *)type, 5);
    for (int n = 0; made && n < 5; n++) PyTuple_SET_ITEM(made, n, Py_NewRef(items[n]));
    return made;
}

static PyObject *numbers_of(const npy_intp *values, int count, npy_intp divisor) {
    PyObject *made = PyTuple_New(count);
    for (int n = 0; made && n < count; n++) {
        PyObject *number = PyLong_FromSsize_t(values[n] / divisor);
        if (!number) { Py_CLEAR(made); break; }
        PyTuple_SET_ITEM(made, n, number);
    }
    return made;
}

static PyObject *new_view(npy_intp offset, PyObject *shape, PyObject *strides) {
    PyObject *start = PyLong_FromSsize_t(offset), *made = NULL;
    if (start && shape && strides) made = ((PyTypeObject *)View)->tp_alloc((PyTypeObject *)View, 3);
    if (!made) { Py_XDECREF(start); Py_XDECREF(shape); Py_XDECREF(strides); return NULL; }
    PyTuple_SET_ITEM(made, 0, start);
    PyTuple_SET_ITEM(made, 1, shape);
    PyTuple_SET_ITEM(made, 2, strides);
    return made;
}

/* What NumPy's view of memory shows, in elements: see `_find_view`. */
static PyObject *view_of_memory_shown(PyArrayObject *shown, PyArrayObject *memory) {
    npy_intp size = PyArray_ITEMSIZE(memory), start = 0;
    if (!size) return NULL;
    if (PyArray_SIZE(shown)) start = PyArray_BYTES(shown) - PyArray_BYTES(memory);
    return new_view(start / size, numbers_of(PyArray_DIMS(shown), PyArray_NDIM(shown), 1),
                    numbers_of(PyArray_STRIDES(shown), PyArray_NDIM(shown), size));
}

/* The view of an array that has a buffer, borrowed; made when first asked for. */
static PyObject *view_of(Array *a) {
    if (!a->view && GIVEN(a->hand) && GIVEN(a->seen) && PyArray_Check(a->hand) && PyArray_Check(a->seen))
        a->view = view_of_memory_shown((PyArrayObject *)a->hand, (PyArrayObject *)a->seen);
    return a->view;
}

/* Whether the elements lie in C's order, as far as that is seen at a look; see `is_turned`. */
static int is_in_order(PyObject *view) {
    PyObject *shape = PyTuple_GET_ITEM(view, 1), *strides = PyTuple_GET_ITEM(view, 2);
    Py_ssize_t before = PY_SSIZE_T_MAX;
    for (Py_ssize_t n = 0; n < PyTuple_GET_SIZE(shape); n++) {
        Py_ssize_t step = PyLong_AsSsize_t(PyTuple_GET_ITEM(strides, n));
        if (!step || PyLong_AsSsize_t(PyTuple_GET_ITEM(shape, n)) == 1) continue;
        if (step < 0) step = -step;
        if (step > before) return 0;
        before = step;
    }
    return 1;
}

static npy_intp elements_of(PyObject *view) {
    PyObject *shape = PyTuple_GET_ITEM(view, 1);
    npy_intp size = 1;
    for (Py_ssize_t n = 0; n < PyTuple_GET_SIZE(shape); n++) size *= PyLong_AsSsize_t(PyTuple_GET_ITEM(shape, n));
    return size;
}

/* Whether an array shows a buffer; one that only has elements gets one. */
static int has_buffer(Array *a) {
    if (!a->buffer) Py_XDECREF(PyObject_GetAttr((PyObject *)a, s__buffer));
    if (!a->buffer) PyErr_Clear();
    return a->buffer && (PyObject *)Py_TYPE(a->buffer) == Buffer;
}

/* Whether all that is recorded are operations on few elements; see `Engine.few_wait`. */
static int few_wait(void) {
    PyObject *period = PyObject_GetAttr(engine, s_period), *row = period ? PyObject_GetAttr(engine, s_row) : NULL;
    int same = row && Py_TYPE(period) == Py_TYPE(row) && COUNT_OF(row) && COUNT_OF(row) == COUNT_OF(period);
    Py_XDECREF(period); Py_XDECREF(row);
    PyErr_Clear();
    return same && limit(2) > limit(1);
}

/* Whether an array shows elements of a buffer as they are, which nobody else may write, in C order: `_is_simple`. */
static int is_recordable(PyObject *x) {
    Array *a = (Array *)x;
    if (!IS_ARRAY(x) || GIVEN(a->np)) return 0;
    if (!has_buffer(a) || !a->part || PyUnicode_GET_LENGTH(a->part)) return 0;
    if (FIELD(a->buffer, lends) != Py_False) return 0;
    if (FIELD(a->buffer, hold) != Py_None) {  /* perhaps it becomes local */
        if (FIELD(a->buffer, pinned) != Py_False || PyLong_AsSsize_t(FIELD(a->buffer, size)) <= limit(1)) return 0;
    }
    if (!view_of(a) || !is_in_order(a->view)) return 0;
    /* few elements of what is pending are computed first; see `waits_alone` */
    if (FIELD(a->buffer, hold) == Py_None && elements_of(a->view) <= limit(1) && few_wait()) return 0;
    /* what is settled has perhaps not been looked at yet: then NumPy may do it at once */
    return FIELD(a->buffer, hold) == Py_None || settled(a) || elements_of(a->view) > few_times * limit(1);
}

/* The number of a dtype, if it is one of NumPy's own in this machine's byte order; else -1. */
static int own_dtype(PyArray_Descr *dtype) {
    int number = dtype->type_num;
    if (number < 0 || number >= DTYPES) return -1;
    PyArray_Descr *own = PyArray_DescrFromType(number);
    Py_XDECREF(own);
    return own == dtype ? number : -1;
}

static PyObject *reading(Array *a) { return pair(Ref, Py_NewRef(FIELD(a->buffer, node)), Py_NewRef(a->view)); }

/* A new array of a new value; what `Engine.add` and `on_buffer` do. */
static PyObject *recorded_node(PyObject *node, PyObject *name, PyObject *dtype, PyObject *view) {
    PyTypeObject *type = (PyTypeObject *)Buffer;
    PyObject *shape = PyTuple_GET_ITEM(view, 1), *buffer = type->tp_alloc(type, 0);
    if (!buffer) return NULL;
    npy_intp size = elements_of(view);
    FIELD(buffer, node) = Py_NewRef(node);
    FIELD(buffer, dtype) = Py_NewRef(dtype);
    FIELD(buffer, shape) = Py_NewRef(shape);
    FIELD(buffer, size) = PyLong_FromSsize_t(size);
    FIELD(buffer, hold) = Py_NewRef(Py_None);
    FIELD(buffer, memory) = Py_NewRef(Py_None);
    FIELD(buffer, kept) = Py_NewRef(Py_None);
    FIELD(buffer, pinned) = Py_NewRef(Py_False);
    FIELD(buffer, lends) = Py_NewRef(Py_False);
    PyObject *pending = PyObject_GetAttr(engine, s_pending);
    int is_few = size <= few_times * limit(1);
    int is_noted = pending && PyList_Check(pending) && added(pending, buffer) && noted(name, pending, is_few);
    Py_XDECREF(pending);
    Array *made = is_noted ? new_array() : NULL;
    if (!made) { Py_DECREF(buffer); return NULL; }
    made->np = Py_NewRef(Py_None);
    made->hand = Py_NewRef(Py_None);
    made->buffer = buffer;
    made->view = Py_NewRef(view);
    made->part = Py_NewRef(s_empty);
    made->base = Py_NewRef(Py_None);
    made->locked = Py_NewRef(Py_False);
    made->scalar = Py_NewRef(PyTuple_GET_SIZE(shape) ? Py_False : Py_True);
    return (PyObject *)made;
}

/* The dtype of an operation's result, borrowed; NULL if it is not simple, perhaps with an exception. */
static PyObject *result_dtype(Operation *o, int kind, PyObject *buffer) {
    int number = own_dtype((PyArray_Descr *)FIELD(buffer, dtype));
    if (number < 0) return NULL;
    PyObject **known = &o->dtypes[kind][number];
    if (!*known) {
        PyObject *asked = PyLong_FromLong(kind), *args[] = {o->name, asked, FIELD(buffer, dtype)};
        *known = asked ? PyObject_Vectorcall(dtype_for, args, 3, NULL) : NULL;
        Py_XDECREF(asked);
    }
    return *known == Py_None ? NULL : *known;
}

/* Whether an operand is what NumPy made at once on the way of an expression: nobody but the interpreter has it. */
static int is_fresh(PyObject *x) {
    return x && IS_ARRAY(x) && Py_REFCNT(x) == 1 && GIVEN(((Array *)x)->hand) && ((Array *)x)->seen == Py_None;
}

static npy_intp size_of(PyObject *x) { return PyArray_CheckExact(x) ? PyArray_SIZE((PyArrayObject *)x) : 1; }

/* Whether two numbers of elements have as many binary digits. */
static int is_about(npy_intp a, npy_intp b) { return a > 0 && b > 0 && (a ^ b) < (a & b); }

/* Whether the last operation of this kind on about so many elements gained nothing from being recorded; see `Alone`. */
static int is_alone(Operation *o, npy_intp size) {
    PyObject *alone = o->name && size <= limit(alone_times) ? PyObject_GetAttr(engine, s_alone) : NULL;
    PyObject *known = alone ? PyDict_GetItemWithError(alone, o->name) : NULL;
    int same = known && is_about(PyLong_AsSsize_t(known), size);
    Py_XDECREF(alone);
    return same;
}

/* Whether an operation on elements that are there is recorded all the same, as the beginning of a chain.

   An operation that was looked at alone the last time is NumPy's at once, until what one has made is the operand of
   another one that is recorded: see `forget_alone`. */
static int begins_chain(Operation *o, Py_ssize_t most, PyObject *first) {
    npy_intp size = size_of(first), item = PyArray_CheckExact(first) ? PyArray_ITEMSIZE((PyArrayObject *)first) : 8;
    npy_intp words = item < 8 ? size * item / 8 : size;  /* NumPy takes more of short elements at a time */
    if (!o->name || words <= limit(most > few_times ? most : chain_times)) return 0;
    return !is_alone(o, size);
}

/* What NumPy did at once was no operation alone: one that is recorded has it as an operand. */
static void forget_alone(void) {
    PyObject *alone = PyObject_GetAttr(engine, s_alone);
    if (alone) PyDict_Clear(alone);
    else PyErr_Clear();
    Py_XDECREF(alone);
}

/* The view that shows all of a shape; that of the operand, if it does. */
static PyObject *whole_view(Array *a) {
    PyObject *shape = PyTuple_GET_ITEM(a->view, 1);
    static PyObject *known = NULL;
    if (known && shape == PyTuple_GET_ITEM(known, 1)) return Py_NewRef(known);
    PyObject *made = PyObject_CallOneArg(identity_of, shape);
    if (made) SET(known, made);
    return made;
}

/* How many elements an array shows, as far as that is known without a buffer; -1 if it is not. */
static npy_intp shown_by(PyObject *x) {
    Array *a = (Array *)x;
    PyObject *memory = GIVEN(a->np) ? a->np : a->hand;
    if (GIVEN(memory) && PyArray_Check(memory)) return PyArray_SIZE((PyArrayObject *)memory);
    return a->view ? elements_of(a->view) : -1;
}

/* Whether a view can be repeated to a shape. */
static int is_repeatable(PyObject *shape, PyObject *to) {
    Py_ssize_t count = PyTuple_GET_SIZE(shape), more = PyTuple_GET_SIZE(to) - count;
    for (Py_ssize_t n = 0; more >= 0 && n < count; n++) {
        Py_ssize_t extent = PyLong_AsSsize_t(PyTuple_GET_ITEM(shape, n));
        if (extent != 1 && extent != PyLong_AsSsize_t(PyTuple_GET_ITEM(to, n + more))) return 0;
    }
    return more >= 0;
}

/* Whether an array has a say in the order of all axes. */
static int is_spread(PyObject *view) {
    PyObject *shape = PyTuple_GET_ITEM(view, 1), *strides = PyTuple_GET_ITEM(view, 2);
    for (Py_ssize_t n = 0; n < PyTuple_GET_SIZE(shape); n++)
        if (!PyLong_AsSsize_t(PyTuple_GET_ITEM(strides, n)) && PyLong_AsSsize_t(PyTuple_GET_ITEM(shape, n)) > 1) return 0;
    return 1;
}

/* What kind of operand stands beside an array; -1 if it is not simple, perhaps with an exception. */
static int kind_of(PyObject *other, Array *a, int is_reflected) {
    PyObject *dtype = FIELD(a->buffer, dtype), *shape = PyTuple_GET_ITEM(a->view, 1);
    if (!other) return ONE;
    if (PyFloat_CheckExact(other)) return is_reflected ? FLOAT_BEFORE : FLOAT_BEHIND;
    if (PyLong_CheckExact(other)) return is_reflected ? INT_BEFORE : INT_BEHIND;
    if (PyArray_IsScalar(other, Number) || PyArray_IsScalar(other, Bool)) {
        PyArray_Descr *own = PyArray_DescrFromScalar(other);
        Py_XDECREF(own);
        return (PyObject *)own == dtype ? SAME : -1;
    }
    if (!IS_ARRAY(other)) return -1;
    Array *b = (Array *)other;
    if (GIVEN(b->np)) {  /* a few elements, which may change: they are copied, see `ref` */
        PyArrayObject *memory = (PyArrayObject *)b->np;
        if ((PyObject *)PyArray_DESCR(memory) != dtype || PyArray_SIZE(memory) > limit(1) || !is_spread(a->view)) return -1;
        PyObject *extents = numbers_of(PyArray_DIMS(memory), PyArray_NDIM(memory), 1);
        int fits = extents && is_repeatable(extents, shape);
        Py_XDECREF(extents);
        return fits ? SAME : -1;
    }
    if (!is_recordable(other) || FIELD(b->buffer, dtype) != dtype) return -1;
    if (PyObject_RichCompareBool(PyTuple_GET_ITEM(b->view, 1), shape, Py_EQ) == 1) return SAME;
    return is_spread(a->view) && is_repeatable(PyTuple_GET_ITEM(b->view, 1), shape) ? SAME : -1;
}

/* A reading repeated to a shape, see `broadcast`; the reference is given away. */
static PyObject *repeated(PyObject *read, PyObject *shape) {
    if (!read || (PyObject *)Py_TYPE(read) != Ref) return read;
    PyObject *view = PyTuple_GET_ITEM(read, 1), *extents = PyTuple_GET_ITEM(view, 1), *strides = PyTuple_GET_ITEM(view, 2);
    if (PyObject_RichCompareBool(extents, shape, Py_EQ) == 1) return read;
    Py_ssize_t count = PyTuple_GET_SIZE(shape), missing = count - PyTuple_GET_SIZE(extents);
    npy_intp steps[NPY_MAXDIMS];
    for (Py_ssize_t n = 0; n < count; n++) {
        int stays = n < missing || PyLong_AsSsize_t(PyTuple_GET_ITEM(extents, n - missing)) == 1;
        steps[n] = stays ? 0 : PyLong_AsSsize_t(PyTuple_GET_ITEM(strides, n - missing));
    }
    PyObject *made = new_view(PyLong_AsSsize_t(PyTuple_GET_ITEM(view, 0)), Py_NewRef(shape), numbers_of(steps, (int)count, 1));
    made = pair(Ref, Py_NewRef(PyTuple_GET_ITEM(read, 0)), made);
    Py_DECREF(read);
    return made;
}

/* A number in an array's dtype; NULL without an exception if it does not fit. */
static PyObject *number_as(PyObject *dtype, PyObject *number) {
    PyObject *made = PyObject_CallOneArg((PyObject *)((PyArray_Descr *)dtype)->typeobj, number);
    if (!made && PyErr_ExceptionMatches(PyExc_OverflowError)) PyErr_Clear();
    return made ? pair(Const, made, Py_NewRef(dtype)) : NULL;
}

/* What an operation reads beside an array. */
static PyObject *beside(PyObject *other, int kind, Array *a) {
    PyObject *dtype = FIELD(a->buffer, dtype);
    if (kind != SAME) return number_as(dtype, other);
    if (!IS_ARRAY(other)) return pair(Const, Py_NewRef(other), Py_NewRef(dtype));
    PyObject *read = GIVEN(((Array *)other)->np) ? PyObject_CallOneArg(operand_of, other) : reading((Array *)other);
    return repeated(read, PyTuple_GET_ITEM(a->view, 1));
}

/* An operation on an array, and another of its shape or one that is repeated to it, or a number, or nothing, recorded. */
static PyObject *recorded(Operation *o, PyObject *left, PyObject *right) {
    if (!o->name || !left) return NULL;
    int is_chain = is_fresh(left) || is_fresh(right);
    int is_reflected = right && IS_ARRAY(right) && (!IS_ARRAY(left) || shown_by(left) < shown_by(right));
    PyObject *own = is_reflected ? right : left, *other = is_reflected ? left : right;
    if (!is_recordable(own)) return NULL;
    Array *a = (Array *)own;
    int kind = kind_of(other, a, is_reflected);
    PyObject *dtype = kind < 0 ? NULL : result_dtype(o, kind, a->buffer), *lock = dtype ? locked() : NULL, *made = NULL;
    if (!lock) return NULL;
    if (turned()) {
        PyObject *view = whole_view(a), *first = reading(a), *second = other && first ? beside(other, kind, a) : NULL;
        PyObject *args = NULL, *zero = PyLong_FromLong(0), *node = NULL;
        if (view && first && zero && (second || !other))
            args = !second ? PyTuple_Pack(1, first) : is_reflected ? PyTuple_Pack(2, second, first) : PyTuple_Pack(2, first, second);
        if (args) node = five(Map, (PyObject *[]){o->name, zero, args, dtype, PyTuple_GET_ITEM(view, 1)});
        if (node) made = recorded_node(node, o->name, dtype, view);
        Py_XDECREF(view); Py_XDECREF(first); Py_XDECREF(second); Py_XDECREF(args); Py_XDECREF(zero); Py_XDECREF(node);
    }
    unlocked(lock);
    if (made && is_chain) forget_alone();
    return made;
}
