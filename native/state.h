/* What an array is, what Python has bound, and the settings. */

typedef struct {
    PyObject_HEAD
    PyObject *np, *hand, *seen, *buffer, *view, *part, *base, *locked, *scalar;
    PyObject *weakrefs;
} Array;

enum { ADD, SUBTRACT, MULTIPLY, REMAINDER, DIVMOD, POWER, LSHIFT, RSHIFT, AND, XOR, OR, FLOOR_DIVIDE, TRUE_DIVIDE,
       MATRIX_MULTIPLY, BINARY, NEGATIVE = BINARY, POSITIVE, ABSOLUTE, INVERT, LESS, LESS_EQUAL, EQUAL, NOT_EQUAL, GREATER,
       GREATER_EQUAL, GETITEM, SETITEM, DELITEM, FLOAT, INT, INDEX, BOOL, LENGTH, BUFFER, ITER, COUNT };

static const char *NAMES[COUNT] = {
    "add", "sub", "mul", "mod", "divmod", "pow", "lshift", "rshift", "and", "xor", "or", "floordiv", "truediv", "matmul",
    "neg", "pos", "abs", "invert", "lt", "le", "eq", "ne", "gt", "ge", "getitem", "setitem", "delitem",
    "float", "int", "index", "bool", "len", "buffer", "iter"};

/* what Python has bound: the functions of each operation, and how many times the eager size of elements are NumPy's */
static PyObject *forward[COUNT], *reflected[BINARY], *in_place[BINARY];
static Py_ssize_t most[COUNT];
static Py_ssize_t few_times;  /* times the eager size of elements are few to record */
static Py_ssize_t chain_times;  /* times the eager size of elements that are there, with more an operation is recorded */
static Py_ssize_t alone_times;  /* times the eager size of elements, up to which what was looked at alone is NumPy's */
static int flushes_each;      /* setting `eager` */
static PyObject *config, *sizes, *finished, *view_of_memory, *ours, *general_ufunc, *Stored, *Block, *array_type;
static PyObject *s_settings, *s_random, *s_numpy;

/* The fields of buffers and storages: where they are in the object, as Python's own descriptors say. */
static PyObject *Buffer, *StorageType;
static struct { Py_ssize_t dtype, hold, kept, lends, memory, node, pinned, shape, size; } in_buffer;
static struct { Py_ssize_t block, borrowed, loan, token; } in_storage;
#define FIELD(buffer, name) (*(PyObject **)((char *)(buffer) + in_buffer.name))
#define IN_STORAGE(storage, name) (*(PyObject **)((char *)(storage) + in_storage.name))

#define IS_ARRAY(x) ((PyObject *)Py_TYPE(x) == array_type)
#define GIVEN(x) ((x) != NULL && (x) != Py_None)
#define SET(place, value) Py_XSETREF(place, Py_NewRef(value))

static int is_number(PyObject *x) {
    return PyFloat_CheckExact(x) || PyLong_CheckExact(x) || PyBool_Check(x) || PyComplex_CheckExact(x);
}

static PyObject *call2(PyObject *function, PyObject *a, PyObject *b) {
    if (!function) Py_RETURN_NOTIMPLEMENTED;
    PyObject *args[] = {a, b};
    return PyObject_Vectorcall(function, args, 2, NULL);
}

/* Setting `eager_size`, times a factor; what was read last holds until there are other settings. */
static Py_ssize_t limit(Py_ssize_t times) {
    static PyObject *known = NULL;
    static Py_ssize_t size = 0, most_times = 1;
    PyObject *settings = PyDict_GetItemWithError(config, s_settings);
    if (settings != known || !known) {
        PyObject *told = PyObject_CallNoArgs(sizes);
        if (!told || !PyArg_ParseTuple(told, "nnp", &size, &most_times, &flushes_each)) size = 0;
        if (size > PY_SSIZE_T_MAX / 64) size = PY_SSIZE_T_MAX / 64;
        Py_XDECREF(told);
        PyErr_Clear();
        settings = PyDict_GetItemWithError(config, s_settings);
        Py_XSETREF(known, Py_XNewRef(settings));
    }
    return size * (times < most_times ? times : most_times);
}
