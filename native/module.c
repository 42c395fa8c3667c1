/* The short ways of arrays, in C: what `operators`, `indexing` and `dispatch` do with few elements that are there.

   An array of ours, a number or two, and NumPy can compute at once: then the call costs little more than NumPy's. In
   all other cases the functions in Python are called that `bind` has been given; they are complete, and without this
   module they are all there is. What the engine does when an operation is recorded is done here as well (recording.h),
   with the fields of `Buffer` and `Period`; so are a graph's outline and the launch of short kernels. */

#define PY_SSIZE_T_CLEAN
#define NPY_NO_DEPRECATED_API NPY_2_0_API_VERSION
#include <Python.h>
#include <fenv.h>
#include <structmember.h>
#include <numpy/arrayobject.h>

#include "state.h"
#include "memory.h"
#include "arrays.h"
#include "recording.h"
#include "parts.h"
#include "outline.h"
#include "operators.h"
#include "indexing.h"
#include "type.h"
#include "making.h"
#include "functions.h"
#include "launch.h"
#include "arrow.h"

/* bind(operation, forward, reflected, in_place, most, name of what is recorded): the functions in Python behind an operator */
static PyObject *bind(PyObject *module, PyObject *args) {
    const char *name;
    PyObject *functions[3], *recorded = NULL;
    Py_ssize_t times;
    if (!PyArg_ParseTuple(args, "sOOOn|O", &name, functions, functions + 1, functions + 2, &times, &recorded)) return NULL;
    for (int op = 0; op < COUNT; op++) {
        if (strcmp(NAMES[op], name)) continue;
        SET(forward[op], functions[0]);
        if (op < BINARY) { SET(reflected[op], functions[1]); SET(in_place[op], functions[2]); }
        most[op] = times;
        if (recorded) SET(operators_known[op].name, recorded);
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
    type->tp_name = "numpy.ndarray";  /* what Python's own exceptions call it, as NumPy's; its `__name__` lies elsewhere */
    type->tp_as_sequence->sq_item = item;  /* else x[n] of an iterator is a call of `__getitem__` */
    type->tp_as_sequence->sq_concat = type->tp_as_sequence->sq_inplace_concat = concatenated;
    Py_RETURN_NONE;
}

/* Where a field of a class with `__slots__` is. */
static int place_of(PyObject *type, const char *name, Py_ssize_t *place) {
    PyObject *found = PyObject_GetAttrString(type, name);
    int is_field = found && Py_TYPE(found) == &PyMemberDescr_Type;
    if (is_field) *place = ((PyMemberDescrObject *)found)->d_member->offset;
    else if (found) PyErr_Format(PyExc_TypeError, "%s is no field", name);
    Py_XDECREF(found);
    return is_field;
}

/* record(engine, warnings, Period, Buffer, Map, Ref, Const, View, Update, identity, dtype of results, errstate, settled, operand,
   few times, chain times, times alone) */
static PyObject *record(PyObject *module, PyObject *args) {
    PyObject *Period, **places[] = {&engine, &warnings, &Period, &Buffer, &Map, &Ref, &Const, &View, &Update, &identity_of,
                                    &dtype_for, &floating_point_state, &settled_of, &operand_of};
    PyObject *given[14];
    if (!PyArg_ParseTuple(args, "OOOOOOOOOOOOOOnnn", given, given + 1, given + 2, given + 3, given + 4, given + 5, given + 6, given + 7,
                          given + 8, given + 9, given + 10, given + 11, given + 12, given + 13, &few_times, &chain_times, &alone_times)) return NULL;
    for (int n = 0; n < 14; n++) *places[n] = Py_NewRef(given[n]);  /* once and for all */
    struct { const char *name; Py_ssize_t *place; } fields[] = {
        {"dtype", &in_buffer.dtype}, {"hold", &in_buffer.hold}, {"kept", &in_buffer.kept},
        {"lends", &in_buffer.lends}, {"memory", &in_buffer.memory},
        {"node", &in_buffer.node}, {"pinned", &in_buffer.pinned}, {"shape", &in_buffer.shape}, {"size", &in_buffer.size}};
    for (size_t n = 0; n < sizeof(fields) / sizeof(*fields); n++)
        if (!place_of(Buffer, fields[n].name, fields[n].place)) return NULL;
    if (!place_of(Period, "signatures", &in_period.signatures) || !place_of(Period, "alive", &in_period.alive) ||
        !place_of(Period, "limit", &in_period.limit)) return NULL;
    Py_RETURN_NONE;
}

/* outlines(Outline, Reduce, Fill, Empty, Index, Storage) */
static PyObject *outlines(PyObject *module, PyObject *args) {
    PyObject **places[] = {&Outline, &Reduce, &Fill, &Empty, &Index, &StorageType};
    PyObject *given[6];
    if (!PyArg_UnpackTuple(args, "outlines", 6, 6, given, given + 1, given + 2, given + 3, given + 4, given + 5)) return NULL;
    for (int n = 0; n < 6; n++) SET(*places[n], given[n]);
    if (!place_of(StorageType, "token", &in_storage.token) || !place_of(StorageType, "borrowed", &in_storage.borrowed) ||
        !place_of(StorageType, "block", &in_storage.block) || !place_of(StorageType, "loan", &in_storage.loan)) return NULL;
    if (!operation_numbers && !(operation_numbers = PyDict_New())) return NULL;
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

/* ufuncs(dict): ours, by NumPy's */
static PyObject *set_ufuncs(PyObject *module, PyObject *ours) {
    PyObject *theirs, *own;
    Py_ssize_t place = 0;
    if (!PyDict_Check(ours)) return PyErr_Format(PyExc_TypeError, "ufuncs takes a dict");
    while (PyDict_Next(ours, &place, &theirs, &own))
        if (!PyObject_TypeCheck(own, &FunctionType)) return PyErr_Format(PyExc_TypeError, "%R is no Function", own);
    SET(ufuncs, ours);
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    {"arrow", arrow, METH_VARARGS, NULL},
    {"attribute", attribute, METH_VARARGS, NULL}, {"bind", bind, METH_VARARGS, NULL}, {"begin", begin, METH_VARARGS, NULL},
    {"launched", (PyCFunction)(void (*)(void))launched, METH_FASTCALL, NULL}, {"outline", outline, METH_O, NULL},
    {"outlines", outlines, METH_VARARGS, NULL}, {"record", record, METH_VARARGS, NULL}, {"watch", watch, METH_VARARGS, NULL},
    {"ufuncs", set_ufuncs, METH_O, NULL}, {NULL}};
static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "_native", NULL, -1, methods};

PyMODINIT_FUNC PyInit__native(void) {
    import_array();
    array_type = Py_NewRef((PyObject *)&ArrayType);
    struct { PyObject **place; const char *text; } words[] = {
        {&s_settings, "_settings"}, {&s_random, "random"}, {&s_numpy, "numpy"},
        {&s_lock, "lock"}, {&s_acquire, "acquire"}, {&s_release, "release"}, {&s_turn, "turn"}, {&s_sliding, "sliding"},
        {&s_last, "last"}, {&s_state, "state"}, {&s_pending, "pending"}, {&s_row, "row"}, {&s_period, "period"},
        {&s_prompt, "prompt"}, {&s_filters, "filters"},
        {&s_flush_if_full, "_flush_if_full"}, {&s_assign, "assign"}, {&s__buffer, "_buffer"}, {&s_alone, "alone"},
        {&s_update, "update"}, {&s_empty, ""},
        {&names[DTYPE], "dtype"}, {&names[NDIM], "ndim"}, {&names[SHAPE_OF], "shape"}, {&names[SIZE], "size"},
        {&names[NBYTES], "nbytes"}, {&names[ITEMSIZE], "itemsize"}, {&names[STRIDES], "strides"}, {&names[TRANSPOSED], "T"}};
    for (size_t n = 0; n < sizeof(words) / sizeof(*words); n++)
        if (!(*words[n].place = PyUnicode_InternFromString(words[n].text))) return NULL;
    PyObject *module = PyModule_Create(&definition);
    warm_capsule = PyCapsule_New(&warm, "mem_handler", NULL);
    if (!warm_capsule || !module || PyModule_AddType(module, &ArrayType) || PyModule_AddType(module, &FunctionType)) return NULL;
    return module;
}
