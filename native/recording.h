/* Operations recorded: nodes and buffers as `fast_path` and `Engine.add` make them, for arrays of one dtype and shape.

   Everything here runs under the engine's lock, and gives NULL without an exception for what is not of the simple kind:
   then the functions in Python do it. */

enum { SAME, FLOAT_BEHIND, INT_BEHIND, FLOAT_BEFORE, INT_BEFORE, ONE, KINDS, DTYPES = 24 };

/* What is known of an operation: its name, and the dtype of its result for kinds of operands; None: not simple. */
typedef struct { PyObject *name, *dtypes[KINDS][DTYPES]; } Operation;

static Operation operators_known[COUNT];

static struct { Py_ssize_t signatures, alive, limit; } in_period;

static PyObject *engine, *warnings, *Map, *Ref, *Const, *View, *Update, *identity_of, *dtype_for, *settled_of;
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

/* Whether the last operation of this kind on so many elements was looked at alone; see `one_operation`. */
static int is_alone(Operation *o, npy_intp size) {
    PyObject *alone = o->name && size <= limit(alone_times) ? PyObject_GetAttr(engine, s_alone) : NULL;
    PyObject *known = alone ? PyDict_GetItemWithError(alone, o->name) : NULL;
    int same = known && PyLong_AsSsize_t(known) == size;
    Py_XDECREF(alone);
    return same;
}

/* Whether an operation on so many elements that are there is recorded all the same, as the beginning of a chain.

   An operation that was looked at alone the last time is NumPy's at once, until what one has made is the operand of
   another one that was not. */
