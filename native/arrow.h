/* Arrow's C data interface, https://arrow.apache.org/docs/format/CDataInterface.html: arrays of one dimension in capsules. */

typedef struct ArrowSchema {
    const char *format, *name, *metadata;
    int64_t flags, n_children;
    struct ArrowSchema **children, *dictionary;
    void (*release)(struct ArrowSchema *);
    void *private_data;
} ArrowSchema;

typedef struct ArrowArray {
    int64_t length, null_count, offset, n_buffers, n_children;
    const void **buffers;
    struct ArrowArray **children, *dictionary;
    void (*release)(struct ArrowArray *);
    void *private_data;
} ArrowArray;

/* what an array's structure shows: the first buffer, which says where nulls are, is none */
typedef struct { const void *buffers[3]; PyObject *owner; } Shown;

static void release_schema(ArrowSchema *schema) {
    free(schema->private_data);
    schema->release = NULL;
}

static void release_array(ArrowArray *array) {  /* by any thread of whoever has taken it */
    Shown *shown = array->private_data;
    if (Py_IsInitialized()) {
        PyGILState_STATE state = PyGILState_Ensure();
        Py_DECREF(shown->owner);
        PyGILState_Release(state);
    }
    free(shown);
    array->release = NULL;
}

/* a capsule frees what nobody has taken; there may be an exception meanwhile, which a destructor must not touch */
static void free_schema(PyObject *capsule) {
    ArrowSchema *schema = PyCapsule_GetPointer(capsule, "arrow_schema");
    if (schema->release) schema->release(schema);
    free(schema);
}

static void free_array(PyObject *capsule) {
    ArrowArray *array = PyCapsule_GetPointer(capsule, "arrow_array");
    PyObject *type, *value, *trace;
    PyErr_Fetch(&type, &value, &trace);
    if (array->release) array->release(array);
    PyErr_Restore(type, value, trace);
    free(array);
}

/* arrow(format, length, first, second, owner): both capsules; the buffers are NumPy arrays or None, the owner holds them */
static PyObject *arrow(PyObject *module, PyObject *args) {
    const char *format;
    Py_ssize_t length;
    PyObject *memory[2], *owner;
    if (!PyArg_ParseTuple(args, "snOOO", &format, &length, memory, memory + 1, &owner)) return NULL;
    ArrowSchema *schema = calloc(1, sizeof(*schema));
    ArrowArray *array = calloc(1, sizeof(*array));
    Shown *shown = calloc(1, sizeof(*shown));
    char *text = strdup(format);
    if (!schema || !array || !shown || !text) {
        free(schema); free(array); free(shown); free(text);
        return PyErr_NoMemory();
    }
    schema->format = schema->private_data = text;
    schema->name = "";
    schema->release = release_schema;
    array->length = length;
    array->n_buffers = 1;
    for (int n = 0; n < 2 && PyArray_Check(memory[n]); n++)
        shown->buffers[array->n_buffers++] = PyArray_DATA((PyArrayObject *)memory[n]);
    shown->owner = Py_NewRef(owner);
    array->buffers = shown->buffers;
    array->private_data = shown;
    array->release = release_array;
    PyObject *first = PyCapsule_New(schema, "arrow_schema", free_schema);
    PyObject *second = first ? PyCapsule_New(array, "arrow_array", free_array) : NULL;
    if (!second) { Py_XDECREF(first); return NULL; }
    return Py_BuildValue("NN", first, second);
}
