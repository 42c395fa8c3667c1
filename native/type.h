/* The type of arrays: the short ways, and functions in Python for everything else. */

static void array_dealloc(PyObject *self) {
    Array *a = (Array *)self;
    PyTypeObject *type = Py_TYPE(self);
    if (PyType_IS_GC(type)) PyObject_GC_UnTrack(self);  /* first: what follows may begin a collection */
    if (a->weakrefs) PyObject_ClearWeakRefs(self);
    Py_XDECREF(a->np); Py_XDECREF(a->hand); Py_XDECREF(a->seen); Py_XDECREF(a->buffer); Py_XDECREF(a->view);
    Py_XDECREF(a->part); Py_XDECREF(a->base); Py_XDECREF(a->locked); Py_XDECREF(a->scalar);
    if (IS_ARRAY(self) && free_count < MOST_FREE) free_arrays[free_count++] = a;
    else type->tp_free(self);
    if (type->tp_flags & Py_TPFLAGS_HEAPTYPE) Py_DECREF(type);
}

static PyMemberDef array_members[] = {
    {"_np", T_OBJECT_EX, offsetof(Array, np), 0, NULL},
    {"_hand", T_OBJECT_EX, offsetof(Array, hand), 0, NULL},
    {"_seen", T_OBJECT_EX, offsetof(Array, seen), 0, NULL},
    {"_buffer", T_OBJECT_EX, offsetof(Array, buffer), 0, NULL},
    {"_view", T_OBJECT_EX, offsetof(Array, view), 0, NULL},
    {"_part", T_OBJECT_EX, offsetof(Array, part), 0, NULL},
    {"_base", T_OBJECT_EX, offsetof(Array, base), 0, NULL},
    {"_locked", T_OBJECT_EX, offsetof(Array, locked), 0, NULL},
    {"_scalar", T_OBJECT_EX, offsetof(Array, scalar), 0, NULL},
    {NULL}};

static PyMethodDef array_methods[] = {
    {"__array_ufunc__", (PyCFunction)(void (*)(void))array_ufunc, METH_FASTCALL | METH_KEYWORDS, NULL}, {NULL}};

/* What an array knows without its elements; `asked` is the attribute's name, and the number of the functions behind it. */
enum { DTYPE, NDIM, SHAPE_OF, SIZE, NBYTES, ITEMSIZE, STRIDES, TRANSPOSED, ATTRIBUTES };
static PyObject *getters[ATTRIBUTES], *setters[ATTRIBUTES], *names[ATTRIBUTES];

static PyObject *get_attribute(PyObject *self, void *asked) {
    Array *a = (Array *)self;
    Py_ssize_t n = (Py_ssize_t)asked;
    PyObject *memory = GIVEN(a->np) ? a->np : GIVEN(a->hand) ? a->hand : NULL;
    return memory ? PyObject_GetAttr(memory, names[n]) : PyObject_CallOneArg(getters[n], self);
}

static int set_attribute(PyObject *self, PyObject *value, void *asked) {
    if (!value) {
        PyErr_SetString(PyExc_AttributeError, "cannot delete an attribute of an array");
        return -1;
    }
    PyObject *done = call2(setters[(Py_ssize_t)asked], self, value);
    Py_XDECREF(done);
    return done ? 0 : -1;
}

/* An iterator over elements that are there is NumPy's, unless somebody wants to hear of it; over rows it is Python's own,
   which calls `item`. */
static PyObject *iterator(PyObject *self) {
    PyObject *ndim = get_attribute(self, (void *)NDIM), *made = NULL;
    long axes = ndim ? PyLong_AsLong(ndim) : 0;
    Py_XDECREF(ndim);
    if (PyErr_Occurred()) return NULL;
    PyObject *memory = axes == 1 && !watched_each ? memory_of(self) : NULL;
    made = axes > 1 ? PySeqIter_New(self) : memory ? PyObject_GetIter(memory) : PyObject_CallOneArg(forward[ITER], self);
    Py_XDECREF(memory);
    return made;
}

static PyObject *get_transposed(PyObject *self, void *asked) {
    Array *a = (Array *)self;
    PyObject *memory = GIVEN(a->np) ? a->np : a->seen != Py_None && a->buffer ? settled(a) : NULL;
    PyObject *shown = memory ? PyArray_Transpose((PyArrayObject *)memory, NULL) : NULL;
    if (!shown) return PyErr_Occurred() ? NULL : PyObject_CallOneArg(getters[TRANSPOSED], self);
    return GIVEN(a->np) ? view_of_local(a, shown) : view_of_settled(a, shown);
}

