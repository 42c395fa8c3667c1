/* Functions, methods and ufuncs of NumPy's, called at once if all that they are given is there. */

/* A function, method or ufunc of NumPy's that is called at once if all its arguments are there; else `general` is. */
typedef struct {
    PyObject_HEAD
    vectorcallfunc vectorcall;
    PyObject *numpy, *general, *dict, *weakrefs;
    Py_ssize_t most;
    int nin;  /* of a ufunc: its operands are only read; else what the function does with its arguments */
    Operation *recorded;  /* of a ufunc */
    int asks;             /* 0, or `general` comes first where an array is pending, or part of one that is so many times large */
} Function;

enum { VIEW = -4, READS = -5, PAIRS = -8, DRAWN = -9, FOLDED = -10 };  /* READS - n: the first n + 1 arguments; see making.h */

#define MOST_ARGUMENTS 12

/* An argument as NumPy takes it, as a new reference; NULL without an exception if it is not so simple. */
static PyObject *argument(Function *f, PyObject *x, PyObject *first, npy_intp most, int is_read, int *is_local, int *has_ours) {
    if (IS_ARRAY(x)) {
        Array *a = (Array *)x;
        PyObject *memory = operand(x, is_local);
        *has_ours = 1;
        if (!memory) return NULL;
        if (f->nin <= 0 && memory != a->np) {
            if (size_of(memory) > most) return NULL;
            if (is_read) return Py_NewRef(memory);
            /* it may write, or show, what others have as well; some functions copy what they may not write */
            PyObject *shown = PyArray_View((PyArrayObject *)memory, NULL, NULL);
            if (shown) PyArray_CLEARFLAGS((PyArrayObject *)shown, NPY_ARRAY_WRITEABLE);
            return shown;
        }
        if (f->nin > 0 && (memory != a->np || (first && !same_shape(first, memory)))) {
            npy_intp size = result_size(memory, first ? first : memory);
            if (size > most && !(f->recorded && is_alone(f->recorded, size))) return NULL;
        }
        return Py_NewRef(memory);
    }
    if (is_number(x) || x == Py_None || PyUnicode_CheckExact(x)) return Py_NewRef(x);
    if (f->nin > 0) return PyArray_IsScalar(x, Generic) ? Py_NewRef(x) : NULL;
    if (PyArray_DescrCheck(x) || PyType_Check(x)) return Py_NewRef(x);
    return PyTuple_CheckExact(x) || PyList_CheckExact(x) ? plain_sequence(x, is_read ? most : 0, is_local, has_ours)
                                                         : NULL;
}

/* Several arrays that a function made, as ours; NULL without an exception if one is large, an argument, or may show one: if
   arguments are only read, what shows something shows another result. */
static PyObject *fresh_results(PyObject *results, PyObject **plain, Py_ssize_t count, int are_read) {
    Py_ssize_t many = PyTuple_GET_SIZE(results);
    for (Py_ssize_t n = 0; n < many; n++) {
        PyObject *each = PyTuple_GET_ITEM(results, n);
        if (!PyArray_CheckExact(each) || PyArray_SIZE((PyArrayObject *)each) > limit(1)) return NULL;
        if (PyArray_BASE((PyArrayObject *)each) && !are_read) return NULL;
        for (Py_ssize_t k = 0; k < count; k++) if (plain[k] == each) return NULL;
    }
    PyObject *made = PyTuple_New(many);
    for (Py_ssize_t n = 0; made && n < many; n++) {
        PyArrayObject *each = (PyArrayObject *)PyTuple_GET_ITEM(results, n);
        PyObject *ours = wrapped(PyArray_BASE(each) ? PyArray_NewCopy(each, NPY_CORDER) : Py_NewRef((PyObject *)each), 1);
        if (ours) PyTuple_SET_ITEM(made, n, ours);
        else Py_CLEAR(made);
    }
    return made;
}

