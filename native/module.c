/* The short ways of arrays, in C: what `operators`, `indexing` and `dispatch` do with few elements that are there.

   An array of ours, a number or two, and NumPy can compute at once: then the call costs little more than NumPy's. In
   all other cases the functions in Python are called that `bind` has been given; they are complete, and without this
   module they are all there is. Nothing here knows of the engine but `Buffer` and `Storage` by their attributes. */

#define PY_SSIZE_T_CLEAN
#define NPY_NO_DEPRECATED_API NPY_2_0_API_VERSION
#include <Python.h>
#include <structmember.h>
#include <numpy/arrayobject.h>

#include "state.h"
#include "memory.h"
#include "arrays.h"
#include "operators.h"
#include "indexing.h"
#include "type.h"
#include "functions.h"
#include "arrow.h"

/* bind(operation, forward, reflected, in_place, most): the functions in Python behind an operator */
static PyObject *bind(PyObject *module, PyObject *args) {
    const char *name;
    PyObject *functions[3];
    Py_ssize_t times;
    if (!PyArg_ParseTuple(args, "sOOOn", &name, functions, functions + 1, functions + 2, &times)) return NULL;
    for (int op = 0; op < COUNT; op++) {
        if (strcmp(NAMES[op], name)) continue;
        SET(forward[op], functions[0]);
        if (op < BINARY) { SET(reflected[op], functions[1]); SET(in_place[op], functions[2]); }
        most[op] = times;
        Py_RETURN_NONE;
    }
    return PyErr_Format(PyExc_ValueError, "%s is no operator", name);
}

/* begin(ndarray, Stored, Block, config's names, sizes, finished, view_of_memory, ours, array_ufunc) */
static PyObject *begin(PyObject *module, PyObject *args) {
    PyObject **places[] = {&array_type, &Stored, &Block, &config, &sizes, &finished, &view_of_memory, &ours, &general_ufunc};
    if (PyTuple_GET_SIZE(args) != 9) return PyErr_Format(PyExc_TypeError, "begin takes 9 arguments");
    for (int n = 0; n < 9; n++) SET(*places[n], PyTuple_GET_ITEM(args, n));
    /* the class in Python adds no fields: what frees its instances is what frees these */
    PyTypeObject *type = (PyTypeObject *)array_type;
    if (type->tp_basicsize != sizeof(Array)) return PyErr_Format(PyExc_TypeError, "fields were added");
    type->tp_dealloc = array_dealloc;
    Py_RETURN_NONE;
}

/* attribute(name, getter, setter) */
static PyObject *attribute(PyObject *module, PyObject *args) {
    PyObject *name, *getter, *setter;
    if (!PyArg_UnpackTuple(args, "attribute", 3, 3, &name, &getter, &setter)) return NULL;
    for (int n = 0; n < ATTRIBUTES; n++) {
        if (PyUnicode_Compare(names[n], name)) continue;
        SET(getters[n], getter);
        SET(setters[n], setter);
        Py_RETURN_NONE;
    }
    return PyErr_Format(PyExc_ValueError, "%S is no attribute", name);
}

static PyMethodDef methods[] = {
    {"arrow", arrow, METH_VARARGS, NULL}, {"attribute", attribute, METH_VARARGS, NULL}, {"bind", bind, METH_VARARGS, NULL}, {"begin", begin, METH_VARARGS, NULL}, {NULL}};
static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "_native", NULL, -1, methods};

PyMODINIT_FUNC PyInit__native(void) {
    import_array();
    array_type = Py_NewRef((PyObject *)&ArrayType);
    struct { PyObject **place; const char *text; } words[] = {
        {&s_memory, "memory"}, {&s_node, "node"}, {&s_settings, "_settings"}, {&s_block, "block"}, {&s_borrowed, "borrowed"},
        {&s_token, "token"}, {&s_loan, "loan"},
        {&names[DTYPE], "dtype"}, {&names[NDIM], "ndim"}, {&names[SHAPE_OF], "shape"}, {&names[SIZE], "size"},
        {&names[TRANSPOSED], "T"}};
    for (size_t n = 0; n < sizeof(words) / sizeof(*words); n++)
        if (!(*words[n].place = PyUnicode_InternFromString(words[n].text))) return NULL;
    PyObject *module = PyModule_Create(&definition);
    warm_capsule = PyCapsule_New(&warm, "mem_handler", NULL);
    if (!warm_capsule || !module || PyModule_AddType(module, &ArrayType) || PyModule_AddType(module, &FunctionType)) return NULL;
    return module;
}
