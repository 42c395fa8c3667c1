/* Elements and parts of arrays that are there, read and written. */

static Py_ssize_t length(PyObject *self) {
    PyObject *memory = memory_of(self);
    if (memory) {
        Py_ssize_t found = PyObject_Length(memory);
        Py_DECREF(memory);
        return found;
    }
    PyObject *told = PyObject_CallOneArg(forward[LENGTH], self);
    Py_ssize_t found = told ? PyLong_AsSsize_t(told) : -1;
    Py_XDECREF(told);
    return found;
}

/* Whether a key is made of numbers, slices, None and ... alone, which NumPy takes as they are. */
static int is_simple_part(PyObject *x) {
    return PyLong_CheckExact(x) || PySlice_Check(x) || x == Py_None || x == Py_Ellipsis || PyArray_IsScalar(x, Integer);
}

/* Somebody who wants to know is told of every so many elements that are read or written one by one. */
static PyObject *watcher = NULL;
static Py_ssize_t watched_each = 0, unwatched = PY_SSIZE_T_MAX;  /* counted always: to ask whether to count takes longer */

static void tell_watcher(void) {
    unwatched = watched_each ? watched_each : PY_SSIZE_T_MAX;
    if (!watched_each) return;
    PyObject *told = PyObject_CallNoArgs(watcher);
    if (!told) PyErr_WriteUnraisable(watcher);
    Py_XDECREF(told);
}

static int is_place(PyObject *key) {
    if (!PyTuple_CheckExact(key)) return PyLong_CheckExact(key) || PyArray_IsScalar(key, Integer);
    for (Py_ssize_t n = 0; n < PyTuple_GET_SIZE(key); n++)
        if (!is_place(PyTuple_GET_ITEM(key, n))) return 0;
    return 1;
}

/* watch(function, each): the function is called for every `each`-th element; for none, if it is None */
static PyObject *watch(PyObject *module, PyObject *args) {
    PyObject *function;
    Py_ssize_t each;
    if (!PyArg_ParseTuple(args, "On", &function, &each)) return NULL;
    SET(watcher, function);
    watched_each = function == Py_None ? 0 : each;
    unwatched = watched_each ? watched_each : PY_SSIZE_T_MAX;
    Py_RETURN_NONE;
}

static int is_simple(PyObject *key) {
    if (!PyTuple_CheckExact(key)) return is_simple_part(key);
    for (Py_ssize_t n = 0; n < PyTuple_GET_SIZE(key); n++)
        if (!is_simple_part(PyTuple_GET_ITEM(key, n))) return 0;
    return 1;
}

/* A key as NumPy takes it, as a new reference, and how many elements its index arrays pick (0: there are none);
   NULL without an exception if it has parts that need more than a look. */
static PyObject *plain_key(PyObject *key, PyArrayObject *memory, npy_intp *picked) {
    *picked = 0;
    if (is_simple(key)) return Py_NewRef(key);
    int several = PyTuple_CheckExact(key), ignored = 1, axis = 0;
    npy_intp beside = 1;  /* elements of the axes that no index array stands for */
    Py_ssize_t count = several ? PyTuple_GET_SIZE(key) : 1;
    PyObject *made = PyTuple_New(count);
    for (Py_ssize_t n = 0; made && n < count; n++) {
        PyObject *part = several ? PyTuple_GET_ITEM(key, n) : key;
        if (!is_simple_part(part)) {
            part = IS_ARRAY(part) ? operand(part, &ignored) : NULL;
            if (!part || !PyArray_NDIM((PyArrayObject *)part)) { Py_CLEAR(made); break; }
            if (size_of(part) > *picked) *picked = size_of(part);
            if (!*picked) *picked = 1;
            axis += PyArray_ISBOOL((PyArrayObject *)part) ? PyArray_NDIM((PyArrayObject *)part) : 1;
        } else if (part != Py_None && part != Py_Ellipsis) {
            if (PySlice_Check(part) && axis < PyArray_NDIM(memory)) beside *= PyArray_DIM(memory, axis);
            axis++;
        }
        PyTuple_SET_ITEM(made, n, Py_NewRef(part));
    }
    if (!made) { PyErr_Clear(); return NULL; }
    for (; axis < PyArray_NDIM(memory); axis++) beside *= PyArray_DIM(memory, axis);
    if (*picked) *picked = beside && *picked > NPY_MAX_INTP / beside ? NPY_MAX_INTP : *picked * beside;
    if (*picked < 1 && beside < 1) *picked = 1;  /* of nothing */
    if (!several) Py_SETREF(made, Py_NewRef(PyTuple_GET_ITEM(made, 0)));
    return made;
}

