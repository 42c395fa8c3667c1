/* Memory for what NumPy computes here: blocks that were freed are warm, where fresh pages cost more than most operations.
   Each has a header with its size; those of less than SMALLEST bytes are the C library's business. */
typedef struct Piece { struct Piece *next; size_t size; } Piece;
enum { HEADER = 64, CLASSES = 48, SMALLEST = 1 << 15, MOST_WAITING = 64 << 20 };
static Piece *waiting[CLASSES];
static size_t bytes_waiting;

/* Four classes for each power of two, from SMALLEST on; -1 for less, and for what is too large to keep. */
static int class_of(size_t size, size_t *rounded) {
    size_t step = SMALLEST / 4, base = SMALLEST;
    if (size < SMALLEST) return -1;
    for (int n = 0; n < CLASSES; n += 4, base *= 2, step *= 2)
        for (int k = 0; k < 4; k++)
            if (size <= base + k * step) { *rounded = base + k * step; return n + k; }
    return -1;
}

static void *take(void *context, size_t size) {
    size_t rounded = size;
    int kind = class_of(size, &rounded);
    Piece *piece = kind >= 0 ? waiting[kind] : NULL;
    if (piece) {
        waiting[kind] = piece->next;
        bytes_waiting -= rounded;
    } else if (posix_memalign((void **)&piece, HEADER, rounded + HEADER)) {
        return NULL;
    }
    piece->size = rounded;
    return (char *)piece + HEADER;
}

static void *take_zeros(void *context, size_t count, size_t size) {
    if (size && count > (PY_SSIZE_T_MAX - HEADER) / size) return NULL;
    size_t rounded = size *= count;
    int kind = class_of(size, &rounded);
    if (kind >= 0 && waiting[kind]) return memset(take(context, size), 0, size);
    Piece *piece = calloc(1, rounded + HEADER);  /* fresh pages are zero, and those that nobody touches cost nothing */
    if (!piece) return NULL;
    piece->size = rounded;
    return (char *)piece + HEADER;
}

static void give_back(void *context, void *memory, size_t size) {
    if (!memory) return;
    Piece *piece = (Piece *)((char *)memory - HEADER);
    size_t rounded = 0;
    int kind = class_of(piece->size, &rounded);
    if (kind < 0 || rounded != piece->size || bytes_waiting + rounded > MOST_WAITING) {
        free(piece);
        return;
    }
    piece->next = waiting[kind];
    waiting[kind] = piece;
    bytes_waiting += rounded;
}

static void *take_more(void *context, void *memory, size_t size) {
    void *made = take(context, size);
    if (made && memory) {
        size_t before = ((Piece *)((char *)memory - HEADER))->size;
        memcpy(made, memory, before < size ? before : size);
        give_back(context, memory, before);
    }
    return made;
}

static PyDataMem_Handler warm = {"ramba", 1, {NULL, take, take_zeros, take_more, give_back}};
static PyObject *warm_capsule;

/* Whether what NumPy makes of this operand is worth warm memory. */
static PyObject *begin_warm(PyObject *x) {
    int is_large = PyArray_CheckExact(x) && PyArray_NBYTES((PyArrayObject *)x) >= SMALLEST;
    return is_large ? PyDataMem_SetHandler(warm_capsule) : NULL;
}

static void end_warm(PyObject *before) {
    if (!before) return;
    PyObject *kind, *value, *trace;
    PyErr_Fetch(&kind, &value, &trace);
    Py_XDECREF(PyDataMem_SetHandler(before));
    Py_DECREF(before);
    PyErr_Restore(kind, value, trace);
}
