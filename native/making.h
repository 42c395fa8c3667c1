/* What makes arrays of a shape, a range of numbers, or of what somebody has: at once, if few elements are made. */

enum { SHAPE = -1, RANGE = -2, EXTENTS = -3, DATA = -11 };

#define MOST_ITEMS 4096   /* of lists that are looked through */
#define MOST_SEARCHED 32  /* items of a list of numbers; see `sequences.py` */

/* A list or tuple with NumPy's arrays in the place of ours; NULL without an exception if it holds anything else, or more
   than few elements that are not local. */
static PyObject *plain_sequence(PyObject *x, npy_intp few, int *is_local, int *has_ours) {
    Py_ssize_t count = PySequence_Fast_GET_SIZE(x);
    if (count > MOST_SEARCHED && PyList_CheckExact(x) && is_number(PySequence_Fast_GET_ITEM(x, 0))) return Py_NewRef(x);
    PyObject *made = PyTuple_CheckExact(x) ? PyTuple_New(count) : PyList_New(count);
    int is_other = 0;
    for (Py_ssize_t n = 0; made && n < count; n++) {
        PyObject *item = PySequence_Fast_GET_ITEM(x, n);
        if (IS_ARRAY(item)) {
            Array *a = (Array *)item;
            item = GIVEN(a->np) ? a->np : few ? operand(item, is_local) : NULL;
            if (item && item != a->np && (few -= size_of(item)) < 0) item = NULL;
            *has_ours = is_other = 1;
        } else if (!is_number(item) && item != Py_None && !PyUnicode_CheckExact(item)) item = NULL;
        if (!item) { Py_CLEAR(made); break; }
        if (PyTuple_CheckExact(x)) PyTuple_SET_ITEM(made, n, Py_NewRef(item));
        else PyList_SET_ITEM(made, n, Py_NewRef(item));
    }
    if (!made) PyErr_Clear();
    else if (!is_other) { Py_DECREF(made); return Py_NewRef(x); }  /* NumPy may give it back */
    return made;
}

/* Whether an argument says nothing of how many elements are made. */
static int is_option(PyObject *x) {
    return is_number(x) || x == Py_None || PyUnicode_CheckExact(x) || PyType_Check(x) || PyArray_DescrCheck(x);
}

/* Whether a range is asked for by at most three numbers, and perhaps a dtype. */
static int is_range(PyObject *const *args, Py_ssize_t count, PyObject *names) {
    if (count > 3 || (names && PyTuple_GET_SIZE(names) > 1)) return 0;
    if (names && (PyUnicode_CompareWithASCIIString(PyTuple_GET_ITEM(names, 0), "dtype") || !is_option(args[count]))) return 0;
    for (Py_ssize_t n = 0; n < count; n++)
        if (!PyLong_CheckExact(args[n]) && !PyFloat_CheckExact(args[n])) return 0;
    return 1;
}

/* How many numbers a range has, about. */
static double range_size(PyObject *const *args, Py_ssize_t count) {
    double given[3] = {0, 0, 1};
    for (Py_ssize_t n = 0; n < count; n++)
        given[n] = PyLong_CheckExact(args[n]) ? PyLong_AsDouble(args[n]) : PyFloat_AS_DOUBLE(args[n]);
    PyErr_Clear();  /* of numbers that are too large: NumPy refuses them */
    if (count == 1) { given[1] = given[0]; given[0] = 0; }
    return fabs((given[1] - given[0]) / given[2]) + 1;
}

/* The most elements that a function makes of a shape, a range, or one or two extents; else many, as where a range of reals, or
   of a dtype that is given, has more than the eager size: those are fused. */
static npy_intp made_of(PyObject *const *args, Py_ssize_t count, Py_ssize_t all, int kind) {
    double size = 1, largest = 0;
    if (kind == RANGE) {
        int is_fused = all > count;  /* of another dtype */
        for (Py_ssize_t n = 0; n < count; n++) is_fused |= PyFloat_CheckExact(args[n]);
        size = range_size(args, count);
        if (is_fused && size > (double)limit(1)) return NPY_MAX_INTP;
        all = 0;
    } else if (kind == SHAPE && PyTuple_CheckExact(args[0])) {
        for (Py_ssize_t n = 0; n < PyTuple_GET_SIZE(args[0]); n++) {
            PyObject *extent = PyTuple_GET_ITEM(args[0], n);
            if (!PyLong_CheckExact(extent)) return NPY_MAX_INTP;
            size *= fabs(PyLong_AsDouble(extent));
        }
    }
    for (Py_ssize_t n = 0; n < all; n++) {
        if (!n && kind == SHAPE && PyTuple_CheckExact(args[0])) continue;
        if (!(n ? is_option(args[n]) : PyLong_CheckExact(args[n]))) return NPY_MAX_INTP;
        if (!PyLong_CheckExact(args[n]) || (n && kind == SHAPE)) continue;
        double number = fabs(PyLong_AsDouble(args[n]));
        if (!n) size = number;
        largest = number > largest ? number : largest;
    }
    PyErr_Clear();  /* of numbers that are too large */
    if (kind == EXTENTS) size *= largest;
    return size < 1e9 ? (npy_intp)size : NPY_MAX_INTP;  /* many, too, if it is no number */
}

