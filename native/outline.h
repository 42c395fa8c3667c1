/* The key of a graph: what `graph.outline` writes down, as numbers. NULL without an exception for what has rare parts. */

enum { MOST_NODES = 1024, PLACES = 2048, MOST_VALUES = 128, WORDS = 1024 };
enum { IS_MAP = 1, IS_STORED, IS_UPDATE, IS_REDUCE, IS_FILL, IS_EMPTY, IS_INDEX };

static PyObject *Outline, *Reduce, *Fill, *Empty, *Index, *operation_numbers;

typedef struct { char bytes[16]; int dtype; } Bits;

typedef struct {
    npy_int64 *words, room[WORDS];
    Py_ssize_t count, most;
    PyObject *nodes[MOST_NODES];
    short places[PLACES]; /* 1 + the number of a node, found by its address */
    int found;
    PyObject *storages[MOST_VALUES], *stored, *free, *scalars;
    Bits bits[MOST_VALUES];
    int is_rare;
} Walk;

static void word(Walk *w, npy_int64 value) {
    if (w->count == w->most) {
        npy_int64 *more = PyMem_Malloc(2 * w->most * sizeof(*more));
        if (!more) { w->is_rare = 1; w->count = 0; return; }
        memcpy(more, w->words, w->count * sizeof(*more));
        if (w->words != w->room) PyMem_Free(w->words);
        w->words = more;
        w->most *= 2;
    }
    w->words[w->count++] = value;
}

/* The numbers in a tuple, and how many there are. */
static void numbers_in(Walk *w, PyObject *numbers) {
    Py_ssize_t count = PyTuple_GET_SIZE(numbers);
    word(w, count);
    for (Py_ssize_t n = 0; n < count; n++) word(w, PyLong_AsSsize_t(PyTuple_GET_ITEM(numbers, n)));
}

static void viewed_by(Walk *w, PyObject *view) {
    word(w, PyLong_AsSsize_t(PyTuple_GET_ITEM(view, 0)));
    numbers_in(w, PyTuple_GET_ITEM(view, 1));
    numbers_in(w, PyTuple_GET_ITEM(view, 2));
}

/* A dtype by its number; only NumPy's own, in this machine's byte order. */
static int typed(Walk *w, PyObject *dtype) {
    int number = own_dtype((PyArray_Descr *)dtype);
    if (number < 0 || number == NPY_OBJECT || PyDataType_ELSIZE((PyArray_Descr *)dtype) > 16) { w->is_rare = 1; return 0; }
    word(w, number);
    return number;
}

/* The number of an operation, the same whenever its name is. */
static void named(Walk *w, PyObject *name) {
    PyObject *number = PyDict_GetItemWithError(operation_numbers, name);
    if (!number) {
        PyObject *next = PyLong_FromSsize_t(PyDict_GET_SIZE(operation_numbers));
        if (!next || PyDict_SetItem(operation_numbers, name, next)) w->is_rare = 1;
        Py_XDECREF(next);
        number = w->is_rare ? NULL : PyDict_GetItemWithError(operation_numbers, name);
    }
    word(w, number ? PyLong_AsSsize_t(number) : -1);
}

/* The number of a node; one that was not met before is visited later. */
static void placed(Walk *w, PyObject *node) {
    size_t slot = ((size_t)node >> 4) * 2654435761u % PLACES;
    while (w->places[slot] && w->nodes[w->places[slot] - 1] != node) slot = (slot + 1) % PLACES;
    if (!w->places[slot]) {
        if (w->found == MOST_NODES) { w->is_rare = 1; return; }
        w->nodes[w->found++] = node;
        w->places[slot] = w->found;
    }
    word(w, w->places[slot] - 1);
}

/* The number of the dtype that stands for all that are equal: C has two names for one of its integers. */
static int equal_dtype(int number) {
    if (number == NPY_LONG && sizeof(long) == sizeof(int)) return NPY_INT;
    if (number == NPY_ULONG && sizeof(long) == sizeof(int)) return NPY_UINT;
    if (number == NPY_LONGLONG && sizeof(long long) == sizeof(long)) return NPY_LONG;
    if (number == NPY_ULONGLONG && sizeof(long long) == sizeof(long)) return NPY_ULONG;
    return number;
}

/* A negative number, the same for all scalars of the same bits; without a scalar: for zero. */
static void scalar_placed(Walk *w, PyObject *value, PyObject *dtype) {
    Bits bits = {{0}, -1};
    PyArray_Descr *own = NULL;
    if (value && (!PyArray_IsScalar(value, Generic) || !(own = PyArray_DescrFromScalar(value)))) { w->is_rare = 1; return; }
    bits.dtype = equal_dtype(own_dtype(value ? own : (PyArray_Descr *)dtype));
    int is_number = PyTypeNum_ISNUMBER(bits.dtype) || PyTypeNum_ISBOOL(bits.dtype);
    int is_plain = is_number && bits.dtype != NPY_LONGDOUBLE && PyDataType_ELSIZE(value ? own : (PyArray_Descr *)dtype) <= 16;
    Py_XDECREF(own);
    if (!is_plain) { w->is_rare = 1; return; }
    if (value) PyArray_ScalarAsCtype(value, bits.bytes);
    Py_ssize_t n = 0, count = PyList_GET_SIZE(w->scalars);
    while (n < count && memcmp(&w->bits[n], &bits, sizeof(bits))) n++;
    if (n == count) {
        PyObject *kept = value ? Py_NewRef(value) : PyArray_Scalar(bits.bytes, (PyArray_Descr *)dtype, NULL);
        if (count == MOST_VALUES || !kept || PyList_Append(w->scalars, kept)) { Py_XDECREF(kept); w->is_rare = 1; return; }
        Py_DECREF(kept);
        w->bits[n] = bits;
        word(w, bits.dtype);
    }
    word(w, ~n);
}

