/* Arrays made, their elements looked at, and what NumPy made as ours. */

/* Arrays that are gone, to be used again: making one takes as long as NumPy needs to make a view. */
enum { MOST_FREE = 64 };
static Array *free_arrays[MOST_FREE];
static int free_count;

static Array *new_array(void) {
    PyTypeObject *type = (PyTypeObject *)array_type;
    if (!free_count) {
        PyObject *fresh = type->tp_alloc(type, 0);
        if (fresh && PyType_IS_GC(type)) PyObject_GC_UnTrack(fresh);  /* NumPy's arrays do not take part in cycles either */
        return (Array *)fresh;
    }
    Array *made = free_arrays[--free_count];
    memset((char *)made + sizeof(PyObject), 0, sizeof(Array) - sizeof(PyObject));
    return (Array *)PyObject_Init((PyObject *)made, type);
}

/* An array whose memory is this NumPy array, which is given away. */
static PyObject *local_of(PyObject *memory) {
    Array *made = new_array();
    if (!made) { Py_DECREF(memory); return NULL; }
    made->np = memory;
    made->base = Py_NewRef(Py_None);
    made->scalar = Py_NewRef(Py_False);
    return (PyObject *)made;
}

/* NumPy's result as ours; the reference is given away. */
static PyObject *wrapped(PyObject *result, int is_small) {
    if (!result || !PyArray_CheckExact(result)) {
        if (result && PyTuple_CheckExact(result)) Py_SETREF(result, PyObject_CallOneArg(finished, result));
        return result;
    }
    if (!PyArray_BASE((PyArrayObject *)result) && (is_small || PyArray_SIZE((PyArrayObject *)result) <= limit(1)))
        return local_of(result);
    PyObject *made = PyObject_CallOneArg(finished, result);
    Py_DECREF(result);
    return made;
}

/* The memory of what is settled, borrowed; NULL without an exception if that takes more than a look. */
static PyObject *settled(Array *a) {
    if (!GIVEN(a->hand)) return NULL;
    if (a->seen == Py_None) return a->hand;
    if (!a->buffer || !a->seen || (PyObject *)Py_TYPE(a->buffer) != Buffer) return NULL;
    return FIELD(a->buffer, memory) == a->seen ? a->hand : NULL;
}

/* Whether a settled value may be changed where it lies; see Buffer.exclusive. */
static int is_exclusive(Array *a) {
    if (a->seen == Py_None) return 1;
    PyObject *node = FIELD(a->buffer, node), *storage = (PyObject *)Py_TYPE(node) == Stored ? PyTuple_GET_ITEM(node, 0) : NULL;
    if (!storage || (PyObject *)Py_TYPE(storage) != StorageType || Py_REFCNT(node) != 1 || Py_REFCNT(storage) != 1) return 0;
    PyObject *block = IN_STORAGE(storage, block);
    /* the token is the storage's and that of the buffer which holds it */
    return (PyObject *)Py_TYPE(block) == Block && IN_STORAGE(storage, borrowed) == Py_False &&
           IN_STORAGE(storage, loan) == Py_None && Py_REFCNT(IN_STORAGE(storage, token)) == 2;
}

/* The elements of an operand that NumPy may read at once, borrowed; NULL if it is none, or not there. */
static PyObject *operand(PyObject *x, int *is_local) {
    if (IS_ARRAY(x)) {
        Array *a = (Array *)x;
        if (GIVEN(a->np)) return a->np;
        *is_local = 0;
        return settled(a);
    }
    if (is_number(x) || PyArray_IsScalar(x, Generic)) return x;
    if (PyArray_CheckExact(x)) { *is_local = 0; return x; }
    return NULL;
}

/* The memory of an array that is there, as a new reference; NULL without an exception if it is not. */
static PyObject *memory_of(PyObject *self) {
    PyObject *memory = GIVEN(((Array *)self)->np) ? ((Array *)self)->np : settled((Array *)self);
    return Py_XNewRef(memory);
}

/* A view of a local array that NumPy made of its memory, which is given away. */
static PyObject *view_of_local(Array *a, PyObject *shown) {
    PyObject *base = PyArray_BASE((PyArrayObject *)shown);
    if (base && (base == a->np || base == PyArray_BASE((PyArrayObject *)a->np))) {
        Array *made = (Array *)local_of(shown);
        if (made) SET(made->base, GIVEN(a->base) ? a->base : (PyObject *)a);
        return (PyObject *)made;
    }
    PyObject *made = call2(view_of_memory, (PyObject *)a, shown);
    Py_DECREF(shown);
    return made;
}

static PyObject *s__buffer;

/* See `settled_view`; what NumPy made is given away. An array that only has elements gets a buffer for them. */
static PyObject *view_of_settled(Array *a, PyObject *shown) {
    if (a->seen == Py_None) Py_XDECREF(PyObject_GetAttr((PyObject *)a, s__buffer));
    Array *made = a->seen != Py_None && a->buffer ? new_array() : NULL;
    if (!made) { Py_DECREF(shown); return NULL; }
    int writable = PyArray_ISWRITEABLE((PyArrayObject *)shown) && a->locked == Py_False;
    made->hand = shown;
    made->np = Py_NewRef(Py_None);
    made->seen = Py_NewRef(a->seen);
    made->buffer = Py_NewRef(a->buffer);
    made->part = Py_XNewRef(a->part);
    made->base = Py_NewRef(GIVEN(a->base) ? a->base : (PyObject *)a);
    made->locked = Py_NewRef(writable ? Py_False : Py_True);
    made->scalar = Py_NewRef(Py_False);
    return (PyObject *)made;
}