/* How many items nested lists of numbers have; more than `most` if they have more, or hold anything else. */
static Py_ssize_t items_of(PyObject *x, Py_ssize_t most) {
    Py_ssize_t size = 0;
    for (Py_ssize_t n = 0; n < PySequence_Fast_GET_SIZE(x) && size <= most; n++) {
        PyObject *item = PySequence_Fast_GET_ITEM(x, n);
        if (PyList_CheckExact(item) || PyTuple_CheckExact(item)) {
            if (Py_EnterRecursiveCall(" while looking through a list")) return PyErr_Clear(), most + 1;
            size += items_of(item, most - size);
            Py_LeaveRecursiveCall();
        } else if (is_number(item) || PyArray_IsScalar(item, Generic) || PyUnicode_CheckExact(item)) size++;
        else return most + 1;
    }
    return size;
}

/* What NumPy makes of numbers, lists of them, or an array of few elements that is there; NULL, perhaps with an exception, if
   that takes more: it shares memory, or fails. */
static PyObject *made_of_data(PyObject *numpy, PyObject *const *args, Py_ssize_t count, PyObject *names) {
    static const char *const known[] = {"dtype", "copy", "order", "ndmin", "subok"};
    PyObject *x = args[0], *memory = x, *plain[8], *made = NULL;
    int is_shared = 0;  /* `copy=False` of an array of NumPy's */
    Py_ssize_t named = names ? PyTuple_GET_SIZE(names) : 0, most = limit(1) < MOST_ITEMS ? limit(1) : MOST_ITEMS;
    if (count + named > 8) return NULL;
    for (Py_ssize_t n = 1; n < count + named; n++)
        if (!is_option(plain[n] = args[n])) return NULL;
    for (Py_ssize_t n = 0; n < named; n++) {
        size_t k = 0;
        while (k < 5 && PyUnicode_CompareWithASCIIString(PyTuple_GET_ITEM(names, n), known[k])) k++;
        if (k == 5) return NULL;
        if (k == 1 && args[count + n] == Py_False) is_shared = 1;
    }
    if (IS_ARRAY(x) || PyArray_CheckExact(x)) {
        int is_local = 1;
        memory = operand(x, &is_local);
        if (!memory || size_of(memory) > limit(1)) return NULL;
    } else if (PyList_CheckExact(x) || PyTuple_CheckExact(x)) {
        if (PySequence_Fast_GET_SIZE(x) && IS_ARRAY(PySequence_Fast_GET_ITEM(x, 0))) {
            int is_local = 1, has_ours = 0;
            memory = made = plain_sequence(x, limit(1), &is_local, &has_ours);
            if (!made) return NULL;
        } else if (items_of(x, most) > most) return NULL;
    } else if (!is_number(x) && !PyArray_IsScalar(x, Generic) && !PyUnicode_CheckExact(x)) {
        return NULL;
    }
    plain[0] = Py_NewRef(memory);
    Py_CLEAR(made);
    PyObject *result = PyObject_Vectorcall(numpy, plain, count, names);
    if (!result && PyErr_ExceptionMatches(PyExc_Exception)) PyErr_Clear();  /* it is said again */
    else if (result == memory && IS_ARRAY(x)) made = Py_NewRef(x);
    else if (result == x && !is_shared && PyArray_TYPE((PyArrayObject *)x) != NPY_OBJECT)
        made = wrapped(PyArray_NewCopy((PyArrayObject *)x, NPY_KEEPORDER), 0);
    else if (result && result != memory && PyArray_CheckExact(result) && !PyArray_BASE((PyArrayObject *)result) &&
             PyArray_TYPE((PyArrayObject *)result) != NPY_OBJECT)  /* else it may hold arrays */
        made = wrapped(Py_NewRef(result), 0);
    Py_XDECREF(result);
    Py_DECREF(memory);
    return made;
}