/* What a function made, as ours; the reference is given away. */
static PyObject *result_of(PyObject *result, PyObject *const *args, PyObject **plain, Py_ssize_t count, int are_read) {
    int is_array = PyArray_CheckExact(result);
    if (!is_array && !PyTuple_Check(result) && !PyList_Check(result)) return result;
    for (Py_ssize_t n = 0; is_array && n < count; n++)
        if (plain[n] == result) { Py_DECREF(result); return Py_NewRef(args[n]); }
    if (is_array && !PyArray_BASE((PyArrayObject *)result)) {
        return wrapped(result, PyArray_SIZE((PyArrayObject *)result) <= limit(1));
    }
    PyObject *several = PyTuple_CheckExact(result) ? fresh_results(result, plain, count, are_read) : NULL;
    if (several || PyErr_Occurred()) { Py_DECREF(result); return several; }
    PyObject *given = PyTuple_New(count);
    for (Py_ssize_t n = 0; given && n < count; n++) PyTuple_SET_ITEM(given, n, Py_NewRef(args[n]));
    PyObject *made = given ? call2(ours, result, given) : NULL;
    Py_XDECREF(given); Py_DECREF(result);
    return made;
}

/* Whether an array that NumPy made, or one of several, may not be written: it shows what was given to be read alone. */
static int is_read_only(PyObject *result) {
    if (PyArray_CheckExact(result)) return !PyArray_ISWRITEABLE((PyArrayObject *)result);
    if (!PyTuple_Check(result) && !PyList_Check(result)) return 0;
    for (Py_ssize_t n = 0; n < PySequence_Fast_GET_SIZE(result); n++)
        if (is_read_only(PySequence_Fast_GET_ITEM(result, n))) return 1;
    return 0;
}

/* Whether a function refused to write what it may not, or shows what it was given: there is another way for those. */
static int is_doubtful(PyObject *result) {
    if (result) return is_read_only(result);
    int refused = PyErr_ExceptionMatches(PyExc_ValueError);
    if (refused) PyErr_Clear();
    return refused;
}

/* What a function of NumPy's shows of an array that is there; NULL without an exception if that takes more. */
static PyObject *viewed(Function *f, PyObject *const *args, Py_ssize_t count, PyObject *names) {
    if (!IS_ARRAY(args[0])) return NULL;
    Array *a = (Array *)args[0];
    PyObject *memory = GIVEN(a->np) ? a->np : a->seen != Py_None && a->buffer ? settled(a) : NULL;
    PyObject *plain[MOST_ARGUMENTS];
    Py_ssize_t all = count + (names ? PyTuple_GET_SIZE(names) : 0);
    if (!memory || all > MOST_ARGUMENTS) return NULL;
    for (Py_ssize_t n = 1; n < all; n++) {
        plain[n] = args[n];
        if (PyTuple_CheckExact(args[n]) || PyList_CheckExact(args[n])) {
            for (Py_ssize_t k = 0; k < PySequence_Fast_GET_SIZE(args[n]); k++)
                if (!PyLong_CheckExact(PySequence_Fast_GET_ITEM(args[n], k))) return NULL;
        } else if (!is_number(args[n]) && args[n] != Py_None && !PyUnicode_CheckExact(args[n])) {
            return NULL;
        }
    }
    plain[0] = Py_NewRef(memory);
    PyObject *shown = PyObject_Vectorcall(f->numpy, plain, count, names), *made = NULL;
    if (shown && PyArray_CheckExact(shown)) {
        PyObject *base = PyArray_BASE((PyArrayObject *)shown);
        int is_view = base && (base == memory || base == PyArray_BASE((PyArrayObject *)memory));
        if (is_view && GIVEN(a->np)) made = view_of_local(a, Py_NewRef(shown));
        else if (is_view && a->hand == memory) made = view_of_settled(a, Py_NewRef(shown));
        else if (!base && PyArray_SIZE((PyArrayObject *)shown) <= limit(f->most)) made = wrapped(Py_NewRef(shown), 0);
    } else if (!shown && PyErr_ExceptionMatches(PyExc_Exception)) {
        PyErr_Clear();  /* it is said again */
    }
    Py_DECREF(memory);
    Py_XDECREF(shown);
    return made;
}