static PyGetSetDef array_attributes[] = {
    {"T", get_transposed, set_attribute, NULL, (void *)TRANSPOSED},
    {"dtype", get_attribute, set_attribute, NULL, (void *)DTYPE}, {"ndim", get_attribute, set_attribute, NULL, (void *)NDIM},
    {"shape", get_attribute, set_attribute, NULL, (void *)SHAPE_OF}, {"size", get_attribute, set_attribute, NULL, (void *)SIZE},
    {"nbytes", get_attribute, set_attribute, NULL, (void *)NBYTES},
    {"itemsize", get_attribute, set_attribute, NULL, (void *)ITEMSIZE},
    {"strides", get_attribute, set_attribute, NULL, (void *)STRIDES},
    {NULL}};

static PyNumberMethods array_number = {
    .nb_add = nb_add, .nb_subtract = nb_subtract, .nb_multiply = nb_multiply, .nb_remainder = nb_remainder,
    .nb_divmod = nb_divmod, .nb_power = nb_power, .nb_negative = nb_negative, .nb_positive = nb_positive,
    .nb_absolute = nb_absolute, .nb_invert = nb_invert, .nb_lshift = nb_lshift, .nb_rshift = nb_rshift, .nb_and = nb_and,
    .nb_xor = nb_xor, .nb_or = nb_or, .nb_floor_divide = nb_floor_divide, .nb_true_divide = nb_true_divide,
    .nb_matrix_multiply = nb_matrix_multiply, .nb_inplace_add = nb_iadd, .nb_inplace_subtract = nb_isubtract,
    .nb_inplace_multiply = nb_imultiply, .nb_inplace_remainder = nb_iremainder, .nb_inplace_power = nb_ipower,
    .nb_inplace_lshift = nb_ilshift, .nb_inplace_rshift = nb_irshift, .nb_inplace_and = nb_iand, .nb_inplace_xor = nb_ixor,
    .nb_inplace_or = nb_ior, .nb_inplace_floor_divide = nb_ifloor_divide, .nb_inplace_true_divide = nb_itrue_divide,
    .nb_inplace_matrix_multiply = nb_imatrix_multiply, .nb_float = nb_float, .nb_int = nb_int, .nb_index = nb_index,
    .nb_bool = nb_bool};

/* Python's `operator.concat` would add; NumPy refuses, in these words. */
static PyObject *concatenated(PyObject *self, PyObject *other) {
    PyErr_SetString(PyExc_TypeError,
                    "Concatenation operation is not implemented for NumPy arrays, use np.concatenate() instead. Please do not "
                    "rely on this error; it may not be given on all Python implementations.");
    return NULL;
}

static PySequenceMethods array_sequence = {.sq_item = item, .sq_length = length};  /* reversed() asks for it */
static PyMappingMethods array_mapping = {.mp_length = length, .mp_subscript = subscript, .mp_ass_subscript = assign};

/* The buffer protocol: of a NumPy array over the memory, which whoever asked then holds. Python looks at structures. */
static int get_buffer(PyObject *self, Py_buffer *view, int flags) {
    Array *a = (Array *)self;
    int simple = GIVEN(a->np) && PyArray_TYPE((PyArrayObject *)a->np) != NPY_VOID;
    PyObject *memory = simple ? Py_NewRef(a->np) : PyObject_CallOneArg(forward[BUFFER], self);
    int failed = memory ? PyObject_GetBuffer(memory, view, flags) : -1;
    if (!memory) view->obj = NULL;
    Py_XDECREF(memory);
    return failed;
}

static PyBufferProcs array_buffer = {.bf_getbuffer = get_buffer};

static PyTypeObject ArrayType = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "ramba.lazyarray._native.Array",
    .tp_basicsize = sizeof(Array), .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, .tp_new = PyType_GenericNew,
    .tp_dealloc = array_dealloc, .tp_members = array_members, .tp_methods = array_methods, .tp_getset = array_attributes,
    .tp_weaklistoffset = offsetof(Array, weakrefs),
    .tp_as_number = &array_number, .tp_as_mapping = &array_mapping, .tp_as_sequence = &array_sequence, .tp_as_buffer = &array_buffer,
    .tp_richcompare = compared, .tp_iter = iterator,
    .tp_hash = PyObject_HashNotImplemented};