static int begins_chain(Operation *o, npy_intp size, PyObject *left, PyObject *right) {
    if (!o->name || size <= limit(chain_times)) return 0;
    if (is_alone(o, size)) return 0;
    if (!is_fresh(left) && !is_fresh(right)) return 1;
    PyObject *alone = PyObject_GetAttr(engine, s_alone);
    if (alone) PyDict_Clear(alone);
    Py_XDECREF(alone);
    return 1;
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

/* An operation on an array and another (or a number, before or behind it, or nothing), recorded. */
static PyObject *recorded(Operation *o, PyObject *left, PyObject *right) {
    int kind = SAME, is_reflected = !IS_ARRAY(left);
    PyObject *own = is_reflected ? right : left, *other = is_reflected ? left : right, *number = NULL;
    if (!o->name || !own || !is_recordable(own)) return NULL;
    Array *a = (Array *)own, *b = (Array *)other;
    if (!other) kind = ONE;
    else if (PyFloat_CheckExact(other)) kind = is_reflected ? FLOAT_BEFORE : FLOAT_BEHIND;
    else if (PyLong_CheckExact(other)) kind = is_reflected ? INT_BEFORE : INT_BEHIND;
    else if (!is_recordable(other) || FIELD(a->buffer, dtype) != FIELD(b->buffer, dtype)) return NULL;
    else if (PyObject_RichCompareBool(PyTuple_GET_ITEM(a->view, 1), PyTuple_GET_ITEM(b->view, 1), Py_EQ) != 1) return NULL;
    PyObject *dtype = result_dtype(o, kind, a->buffer);
    if (!dtype) return NULL;
    if (kind != SAME && kind != ONE) {
        number = PyObject_CallOneArg((PyObject *)((PyArray_Descr *)FIELD(a->buffer, dtype))->typeobj, other);
        number = pair(Const, number, Py_NewRef(FIELD(a->buffer, dtype)));
        if (!number) return NULL;
    }
    PyObject *lock = locked(), *made = NULL;
    if (!lock) { Py_XDECREF(number); return NULL; }
    if (turned()) {
        PyObject *view = whole_view(a), *first = reading(a), *second = number ? Py_NewRef(number) : other ? reading(b) : NULL;
        PyObject *args = NULL, *zero = PyLong_FromLong(0), *node = NULL;
        if (view && first && zero && (second || !other))
            args = !second ? PyTuple_Pack(1, first) : is_reflected ? PyTuple_Pack(2, second, first) : PyTuple_Pack(2, first, second);
        if (args) node = five(Map, (PyObject *[]){o->name, zero, args, dtype, PyTuple_GET_ITEM(view, 1)});
        if (node) made = recorded_node(node, o->name, dtype, view);
        Py_XDECREF(view); Py_XDECREF(first); Py_XDECREF(second); Py_XDECREF(args); Py_XDECREF(zero); Py_XDECREF(node);
    }
    unlocked(lock);
    Py_XDECREF(number);
    return made;
}

static int is_plain_slice(PyObject *x) {
    if (!PySlice_Check(x)) return 0;
    PyObject *parts[] = {((PySliceObject *)x)->start, ((PySliceObject *)x)->stop, ((PySliceObject *)x)->step};
    for (int n = 0; n < 3; n++)
        if (parts[n] != Py_None && !PyLong_CheckExact(parts[n])) return 0;
    return 1;
}

/* Whether a key is made of whole numbers and plain slices alone. */
static int is_plain_key(PyObject *key) {
    PyObject *single[] = {key}, *const *parts = PyTuple_CheckExact(key) ? &PyTuple_GET_ITEM(key, 0) : single;
    Py_ssize_t count = PyTuple_CheckExact(key) ? PyTuple_GET_SIZE(key) : 1;
    for (Py_ssize_t n = 0; n < count; n++)
        if (!PyLong_CheckExact(parts[n]) && !is_plain_slice(parts[n])) return 0;
    return 1;
}

/* An array that shows a part of what another shows, whose value is pending; NULL without an exception if it is not. */
static PyObject *part_of_pending(Array *a, PyObject *key) {
    if (GIVEN(a->np) || !a->buffer || !a->view || (PyObject *)Py_TYPE(a->buffer) != Buffer || !a->part || !a->locked) return NULL;
    if (FIELD(a->buffer, hold) != Py_None) return NULL;
    PyObject *extents = PyTuple_GET_ITEM(a->view, 1), *steps = PyTuple_GET_ITEM(a->view, 2), *single[] = {key};
    PyObject *const *parts = PyTuple_CheckExact(key) ? &PyTuple_GET_ITEM(key, 0) : single;
    Py_ssize_t count = PyTuple_CheckExact(key) ? PyTuple_GET_SIZE(key) : 1, ndim = PyTuple_GET_SIZE(extents);
    Py_ssize_t start, stop, step, offset = PyLong_AsSsize_t(PyTuple_GET_ITEM(a->view, 0));
    npy_intp shape[NPY_MAXDIMS], strides[NPY_MAXDIMS], size = 1;
    int dims = 0;
    if (count > ndim) return NULL;
    for (Py_ssize_t n = 0; n < ndim; n++) {
        PyObject *part = n < count ? parts[n] : NULL;
        npy_intp extent = PyLong_AsSsize_t(PyTuple_GET_ITEM(extents, n)), stride = PyLong_AsSsize_t(PyTuple_GET_ITEM(steps, n));
        if (part && PyLong_CheckExact(part)) {
            start = PyLong_AsSsize_t(part);
            if (start < -extent || start >= extent || PyErr_Occurred()) { PyErr_Clear(); return NULL; }
            offset += (start < 0 ? start + extent : start) * stride;
            continue;
        }
        if (part) {
            if (!is_plain_slice(part) || PySlice_Unpack(part, &start, &stop, &step)) { PyErr_Clear(); return NULL; }
            extent = PySlice_AdjustIndices(extent, &start, &stop, step);
            offset += start * stride;
            stride *= step;
        }
        shape[dims] = extent;
        strides[dims++] = stride;
        size *= extent;
    }
    if (size < 2 || !dims) return NULL;
    Array *made = new_array();
    if (!made) return NULL;
    made->np = Py_NewRef(Py_None);
    made->hand = Py_NewRef(Py_None);
    made->buffer = Py_NewRef(a->buffer);
    made->view = new_view(offset, numbers_of(shape, dims, 1), numbers_of(strides, dims, 1));
    made->part = Py_NewRef(a->part);
    made->base = Py_NewRef(GIVEN(a->base) ? a->base : (PyObject *)a);
    made->locked = Py_NewRef(a->locked);
    made->scalar = Py_NewRef(Py_False);
    if (!made->view) Py_CLEAR(made);
    return (PyObject *)made;
}

/* Whether a view shows each element once, in C's order, as far as that is seen at a look. */
static int is_apart(PyObject *view) {
    PyObject *shape = PyTuple_GET_ITEM(view, 1), *strides = PyTuple_GET_ITEM(view, 2);
    Py_ssize_t room = 1;  /* elements that an inner axis reaches over */
    for (Py_ssize_t n = PyTuple_GET_SIZE(shape) - 1; n >= 0; n--) {
        Py_ssize_t extent = PyLong_AsSsize_t(PyTuple_GET_ITEM(shape, n)), step = PyLong_AsSsize_t(PyTuple_GET_ITEM(strides, n));
        if (extent < 1) return 0;
        if (extent == 1) continue;
        if (step < 0) step = -step;
        if (step < room) return 0;
        room = step * extent;
    }
    return 1;
}

/* The part of an array that may be assigned to, as an array; NULL if it is not simple, perhaps with an exception. */
static Array *part_to_assign(Array *a, PyObject *key) {
    if (GIVEN(a->np) || a->scalar != Py_False || a->locked != Py_False || !a->part || PyUnicode_GET_LENGTH(a->part)) return NULL;
    if (!has_buffer(a) || FIELD(a->buffer, lends) != Py_False) return NULL;
    if (FIELD(a->buffer, hold) == Py_None) return (Array *)part_of_pending(a, key);
    if (!settled(a)) {
        PyObject *looked = PyObject_CallOneArg(settled_of, (PyObject *)a);
        Py_XDECREF(looked);
    }
    PyObject *memory = settled(a), *shown = memory && a->seen != Py_None ? PyObject_GetItem(memory, key) : NULL;
    if (!shown || !PyArray_CheckExact(shown) || !PyArray_NDIM((PyArrayObject *)shown)) {
        PyErr_Clear();  /* it is said again */
        Py_XDECREF(shown);
        return NULL;
    }
    return (Array *)view_of_settled(a, shown);
}

/* Records that a part of an array gets the pending value of another; 0 if it is not simple, -1 with an exception. */
static int assigned_part(Array *a, PyObject *key, PyObject *value) {
    Array *b = (Array *)value, *part;
    if (!is_plain_key(key) || !is_recordable(value) || FIELD(b->buffer, hold) != Py_None) return 0;
    if (!(part = part_to_assign(a, key))) return PyErr_Occurred() ? -1 : 0;
    PyObject *view = view_of(part), *buffer = a->buffer, *lock = NULL, *node = NULL, *told = NULL;
    int is_simple = view && FIELD(buffer, dtype) == FIELD(b->buffer, dtype) && is_apart(view) &&
                    elements_of(view) != PyLong_AsSsize_t(FIELD(buffer, size)) &&
                    PyObject_RichCompareBool(PyTuple_GET_ITEM(view, 1), PyTuple_GET_ITEM(b->view, 1), Py_EQ) == 1;
    if (is_simple && (lock = locked())) {
        PyObject *read = turned() ? reading(b) : NULL;
        PyObject *parts[] = {FIELD(buffer, node), view, read, FIELD(buffer, dtype), FIELD(buffer, shape)};
        if (read) node = five(Update, parts);
        Py_XDECREF(read);
        /* most likely only the statement has it; a name, or the arguments of a call, may be one more: then it is read where
           it was assigned to when somebody looks */
        int is_given = Py_REFCNT(value) <= 2 && Py_REFCNT(b->buffer) == 1;
        PyObject *args[] = {engine, buffer, node, s_update, is_given ? b->buffer : Py_None};
        told = node ? PyObject_VectorcallMethod(s_assign, args, 5, NULL) : NULL;
        Py_XDECREF(node);
        unlocked(lock);
    }
    Py_DECREF(part);
    Py_XDECREF(told);
    return told ? 1 : PyErr_Occurred() ? -1 : 0;
}