/* The memory of few elements that a ufunc's result may be written to at once, as a new reference; else NULL. */
static PyObject *output(PyObject *x, npy_intp few) {
    if (!IS_ARRAY(x)) return NULL;
    Array *a = (Array *)x;
    if (GIVEN(a->np)) return a->scalar == Py_False ? Py_NewRef(a->np) : NULL;
    PyObject *memory = a->locked == Py_False ? settled(a) : NULL;
    return memory && size_of(memory) <= few ? Py_NewRef(memory) : NULL;
}

/* Whether a generator of NumPy's is to draw what it is asked for: plain arguments, and numbers that are its own. */
static int is_drawn(Function *f, PyObject *const *args, Py_ssize_t all) {
    for (Py_ssize_t n = 0; n < all; n++) {
        if (is_option(args[n])) continue;
        if (!PyTuple_CheckExact(args[n])) return 0;
        for (Py_ssize_t k = 0; k < PyTuple_GET_SIZE(args[n]); k++)
            if (!PyLong_CheckExact(PyTuple_GET_ITEM(args[n], k))) return 0;
    }
    PyObject *settings = PyDict_GetItemWithError(config, s_settings);
    PyObject *whose = settings ? PyObject_GetAttr(settings, s_random) : NULL;
    int is_numpys = whose && PyUnicode_Check(whose) && PyUnicode_Compare(whose, s_numpy) == 0;
    Py_XDECREF(whose);
    PyErr_Clear();
    return is_numpys && (f->most == 1 || limit(f->most) > limit(1));  /* with `most` 2: where there are no workers */
}

/* How many arguments from the first on a function neither shows nor writes. */
static int read_by(Function *f) {
    if (f->nin == PAIRS) return 2;
    return f->nin == FOLDED ? 1 : f->nin <= READS && f->nin > PAIRS ? READS - f->nin + 1 : 0;
}

/* The most elements that a function computes at once: of one that folds all of its only argument there may be more. */
static npy_intp most_of(Function *f, Py_ssize_t all) {
    return limit(f->nin == FOLDED && all == 1 && alone_times > f->most ? alone_times : f->most);
}

/* Whether an argument is only read: one of the first ones, however it is given, but for an array to write to. */
static int is_read_at(Py_ssize_t n, int read, Py_ssize_t count, PyObject *names) {
    return n < read && (n < count || PyUnicode_CompareWithASCIIString(PyTuple_GET_ITEM(names, n - count), "out"));
}

/* Whether a function that meets each element of one argument with each of another one makes few elements. */
static int few_pairs(Function *f, PyObject **plain, Py_ssize_t count) {
    double pairs = 1;
    for (Py_ssize_t n = 0; n < count && n < 2; n++)
        if (PyArray_Check(plain[n])) pairs *= (double)size_of(plain[n]);
    return pairs <= (double)limit(f->most);
}

/* What a keyword of a ufunc's is for. */
enum { RESULT, MASK, OPTION, OTHER };

static int keyword_for(PyObject *name) {
    static const char *const options[] = {"dtype", "casting", "order", "subok"};
    if (!PyUnicode_CompareWithASCIIString(name, "out")) return RESULT;
    if (!PyUnicode_CompareWithASCIIString(name, "where")) return MASK;
    for (size_t n = 0; n < sizeof(options) / sizeof(*options); n++)
        if (!PyUnicode_CompareWithASCIIString(name, options[n])) return OPTION;
    return OTHER;
}

/* Whether a ufunc is called with its operands, with at most one array for its result, and keywords that say how. Where that
   array is among the arguments is told in `result`; -1 if there is none. */
static int is_plain_ufunc(Function *f, PyObject *const *args, Py_ssize_t count, PyObject *names, Py_ssize_t *result) {
    *result = count == f->nin + 1 ? f->nin : -1;
    if (count != f->nin && *result < 0) return 0;
    for (Py_ssize_t n = 0; names && n < PyTuple_GET_SIZE(names); n++) {
        int kind = keyword_for(PyTuple_GET_ITEM(names, n));
        if (kind == OTHER || (kind == RESULT && *result >= 0)) return 0;
        if (kind == RESULT && args[count + n] != Py_None) *result = count + n;
        if (kind == OPTION && !is_option(args[count + n])) return 0;
    }
    return 1;
}

