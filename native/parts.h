/* Parts of arrays whose value is pending, and what is assigned to parts: views and updates as `core` and `Engine.assign` make them. */

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
    Py_ssize_t kept = ndim - count;  /* axes that no part of the key is for */
    for (Py_ssize_t n = 0; n < count; n++) kept += parts[n] == Py_None;
    if (kept < 0 || count > NPY_MAXDIMS - ndim) return NULL;
    for (Py_ssize_t n = 0, axis = 0; n < count + kept; n++) {
        PyObject *part = n < count ? parts[n] : NULL;
        if (part == Py_None) {
            shape[dims] = 1;
            strides[dims++] = 0;
            continue;
        }
        npy_intp extent = PyLong_AsSsize_t(PyTuple_GET_ITEM(extents, axis)), stride = PyLong_AsSsize_t(PyTuple_GET_ITEM(steps, axis));
        axis++;
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
