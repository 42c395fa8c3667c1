/* Kernels of little work, run in the call: what `Launch.block` and `Team.run` do, without a way through ctypes. */

enum { MOST_WORDS = 512 };

/* launched(template, patches, scalars, addresses, values, kernel's address, tiles): floating-point exceptions of <fenv.h> */
static PyObject *launched(PyObject *module, PyObject *const *args, Py_ssize_t count) {
    npy_int64 words[MOST_WORDS];
    Py_buffer template;
    if (count != 7 || !PyList_Check(args[1]) || !PyList_Check(args[2]) || !PyList_Check(args[3]) || !PySequence_Check(args[4]))
        return PyErr_Format(PyExc_TypeError, "launched takes a template, three lists, values and two numbers");
    void (*kernel)(npy_int64 *, npy_int64) = PyLong_AsVoidPtr(args[5]);
    npy_int64 tiles = PyLong_AsLongLong(args[6]);
    if (PyErr_Occurred() || PyObject_GetBuffer(args[0], &template, PyBUF_SIMPLE)) return NULL;
    int fits = template.len <= (Py_ssize_t)sizeof(words);
    if (fits) memcpy(words, template.buf, template.len);
    Py_ssize_t size = template.len / sizeof(*words);
    PyBuffer_Release(&template);
    if (!fits) return PyErr_Format(PyExc_ValueError, "an argument block of so many words is not a short one");
    for (Py_ssize_t n = 0; n < PyList_GET_SIZE(args[1]); n++) {
        PyObject *patch = PyList_GET_ITEM(args[1], n);  /* word, slot, offset in bytes */
        Py_ssize_t word = PyLong_AsSsize_t(PyTuple_GET_ITEM(patch, 0)), slot = PyLong_AsSsize_t(PyTuple_GET_ITEM(patch, 1));
        if (word < 0 || word >= size || slot < 0 || slot >= PyList_GET_SIZE(args[3]))
            return PyErr_Format(PyExc_IndexError, "a patch outside of its argument block");
        words[word] = PyLong_AsLongLong(PyList_GET_ITEM(args[3], slot)) + PyLong_AsLongLong(PyTuple_GET_ITEM(patch, 2));
    }
    for (Py_ssize_t n = 0; n < PyList_GET_SIZE(args[2]) && !PyErr_Occurred(); n++) {
        PyObject *pair_of = PyList_GET_ITEM(args[2], n);  /* word, number of the scalar */
        Py_ssize_t word = PyLong_AsSsize_t(PyTuple_GET_ITEM(pair_of, 0)), number = PyLong_AsSsize_t(PyTuple_GET_ITEM(pair_of, 1));
        PyObject *value = PySequence_GetItem(args[4], number);
        if (value && (word < 0 || word + 1 >= size || !PyArray_IsScalar(value, Generic)))
            PyErr_Format(PyExc_IndexError, "a scalar outside of its argument block");
        if (PyErr_Occurred()) { Py_XDECREF(value); return NULL; }
        char bits[64] = {0};
        PyArray_ScalarAsCtype(value, bits);
        if (PyArray_IsScalar(value, CFloat)) { memcpy(bits + 8, bits + 4, 4); memset(bits + 4, 0, 4); }
        memcpy(words + word, bits, 16);
        Py_DECREF(value);
    }
    if (PyErr_Occurred()) return NULL;
    int raised;
    Py_BEGIN_ALLOW_THREADS
    feclearexcept(FE_ALL_EXCEPT);
    for (npy_int64 n = 0; n < tiles; n++) kernel(words, n);
    raised = fetestexcept(FE_DIVBYZERO | FE_OVERFLOW | FE_UNDERFLOW | FE_INVALID);
    Py_END_ALLOW_THREADS
    return PyLong_FromLong(raised);
}