static PyObject *subscript(PyObject *self, PyObject *key) {
    Array *a = (Array *)self;
    int is_local = IS_ARRAY(self) && GIVEN(a->np);
    PyObject *memory = !IS_ARRAY(self) ? NULL : is_local ? a->np : settled(a);
    if (memory) {
        npy_intp picked;
        PyObject *plain = plain_key(key, (PyArrayObject *)memory, &picked);
        if (plain && (!picked || picked <= limit(most[GETITEM]))) {
            Py_INCREF(memory);  /* a number in a slice may run Python */
            PyObject *before = picked > SMALLEST / 8 ? begin_warm(memory) : NULL, *shown = PyObject_GetItem(memory, plain);
            end_warm(before);
            int changed = shown && (is_local ? a->np : a->hand) != memory;
            Py_DECREF(memory);
            Py_DECREF(plain);
            if (!shown || !PyArray_CheckExact(shown)) {
                if (--unwatched <= 0 && shown) tell_watcher();
                return shown;
            }
            if (picked) return wrapped(shown, 0);
            PyObject *made = changed ? NULL : is_local ? view_of_local(a, shown) : view_of_settled(a, shown);
            if (made || PyErr_Occurred()) return made;
        } else {
            Py_XDECREF(plain);
        }
    }
    if (IS_ARRAY(self) && !memory) {
        PyObject *made = part_of_pending(a, key);
        if (made || PyErr_Occurred()) return made;
    }
    return call2(forward[GETITEM], self, key);
}

/* The memory of an array that `count` elements may be written to at once, borrowed; else NULL. */
static PyObject *target(Array *a, npy_intp count, Py_ssize_t few) {
    if (GIVEN(a->np)) return count <= PyArray_SIZE((PyArrayObject *)a->np) ? a->np : NULL;
    return a->locked == Py_False && count <= few ? settled(a) : NULL;
}

static int is_element(PyObject *memory, PyObject *key) {
    return is_place(key) && PyArray_NDIM((PyArrayObject *)memory) == (PyTuple_CheckExact(key) ? PyTuple_GET_SIZE(key) : 1);
}

/* Writes what a plain key shows or picks of settled memory: 1 if NumPy did it, -1 if it refused to, 0 if it may not. */
static int written(Array *a, PyObject *memory, PyObject *key, npy_intp picked, PyObject *new, Py_ssize_t few) {
    int is_whole = picked <= few && (GIVEN(a->np) || picked || PyArray_SIZE((PyArrayObject *)memory) <= few);
    if (!is_whole && picked) return 0;
    PyObject *lock, *shown = is_whole ? NULL : PyObject_GetItem(memory, key);  /* few of many elements? */
    if (!is_whole && !shown) return -1;
    npy_intp count = shown ? size_of(shown) : picked ? picked : is_element(memory, key) ? 1 : PyArray_SIZE((PyArrayObject *)memory);
    int done = 0;
    if ((is_whole || count <= few) && begin_writing(a, memory, count, &lock)) {
        int failed = shown && PyArray_CheckExact(shown) ? PyArray_CopyObject((PyArrayObject *)shown, new)
                                                        : PyObject_SetItem(memory, key, new);
        end_writing(lock);
        done = failed ? -1 : 1;
    } else if (PyErr_Occurred()) {
        done = -1;
    }
    Py_XDECREF(shown);
    return done;
}

static int assign(PyObject *self, PyObject *key, PyObject *value) {
    Array *a = (Array *)self;
    int is_small = 1;
    PyObject *new = value && IS_ARRAY(self) && a->scalar == Py_False ? operand(value, &is_small) : NULL;
    Py_ssize_t few = new ? limit(most[SETITEM]) : 0;
    PyObject *memory = new ? target(a, size_of(new), few) : NULL;
    npy_intp picked;
    if (memory && IS_ARRAY(value) && PyArray_TYPE((PyArrayObject *)memory) == NPY_OBJECT) memory = NULL;  /* it may be an element */
    PyObject *plain = memory ? plain_key(key, (PyArrayObject *)memory, &picked) : NULL;
    if (plain) {
        Py_INCREF(memory); Py_INCREF(new);
        int is_done = written(a, memory, plain, picked, new, few);
        Py_DECREF(memory); Py_DECREF(new); Py_DECREF(plain);
        if (is_done) {
            if (--unwatched <= 0 && is_done > 0 && !IS_ARRAY(value) && !PyArray_Check(value) && is_place(key)) tell_watcher();
            return is_done > 0 ? 0 : -1;
        }
    }
    if (value && !new && IS_ARRAY(self)) {
        int is_done = assigned_part(a, key, value);
        if (is_done) return is_done > 0 ? 0 : -1;
    }
    PyObject *args[] = {self, key, value};
    PyObject *told = value ? PyObject_Vectorcall(forward[SETITEM], args, 3, NULL) : call2(forward[DELITEM], self, key);
    Py_XDECREF(told);
    return told ? 0 : -1;
}

/* x[n] as Python's own iterators ask for it: a view of a row, or an element. */
static PyObject *item(PyObject *self, Py_ssize_t n) {
    Array *a = (Array *)self;
    PyObject *memory = IS_ARRAY(self) ? memory_of(self) : NULL;
    if (memory && PyArray_CheckExact(memory) && PyArray_NDIM((PyArrayObject *)memory)) {
        PyObject *shown = Py_TYPE(memory)->tp_as_sequence->sq_item(memory, n);
        Py_DECREF(memory);
        if (!shown || !PyArray_CheckExact(shown)) {
            if (--unwatched <= 0 && shown) tell_watcher();
            return shown;
        }
        PyObject *made = GIVEN(a->np) ? view_of_local(a, shown) : view_of_settled(a, shown);
        if (made || PyErr_Occurred()) return made;
    } else {
        Py_XDECREF(memory);
    }
    PyObject *key = PyLong_FromSsize_t(n), *found = key ? subscript(self, key) : NULL;
    Py_XDECREF(key);
    return found;
}