/* Whether a ufunc's operation on elements that are there is recorded. */
static int is_chained(Function *f, PyObject *const *args, Py_ssize_t count, PyObject *names, PyObject *first) {
    return f->recorded && !names && count == f->nin &&
           begins_chain(f->recorded, f->most, first);
}

/* Whether NumPy's function failed because it was given a keyword, perhaps one of ours; then it did not fail. A ufunc that Numba
   made, say, takes no mask, which is a ValueError. */
static int is_keyword_of_ours(Function *f, PyObject *names) {
    if (!names || !PyErr_Occurred()) return 0;
    if (!PyErr_ExceptionMatches(PyExc_TypeError) && !(f->nin > 0 && PyErr_ExceptionMatches(PyExc_ValueError))) return 0;
    PyErr_Clear();
    return 1;
}

/* Whether an array shows a buffer of so many elements that what is made of parts of it may be made together. */
static int is_part_of_large(Function *f, PyObject *x) {
    if (!IS_ARRAY(x)) return 0;
    Array *a = (Array *)x;
    if (GIVEN(a->np) || !a->buffer || (PyObject *)Py_TYPE(a->buffer) != Buffer) return 0;
    return PyLong_AsSsize_t(FIELD(a->buffer, size)) > limit(f->asks);
}

/* What NumPy's function makes of elements, in `memory` of `target` if there is one; NULL without an exception if that may not
   be written to any more. */
static PyObject *by_numpy(Function *f, PyObject **plain, Py_ssize_t count, PyObject *names, PyObject *first, Array *target,
                          PyObject *memory) {
    PyObject *lock = NULL;
    if (target && !begin_writing(target, memory, size_of(memory), &lock)) return NULL;
    PyObject *before = first ? begin_warm(first) : NULL, *result = PyObject_Vectorcall(f->numpy, plain, count, names);
    end_warm(before);
    end_writing(lock);
    return result;
}

/* What a function makes that computes with no array: what an array shows, a shape, a range, data, or random numbers; NULL,
   perhaps with an exception, if that takes more. */
static PyObject *made_at_once(Function *f, PyObject *const *args, Py_ssize_t count, Py_ssize_t all, PyObject *names) {
    int is_few = f->nin == DRAWN ? is_drawn(f, args, all)
                                 : count && (f->nin != RANGE || is_range(args, count, names));
    if (!is_few) return NULL;
    if (f->nin == VIEW) return viewed(f, args, count, names);
    if (f->nin == DATA) return made_of_data(f->numpy, args, count, names);
    if (f->nin != DRAWN && made_of(args, count, all, f->nin) > limit(f->most)) return NULL;
    PyObject *result = PyObject_Vectorcall(f->numpy, args, count, names);
    return result || !is_keyword_of_ours(f, names) ? wrapped(result, 0) : NULL;
}