static void reads(Walk *w, PyObject *arg) {
    if ((PyObject *)Py_TYPE(arg) == Ref) {
        placed(w, PyTuple_GET_ITEM(arg, 0));
        viewed_by(w, PyTuple_GET_ITEM(arg, 1));
    } else {
        scalar_placed(w, PyTuple_GET_ITEM(arg, 0), NULL);
    }
}

/* A value in memory: which one, and whether it may be written over; see `Storage.holders`. */
static void stored_by(Walk *w, PyObject *node) {
    PyObject *storage = PyTuple_GET_ITEM(node, 0);
    Py_ssize_t n = 0, count = PyList_GET_SIZE(w->stored);
    if ((PyObject *)Py_TYPE(storage) != StorageType) { w->is_rare = 1; return; }
    while (n < count && w->storages[n] != storage) n++;
    if (n == count) {
        PyObject *token = IN_STORAGE(storage, token);
        PyObject *borrowed = IN_STORAGE(storage, borrowed);
        PyObject *is_free = token && borrowed == Py_False && Py_REFCNT(token) == 1 ? Py_True : Py_False;
        if (count == MOST_VALUES || PyList_Append(w->stored, node) || PyList_Append(w->free, is_free)) { w->is_rare = 1; return; }
        w->storages[n] = storage;
    }
    word(w, n);
    word(w, PyList_GET_ITEM(w->free, n) == Py_True);
}

static void visited(Walk *w, PyObject *node) {
    PyObject *kind = (PyObject *)Py_TYPE(node);
    if (!PyTuple_Check(node)) { w->is_rare = 1; return; }
    Py_ssize_t last = PyTuple_GET_SIZE(node) - 1;
    PyObject *const *parts = &PyTuple_GET_ITEM(node, 0), *dtype = last > 0 ? parts[last - 1] : NULL;
    if (kind == Map) {
        Py_ssize_t count = PyTuple_GET_SIZE(parts[2]);
        word(w, IS_MAP);
        named(w, parts[0]);
        word(w, PyLong_AsSsize_t(parts[1]));
        word(w, count);
        for (Py_ssize_t n = 0; n < count; n++) reads(w, PyTuple_GET_ITEM(parts[2], n));
    } else if (kind == Stored) {
        word(w, IS_STORED);
        stored_by(w, node);
    } else if (kind == Update) {
        word(w, IS_UPDATE);
        placed(w, parts[0]);
        viewed_by(w, parts[1]);
        reads(w, parts[2]);
        scalar_placed(w, NULL, dtype);
    } else if (kind == Reduce) {
        word(w, IS_REDUCE);
        named(w, parts[0]);
        reads(w, parts[1]);
        numbers_in(w, parts[2]);
    } else if (kind == Fill) {
        word(w, IS_FILL);
        scalar_placed(w, parts[0], NULL);
    } else if (kind == Empty) {
        word(w, IS_EMPTY);
        scalar_placed(w, NULL, dtype);
    } else if (kind == Index) {
        word(w, IS_INDEX);
    } else {
        w->is_rare = 1;
        return;
    }
    typed(w, dtype);
    numbers_in(w, parts[last]);
}

/* outline(roots): as the function in Python, whose place it takes; None for a graph with rare parts */
static PyObject *outline(PyObject *module, PyObject *roots) {
    Walk w;
    PyObject *made = NULL, *key = NULL;
    w.words = w.room;
    w.most = WORDS;
    w.count = w.found = w.is_rare = 0;
    memset(w.places, 0, sizeof(w.places));
    w.stored = PyList_New(0);
    w.free = PyList_New(0);
    w.scalars = PyList_New(0);
    if (!PyList_Check(roots) || !w.stored || !w.free || !w.scalars) w.is_rare = 1;
    for (Py_ssize_t n = 0; !w.is_rare && n < PyList_GET_SIZE(roots); n++) placed(&w, PyList_GET_ITEM(roots, n));
    for (int n = 0; !w.is_rare && n < w.found; n++) visited(&w, w.nodes[n]);
    if (PyErr_Occurred()) { PyErr_Clear(); w.is_rare = 1; }
    if (!w.is_rare) key = PyBytes_FromStringAndSize((char *)w.words, w.count * sizeof(*w.words));
    if (key) made = ((PyTypeObject *)Outline)->tp_alloc((PyTypeObject *)Outline, 4);
    if (made) {
        PyTuple_SET_ITEM(made, 0, Py_NewRef(key));
        PyTuple_SET_ITEM(made, 1, Py_NewRef(w.stored));
        PyTuple_SET_ITEM(made, 2, Py_NewRef(w.free));
        PyTuple_SET_ITEM(made, 3, Py_NewRef(w.scalars));
    }
    if (w.words != w.room) PyMem_Free(w.words);
    Py_XDECREF(key); Py_XDECREF(w.stored); Py_XDECREF(w.free); Py_XDECREF(w.scalars);
    return made || PyErr_Occurred() ? made : Py_NewRef(Py_None);
}