static PyObject *function_call(PyObject *self, PyObject *const *args, size_t flags, PyObject *names) {
    Function *f = (Function *)self;
    PyObject *plain[MOST_ARGUMENTS], *first = NULL, *made = NULL;
    int is_local = 1, has_ours = 0, read = read_by(f);
    Py_ssize_t count = PyVectorcall_NARGS(flags), all = count + (names ? PyTuple_GET_SIZE(names) : 0), n = 0, to = -1;
    if (f->most < 0) return PyObject_Vectorcall(f->general, args, flags, names);  /* never at once */
    if (f->nin == VIEW || f->nin == DRAWN || f->nin == DATA || (f->nin < 0 && f->nin > READS)) {
        made = made_at_once(f, args, count, all, names);
        if (made || PyErr_Occurred()) return made;
    } else if (all && all <= MOST_ARGUMENTS && (f->nin <= 0 || is_plain_ufunc(f, args, count, names, &to))) {
        npy_intp most = most_of(f, all);
        for (; n < all && (plain[n] = n == to ? output(args[n], most)
                                   : f->nin > 0 && n >= count && is_option(args[n]) ? Py_NewRef(args[n])
                                   : argument(f, args[n], first, most, is_read_at(n, read, count, names), &is_local, &has_ours)); n++)
            if (!first && IS_ARRAY(args[n])) first = plain[n];
        if (f->asks && !is_local && (f->nin > 0 || all > 1) && (n < all || is_part_of_large(f, args[0]))) {
            while (n--) Py_DECREF(plain[n]);
            return PyErr_Occurred() ? NULL : PyObject_Vectorcall(f->general, args, flags, names);
        }
        if (n == all && !is_local && first && is_chained(f, args, count, names, first)) {
            made = recorded(f->recorded, args[0], count > 1 ? args[1] : NULL);
            if (made || PyErr_Occurred()) {
                while (n--) Py_DECREF(plain[n]);
                return made;
            }
        }
        if (n == all && (has_ours || f->nin > 0) && (f->nin != PAIRS || few_pairs(f, plain, count))) {
            PyObject *result = by_numpy(f, plain, count, names, first, to < 0 ? NULL : (Array *)args[to], to < 0 ? NULL : plain[to]);
            int is_undone = (!result && !PyErr_Occurred()) || (!is_local && f->nin <= 0 && is_doubtful(result));
            if (is_undone || (!result && is_keyword_of_ours(f, names))) {
                Py_XDECREF(result);
                all = -1;
            } else {
                made = result ? result_of(result, args, plain, all, f->nin <= 0 && read >= all) : NULL;
            }
        } else if (!PyErr_Occurred()) {
            all = -1;
        }
        while (n--) Py_DECREF(plain[n]);
        if (all >= 0) return made;
        if (f->recorded && !names && count == f->nin) {
            made = recorded(f->recorded, args[0], count > 1 ? args[1] : NULL);
            if (made || PyErr_Occurred()) return made;
        }
    }
    return PyObject_Vectorcall(f->general, args, flags, names);
}

static PyObject *ufuncs;  /* ours, by NumPy's */

/* Whether operands are arrays of ours and numbers alone: then what NumPy's ufunc is asked for is ours. */
static int are_ours(PyObject *const *operands, Py_ssize_t count) {
    for (Py_ssize_t n = 0; n < count; n++)
        if (!IS_ARRAY(operands[n]) && !is_number(operands[n]) && !PyArray_IsScalar(operands[n], Generic)) return 0;
    return 1;
}

/* What NumPy makes of few elements that are there, its own arrays among them; NULL, perhaps with an exception. */
static PyObject *of_mixed(Function *f, PyObject *const *args, Py_ssize_t count) {
    PyObject *plain[4], *result;
    int is_small = 1, n = 0;
    if (count < 1 || count > 4) return NULL;
    for (; n < count; n++)
        if (!(plain[n] = operand(args[n], &is_small)) || result_size(plain[0], plain[n]) > limit(f->most)) return NULL;
    for (n = 0; n < count; n++) Py_INCREF(plain[n]);
    PyObject *before = begin_warm(plain[count - 1]);
    result = PyObject_Vectorcall(f->numpy, plain, count, NULL);
    end_warm(before);
    while (n--) Py_DECREF(plain[n]);
    return wrapped(result, 0);
}

static PyObject *array_ufunc(PyObject *self, PyObject *const *args, Py_ssize_t count, PyObject *names) {
    PyObject *ours = ufuncs && count > 2 ? PyDict_GetItemWithError(ufuncs, args[0]) : NULL;
    if (ours && !names && PyUnicode_Check(args[1]) && !PyUnicode_CompareWithASCIIString(args[1], "__call__")) {
        Function *f = (Function *)ours;
        if (are_ours(args + 2, count - 2)) return f->vectorcall(ours, args + 2, count - 2, NULL);
        PyObject *made = of_mixed(f, args + 2, count - 2);
        if (made || PyErr_Occurred()) return made;
    }
    Py_ssize_t all = count + (names ? PyTuple_GET_SIZE(names) : 0);
    PyObject **given = PyMem_New(PyObject *, all + 1);
    if (!given) return PyErr_NoMemory();
    given[0] = self;
    memcpy(given + 1, args, sizeof(*given) * all);
    PyObject *made = PyObject_Vectorcall(general_ufunc, given, count + 1, names);
    PyMem_Free(given);
    return made;
}

static int function_init(PyObject *self, PyObject *args, PyObject *options) {
    Function *f = (Function *)self;
    PyObject *numpy, *general, *name = NULL;
    if (!PyArg_ParseTuple(args, "OOni|Oi", &numpy, &general, &f->most, &f->nin, &name, &f->asks)) return -1;
    if (name && (f->nin == 1 || f->nin == 2) && !f->recorded) {
        f->recorded = PyMem_Calloc(1, sizeof(Operation));
        if (!f->recorded) { PyErr_NoMemory(); return -1; }
        f->recorded->name = Py_NewRef(name);
    }
    SET(f->numpy, numpy);
    SET(f->general, general);
    f->vectorcall = function_call;
    return 0;
}

static PyObject *function_bound(PyObject *self, PyObject *object, PyObject *type) {
    return object ? PyMethod_New(self, object) : Py_NewRef(self);
}

static int function_traverse(PyObject *self, visitproc visit, void *arg) {
    Function *f = (Function *)self;
    Py_VISIT(f->numpy); Py_VISIT(f->general); Py_VISIT(f->dict);
    return 0;
}

static int function_clear(PyObject *self) {
    Function *f = (Function *)self;
    Py_CLEAR(f->numpy); Py_CLEAR(f->general); Py_CLEAR(f->dict);
    return 0;
}

static void function_dealloc(PyObject *self) {
    PyObject_GC_UnTrack(self);
    if (((Function *)self)->weakrefs) PyObject_ClearWeakRefs(self);
    function_clear(self);
    Operation *o = ((Function *)self)->recorded;
    if (o) {
        Py_XDECREF(o->name);
        for (int n = 0; n < KINDS * DTYPES; n++) Py_XDECREF(o->dtypes[n / DTYPES][n % DTYPES]);
        PyMem_Free(o);
    }
    Py_TYPE(self)->tp_free(self);
}

static PyObject *function_reduce(PyObject *self, PyObject *unused) { return PyObject_GetAttrString(self, "__qualname__"); }

/* Equal to NumPy's: tables of a program's that were made of ours are asked with those that NumPy hands over. */
static PyObject *function_compared(PyObject *self, PyObject *other, int op) {
    if (op != Py_EQ && op != Py_NE) Py_RETURN_NOTIMPLEMENTED;
    return PyBool_FromLong((self == other || ((Function *)self)->numpy == other) == (op == Py_EQ));
}

static Py_hash_t function_hash(PyObject *self) { return PyObject_Hash(((Function *)self)->numpy); }

static PyMemberDef function_members[] = {
    {"__dictoffset__", T_PYSSIZET, offsetof(Function, dict), READONLY, NULL}, {NULL}};
static PyMethodDef function_methods[] = {{"__reduce__", function_reduce, METH_NOARGS, NULL}, {NULL}};
static PyGetSetDef function_attributes[] = {{"__dict__", PyObject_GenericGetDict, PyObject_GenericSetDict, NULL, NULL}, {NULL}};

static PyTypeObject FunctionType = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "ramba.lazyarray._native.Function",
    .tp_basicsize = sizeof(Function), .tp_new = PyType_GenericNew, .tp_init = function_init, .tp_dealloc = function_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL |
                Py_TPFLAGS_METHOD_DESCRIPTOR,
    .tp_vectorcall_offset = offsetof(Function, vectorcall), .tp_call = PyVectorcall_Call, .tp_descr_get = function_bound,
    .tp_traverse = function_traverse, .tp_clear = function_clear, .tp_dictoffset = offsetof(Function, dict),
    .tp_weaklistoffset = offsetof(Function, weakrefs), .tp_members = function_members, .tp_methods = function_methods,
    .tp_getset = function_attributes, .tp_richcompare = function_compared, .tp_hash = function_hash};
