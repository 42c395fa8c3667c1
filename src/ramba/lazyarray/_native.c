/* The short ways of arrays, in C: what `operators`, `indexing` and `dispatch` do with few elements that are there.

   An array of ours, a number or two, and NumPy can compute at once: then the call costs little more than NumPy's. In
   all other cases the functions in Python are called that `bind` has been given; they are complete, and without this
   module they are all there is. Nothing here knows of the engine but `Buffer` and `Storage` by their attributes. */

#define PY_SSIZE_T_CLEAN
#define NPY_NO_DEPRECATED_API NPY_2_0_API_VERSION
#include <Python.h>
#include <structmember.h>
#include <numpy/arrayobject.h>

typedef struct {
    PyObject_HEAD
    PyObject *np, *hand, *seen, *buffer, *view, *part, *base, *locked, *scalar;
    PyObject *weakrefs;
} Array;

enum { ADD, SUBTRACT, MULTIPLY, REMAINDER, DIVMOD, POWER, LSHIFT, RSHIFT, AND, XOR, OR, FLOOR_DIVIDE, TRUE_DIVIDE,
       MATRIX_MULTIPLY, BINARY, NEGATIVE = BINARY, POSITIVE, ABSOLUTE, INVERT, LESS, LESS_EQUAL, EQUAL, NOT_EQUAL, GREATER,
       GREATER_EQUAL, GETITEM, SETITEM, DELITEM, FLOAT, INT, INDEX, BOOL, LENGTH, COUNT };

static const char *NAMES[COUNT] = {
    "add", "sub", "mul", "mod", "divmod", "pow", "lshift", "rshift", "and", "xor", "or", "floordiv", "truediv", "matmul",
    "neg", "pos", "abs", "invert", "lt", "le", "eq", "ne", "gt", "ge", "getitem", "setitem", "delitem",
    "float", "int", "index", "bool", "len"};

/* what Python has bound: the functions of each operation, and how many times the eager size of elements are NumPy's */
static PyObject *forward[COUNT], *reflected[BINARY], *in_place[BINARY];
static Py_ssize_t most[COUNT];
static PyObject *config, *current, *finished, *view_of_memory, *ours, *general_ufunc, *Stored, *array_type;
static PyObject *s_memory, *s_node, *s_eager_size, *s_settings, *s_borrowed, *s_token, *s_loan;

#define IS_ARRAY(x) ((PyObject *)Py_TYPE(x) == array_type)
#define GIVEN(x) ((x) != NULL && (x) != Py_None)
#define SET(place, value) Py_XSETREF(place, Py_NewRef(value))

static int is_number(PyObject *x) {
    return PyFloat_CheckExact(x) || PyLong_CheckExact(x) || PyBool_Check(x) || PyComplex_CheckExact(x);
}

/* Setting `eager_size`, times a factor; what was read last holds until there are other settings. */
static Py_ssize_t limit(Py_ssize_t times) {
    static PyObject *known = NULL;
    static Py_ssize_t size = 0;
    PyObject *settings = PyDict_GetItemWithError(config, s_settings);
    if (settings == known && known) return size * times;
    settings = settings && settings != Py_None ? Py_NewRef(settings) : PyObject_CallNoArgs(current);
    PyObject *found = settings ? PyObject_GetAttr(settings, s_eager_size) : NULL;
    size = found ? PyLong_AsSsize_t(found) : 0;
    if (size < 0 || size > PY_SSIZE_T_MAX / 64) size = PY_SSIZE_T_MAX / 64;
    Py_XDECREF(found);
    Py_XSETREF(known, settings);
    PyErr_Clear();
    return size * times;
}

/* Memory for what NumPy computes here: blocks that were freed are warm, where fresh pages cost more than most operations.
   Each has a header with its size class; those of less than MAPPED bytes are the C library's business. */
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
    void *made = size && count > PY_SSIZE_T_MAX / size ? NULL : take(context, count * size);
    return made ? memset(made, 0, count * size) : NULL;
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

static Array *new_array(void) {
    PyTypeObject *type = (PyTypeObject *)array_type;
    return (Array *)type->tp_alloc(type, 0);
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
    if (!a->buffer || !a->seen) return NULL;
    PyObject *memory = PyObject_GetAttr(a->buffer, s_memory);
    if (!memory) { PyErr_Clear(); return NULL; }
    int same = memory == a->seen;
    Py_DECREF(memory);
    return same ? a->hand : NULL;
}

/* Whether a settled value may be changed where it lies; see Buffer.exclusive. */
static int is_exclusive(Array *a) {
    if (a->seen == Py_None) return 1;
    int alone = 0;
    PyObject *node = PyObject_GetAttr(a->buffer, s_node), *token = NULL, *borrowed = NULL, *loan = NULL;
    if (node && (PyObject *)Py_TYPE(node) == Stored && Py_REFCNT(node) == 2) {
        PyObject *storage = PyTuple_GET_ITEM(node, 0);
        token = PyObject_GetAttr(storage, s_token);
        borrowed = PyObject_GetAttr(storage, s_borrowed);
        loan = PyObject_GetAttr(storage, s_loan);
        /* the token: of the storage, of the buffer that holds it, and ours */
        alone = token && borrowed == Py_False && loan == Py_None && Py_REFCNT(storage) == 1 && Py_REFCNT(token) == 3;
    }
    PyErr_Clear();
    Py_XDECREF(node); Py_XDECREF(token); Py_XDECREF(borrowed); Py_XDECREF(loan);
    return alone;
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

static int same_shape(PyObject *x, PyObject *y) {
    if (!PyArray_CheckExact(x) || !PyArray_CheckExact(y)) return 1;
    PyArrayObject *a = (PyArrayObject *)x, *b = (PyArrayObject *)y;
    return PyArray_NDIM(a) == PyArray_NDIM(b) && PyArray_CompareLists(PyArray_DIMS(a), PyArray_DIMS(b), PyArray_NDIM(a));
}

static npy_intp size_of(PyObject *x) { return PyArray_CheckExact(x) ? PyArray_SIZE((PyArrayObject *)x) : 1; }

/* The elements of a product of vectors or matrices; many, if it is one of stacks. */
static npy_intp product_size(PyObject *x, PyObject *y) {
    if (!PyArray_CheckExact(x) || !PyArray_CheckExact(y)) return 1;
    PyArrayObject *a = (PyArrayObject *)x, *b = (PyArrayObject *)y;
    if (PyArray_NDIM(a) > 2 || PyArray_NDIM(b) > 2) return NPY_MAX_INTP;
    return (PyArray_NDIM(a) == 2 ? PyArray_DIM(a, 0) : 1) * (PyArray_NDIM(b) == 2 ? PyArray_DIM(b, 1) : 1);
}

/* Both operands of an operator as NumPy takes them; 0 if they are not there, or too many for it. New references. */
static int operands(PyObject *left, PyObject *right, int op, PyObject **x, PyObject **y, int *is_small) {
    *is_small = 1;
    *x = operand(left, is_small);
    *y = *x ? operand(right, is_small) : NULL;
    if (!*y) return 0;
    Py_INCREF(*x); Py_INCREF(*y);
    if (op == MATRIX_MULTIPLY) {
        npy_intp many = limit(most[op]);
        if (product_size(*x, *y) <= many && (*is_small || (size_of(*x) <= many && size_of(*y) <= many))) return 1;
    } else if (same_shape(*x, *y)) {
        if (*is_small || size_of(PyArray_CheckExact(*x) ? *x : *y) <= limit(most[op])) return 1;
    } else if (size_of(*x) <= 128 && size_of(*y) <= 128) {
        return 1;  /* whatever they make together is small */
    }
    Py_DECREF(*x); Py_DECREF(*y);
    return 0;
}

static PyObject *numbers(PyObject *x, PyObject *y, int op) {
    switch (op) {
        case ADD: return PyNumber_Add(x, y);
        case SUBTRACT: return PyNumber_Subtract(x, y);
        case MULTIPLY: return PyNumber_Multiply(x, y);
        case REMAINDER: return PyNumber_Remainder(x, y);
        case DIVMOD: return PyNumber_Divmod(x, y);
        case LSHIFT: return PyNumber_Lshift(x, y);
        case RSHIFT: return PyNumber_Rshift(x, y);
        case AND: return PyNumber_And(x, y);
        case XOR: return PyNumber_Xor(x, y);
        case OR: return PyNumber_Or(x, y);
        case FLOOR_DIVIDE: return PyNumber_FloorDivide(x, y);
        case TRUE_DIVIDE: return PyNumber_TrueDivide(x, y);
        case MATRIX_MULTIPLY: return PyNumber_MatrixMultiply(x, y);
        case POWER: return PyNumber_Power(x, y, Py_None);
        default: return PyObject_RichCompare(x, y, op - LESS == 0 ? Py_LT : op == LESS_EQUAL ? Py_LE : op == EQUAL ? Py_EQ
                                             : op == NOT_EQUAL ? Py_NE : op == GREATER ? Py_GT : Py_GE);
    }
}

static PyObject *call2(PyObject *function, PyObject *a, PyObject *b) {
    if (!function) Py_RETURN_NOTIMPLEMENTED;
    PyObject *args[] = {a, b};
    return PyObject_Vectorcall(function, args, 2, NULL);
}

static PyObject *binary(PyObject *left, PyObject *right, int op) {
    PyObject *x, *y;
    int is_small;
    if (operands(left, right, op, &x, &y, &is_small)) {
        PyObject *before = begin_warm(PyArray_CheckExact(x) ? x : y), *result = numbers(x, y, op);
        end_warm(before);
        Py_DECREF(x); Py_DECREF(y);
        return wrapped(result, is_small);
    }
    if (PyObject_TypeCheck(left, ((PyTypeObject *)array_type)->tp_base)) return call2(forward[op], left, right);
    return call2(reflected[op], right, left);
}

static PyObject *changed(PyObject *self, PyObject *other, int op) {
    Array *a = (Array *)self;
    if (IS_ARRAY(self) && a->scalar == Py_False) {
        int is_small = 1;
        PyObject *y = operand(other, &is_small), *x = GIVEN(a->np) ? a->np : NULL;
        if (y && !x && a->locked == Py_False && (x = settled(a)) && (size_of(x) > limit(most[op]) || !is_exclusive(a))) x = NULL;
        if (x && y && (is_small || size_of(y) <= size_of(x))) {
            PyObject *result;
            Py_INCREF(x); Py_INCREF(y);
            switch (op) {
                case ADD: result = PyNumber_InPlaceAdd(x, y); break;
                case SUBTRACT: result = PyNumber_InPlaceSubtract(x, y); break;
                case MULTIPLY: result = PyNumber_InPlaceMultiply(x, y); break;
                default: result = PyNumber_InPlaceTrueDivide(x, y);
            }
            int same = result == x;
            Py_DECREF(x); Py_DECREF(y);
            Py_XDECREF(result);
            if (!result) return NULL;
            if (same) return Py_NewRef(self);
        }
    }
    return call2(in_place[op], self, other);
}

static PyObject *unary(PyObject *self, int op) {
    int is_small = 1;
    PyObject *x = IS_ARRAY(self) ? operand(self, &is_small) : NULL;
    if (!x || !(is_small || size_of(x) <= limit(most[op]))) return PyObject_CallOneArg(forward[op], self);
    Py_INCREF(x);
    PyObject *before = begin_warm(x), *result = op == NEGATIVE ? PyNumber_Negative(x) : op == POSITIVE ? PyNumber_Positive(x)
                       : op == ABSOLUTE ? PyNumber_Absolute(x) : PyNumber_Invert(x);
    end_warm(before);
    Py_DECREF(x);
    return wrapped(result, is_small);
}

#define BINOP(name, op) static PyObject *name(PyObject *a, PyObject *b) { return binary(a, b, op); }
#define CHANGE(name, op) static PyObject *name(PyObject *a, PyObject *b) { return changed(a, b, op); }
#define SLOW_CHANGE(name, op) static PyObject *name(PyObject *a, PyObject *b) { return call2(in_place[op], a, b); }
#define UNOP(name, op) static PyObject *name(PyObject *a) { return unary(a, op); }
BINOP(nb_add, ADD) BINOP(nb_subtract, SUBTRACT) BINOP(nb_multiply, MULTIPLY) BINOP(nb_remainder, REMAINDER)
BINOP(nb_divmod, DIVMOD) BINOP(nb_lshift, LSHIFT) BINOP(nb_rshift, RSHIFT) BINOP(nb_and, AND) BINOP(nb_xor, XOR)
BINOP(nb_or, OR) BINOP(nb_floor_divide, FLOOR_DIVIDE) BINOP(nb_true_divide, TRUE_DIVIDE)
BINOP(nb_matrix_multiply, MATRIX_MULTIPLY)
CHANGE(nb_iadd, ADD) CHANGE(nb_isubtract, SUBTRACT) CHANGE(nb_imultiply, MULTIPLY) CHANGE(nb_itrue_divide, TRUE_DIVIDE)
SLOW_CHANGE(nb_iremainder, REMAINDER) SLOW_CHANGE(nb_ilshift, LSHIFT) SLOW_CHANGE(nb_irshift, RSHIFT)
SLOW_CHANGE(nb_iand, AND) SLOW_CHANGE(nb_ixor, XOR) SLOW_CHANGE(nb_ior, OR) SLOW_CHANGE(nb_ifloor_divide, FLOOR_DIVIDE)
SLOW_CHANGE(nb_imatrix_multiply, MATRIX_MULTIPLY)
UNOP(nb_negative, NEGATIVE) UNOP(nb_positive, POSITIVE) UNOP(nb_absolute, ABSOLUTE) UNOP(nb_invert, INVERT)

/* The memory of an array that is there, as a new reference; NULL without an exception if it is not. */
static PyObject *memory_of(PyObject *self) {
    PyObject *memory = GIVEN(((Array *)self)->np) ? ((Array *)self)->np : settled((Array *)self);
    return Py_XNewRef(memory);
}

#define AS_NUMBER(name, op, convert) static PyObject *name(PyObject *self) {                \
    PyObject *memory = memory_of(self);                                                     \
    if (!memory) return PyObject_CallOneArg(forward[op], self);                             \
    PyObject *made = convert(memory);                                                       \
    Py_DECREF(memory);                                                                      \
    return made;                                                                            \
}
AS_NUMBER(nb_float, FLOAT, PyNumber_Float) AS_NUMBER(nb_int, INT, PyNumber_Long) AS_NUMBER(nb_index, INDEX, PyNumber_Index)

static int nb_bool(PyObject *self) {
    PyObject *memory = memory_of(self), *told = NULL;
    if (!memory && !(memory = told = PyObject_CallOneArg(forward[BOOL], self))) return -1;
    int found = PyObject_IsTrue(memory);
    Py_DECREF(memory);
    return found;
}

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

static PyObject *nb_power(PyObject *a, PyObject *b, PyObject *modulus) {
    if (modulus != Py_None) Py_RETURN_NOTIMPLEMENTED;
    return binary(a, b, POWER);
}

static PyObject *nb_ipower(PyObject *a, PyObject *b, PyObject *modulus) { return call2(in_place[POWER], a, b); }

static PyObject *compared(PyObject *a, PyObject *b, int how) {
    int op = how == Py_LT ? LESS : how == Py_LE ? LESS_EQUAL : how == Py_EQ ? EQUAL : how == Py_NE ? NOT_EQUAL
             : how == Py_GT ? GREATER : GREATER_EQUAL;
    PyObject *x, *y;
    int is_small;
    if (operands(a, b, op, &x, &y, &is_small)) {
        PyObject *before = begin_warm(PyArray_CheckExact(x) ? x : y), *result = PyObject_RichCompare(x, y, how);
        end_warm(before);
        Py_DECREF(x); Py_DECREF(y);
        return wrapped(result, is_small);
    }
    return call2(forward[op], a, b);
}

/* Whether a key is made of numbers, slices, None and ... alone, which NumPy takes as they are. */
static int is_simple_part(PyObject *x) {
    return PyLong_CheckExact(x) || PySlice_Check(x) || x == Py_None || x == Py_Ellipsis;
}

static int is_simple(PyObject *key) {
    if (!PyTuple_CheckExact(key)) return is_simple_part(key);
    for (Py_ssize_t n = 0; n < PyTuple_GET_SIZE(key); n++)
        if (!is_simple_part(PyTuple_GET_ITEM(key, n))) return 0;
    return 1;
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

/* See `settled_view`; what NumPy made is given away. NULL without an exception if there is no buffer yet. */
static PyObject *view_of_settled(Array *a, PyObject *shown) {
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

/* A key as NumPy takes it, as a new reference, and how many elements its index arrays pick (0: there are none);
   NULL without an exception if it has parts that need more than a look. */
static PyObject *plain_key(PyObject *key, PyArrayObject *memory, npy_intp *picked) {
    *picked = 0;
    if (is_simple(key)) return Py_NewRef(key);
    int several = PyTuple_CheckExact(key), ignored = 1;
    Py_ssize_t count = several ? PyTuple_GET_SIZE(key) : 1;
    PyObject *made = PyTuple_New(count);
    for (Py_ssize_t n = 0; made && n < count; n++) {
        PyObject *part = several ? PyTuple_GET_ITEM(key, n) : key;
        if (!is_simple_part(part)) {
            part = IS_ARRAY(part) ? operand(part, &ignored) : NULL;
            if (!part || !PyArray_NDIM((PyArrayObject *)part)) { Py_CLEAR(made); break; }
            if (size_of(part) > *picked) *picked = size_of(part);
            if (!*picked) *picked = 1;
        }
        PyTuple_SET_ITEM(made, n, Py_NewRef(part));
    }
    if (!made) { PyErr_Clear(); return NULL; }
    for (Py_ssize_t n = count; n < PyArray_NDIM(memory) && *picked < NPY_MAX_INTP / 1024; n++)
        *picked *= PyArray_DIM(memory, n) < 1024 ? PyArray_DIM(memory, n) : 1024;
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
            if (!shown || !PyArray_CheckExact(shown)) return shown;
            if (picked) return wrapped(shown, 0);
            PyObject *made = changed ? NULL : is_local ? view_of_local(a, shown) : view_of_settled(a, shown);
            if (made || PyErr_Occurred()) return made;
        } else {
            Py_XDECREF(plain);
        }
    }
    return call2(forward[GETITEM], self, key);
}

/* The memory of an array that `count` elements may be written to at once, borrowed; else NULL. */
static PyObject *target(Array *a, npy_intp count, Py_ssize_t few) {
    if (GIVEN(a->np)) return count <= PyArray_SIZE((PyArrayObject *)a->np) ? a->np : NULL;
    PyObject *memory = a->locked == Py_False && count <= few ? settled(a) : NULL;
    return memory && is_exclusive(a) ? memory : NULL;
}

static int assign(PyObject *self, PyObject *key, PyObject *value) {
    Array *a = (Array *)self;
    int is_small = 1, failed = -1, done = 0;
    PyObject *new = value && IS_ARRAY(self) && a->scalar == Py_False ? operand(value, &is_small) : NULL;
    Py_ssize_t few = new ? limit(most[SETITEM]) : 0;
    PyObject *memory = new ? target(a, size_of(new), few) : NULL;
    npy_intp picked;
    PyObject *plain = memory ? plain_key(key, (PyArrayObject *)memory, &picked) : NULL;
    if (plain) {
        Py_INCREF(memory); Py_INCREF(new);
        if (picked <= few && (GIVEN(a->np) || picked || PyArray_SIZE((PyArrayObject *)memory) <= few)) {
            failed = PyObject_SetItem(memory, plain, new);
            done = 1;
        } else if (!picked) {  /* few of many elements? */
            PyObject *shown = PyObject_GetItem(memory, plain);
            if (shown && PyArray_CheckExact(shown) && PyArray_SIZE((PyArrayObject *)shown) <= few)
                failed = PyArray_CopyObject((PyArrayObject *)shown, new), done = 1;
            else if (shown && !PyArray_CheckExact(shown))
                failed = PyObject_SetItem(memory, plain, new), done = 1;
            else if (!shown)
                done = 1;
            Py_XDECREF(shown);
        }
        Py_DECREF(memory); Py_DECREF(new); Py_DECREF(plain);
        if (done) return failed;
    }
    PyObject *args[] = {self, key, value};
    PyObject *told = value ? PyObject_Vectorcall(forward[SETITEM], args, 3, NULL) : call2(forward[DELITEM], self, key);
    Py_XDECREF(told);
    return told ? 0 : -1;
}

static PyObject *item(PyObject *self, Py_ssize_t n) {
    PyObject *key = PyLong_FromSsize_t(n), *found = key ? subscript(self, key) : NULL;
    Py_XDECREF(key);
    return found;
}

/* NumPy's protocol: `numpy.sin(x)`, and operators of its scalars. */
static PyObject *array_ufunc(PyObject *self, PyObject *const *args, Py_ssize_t count, PyObject *names) {
    PyObject *plain[4];
    int is_small = 1, n = 0;
    if (!names && count > 2 && count <= 6 && PyUnicode_Check(args[1]) && !PyUnicode_CompareWithASCIIString(args[1], "__call__")) {
        for (; n < count - 2 && (plain[n] = operand(args[n + 2], &is_small)); n++) {
            int fits = is_small || size_of(plain[n]) <= limit(1);
            if (!fits || (n && !same_shape(plain[0], plain[n]) && size_of(plain[n]) * size_of(plain[0]) > 16384)) break;
        }
        if (n == count - 2) {
            for (int k = 0; k < n; k++) Py_INCREF(plain[k]);
            PyObject *before = begin_warm(plain[n - 1]), *result = PyObject_Vectorcall(args[0], plain, n, NULL);
            end_warm(before);
            while (n--) Py_DECREF(plain[n]);
            return wrapped(result, 0);
        }
    }
    Py_ssize_t all = count + (names ? PyTuple_GET_SIZE(names) : 0);
    PyObject **given = PyMem_New(PyObject *, all + 1);
    if (!given) return PyErr_NoMemory();
    given[0] = self;
    memcpy(given + 1, args, sizeof(*given) * all);
    PyObject *made = PyObject_Vectorcall(general_ufunc, given, count + 1, names);
    PyMem_Free(given);
    return made;
}

static void array_dealloc(PyObject *self) {
    Array *a = (Array *)self;
    if (a->weakrefs) PyObject_ClearWeakRefs(self);
    Py_XDECREF(a->np); Py_XDECREF(a->hand); Py_XDECREF(a->seen); Py_XDECREF(a->buffer); Py_XDECREF(a->view);
    Py_XDECREF(a->part); Py_XDECREF(a->base); Py_XDECREF(a->locked); Py_XDECREF(a->scalar);
    Py_TYPE(self)->tp_free(self);
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
enum { DTYPE, NDIM, SHAPE_OF, SIZE, TRANSPOSED, ATTRIBUTES };
static PyObject *getters[ATTRIBUTES], *setters[ATTRIBUTES], *names[ATTRIBUTES];

static PyObject *get_attribute(PyObject *self, void *asked) {
    Array *a = (Array *)self;
    Py_ssize_t n = (Py_ssize_t)asked;
    PyObject *memory = GIVEN(a->np) ? a->np : GIVEN(a->hand) ? a->hand : NULL;
    return memory ? PyObject_GetAttr(memory, names[n]) : PyObject_CallOneArg(getters[n], self);
}

static int set_attribute(PyObject *self, PyObject *value, void *asked) {
    PyObject *done = call2(setters[(Py_ssize_t)asked], self, value ? value : Py_None);
    Py_XDECREF(done);
    return done ? 0 : -1;
}

static PyObject *get_transposed(PyObject *self, void *asked) {
    Array *a = (Array *)self;
    PyObject *memory = GIVEN(a->np) ? a->np : a->seen != Py_None && a->buffer ? settled(a) : NULL;
    PyObject *shown = memory ? PyArray_Transpose((PyArrayObject *)memory, NULL) : NULL;
    if (!shown) return PyErr_Occurred() ? NULL : PyObject_CallOneArg(getters[TRANSPOSED], self);
    return GIVEN(a->np) ? view_of_local(a, shown) : view_of_settled(a, shown);
}

static PyGetSetDef array_attributes[] = {
    {"T", get_transposed, NULL, NULL, NULL},
    {"dtype", get_attribute, NULL, NULL, (void *)DTYPE}, {"ndim", get_attribute, NULL, NULL, (void *)NDIM},
    {"shape", get_attribute, set_attribute, NULL, (void *)SHAPE_OF}, {"size", get_attribute, NULL, NULL, (void *)SIZE},
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

static PySequenceMethods array_sequence = {.sq_item = item, .sq_length = length};  /* reversed() asks for it */
static PyMappingMethods array_mapping = {.mp_length = length, .mp_subscript = subscript, .mp_ass_subscript = assign};

static PyTypeObject ArrayType = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "ramba.lazyarray._native.Array",
    .tp_basicsize = sizeof(Array), .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, .tp_new = PyType_GenericNew,
    .tp_dealloc = array_dealloc, .tp_members = array_members, .tp_methods = array_methods, .tp_getset = array_attributes,
    .tp_weaklistoffset = offsetof(Array, weakrefs),
    .tp_as_number = &array_number, .tp_as_mapping = &array_mapping, .tp_as_sequence = &array_sequence, .tp_richcompare = compared,
    .tp_hash = PyObject_HashNotImplemented};

/* A function, method or ufunc of NumPy's that is called at once if all its arguments are there; else `general` is. */
typedef struct {
    PyObject_HEAD
    vectorcallfunc vectorcall;
    PyObject *numpy, *general, *dict, *weakrefs;
    Py_ssize_t most;
    int nin;  /* of a ufunc: its operands are only read; else what the function does with its arguments */
} Function;

enum { SHAPE = -1, RANGE = -2, EXTENTS = -3, VIEW = -4, READS = -5 };  /* READS - n: the first n + 1 arguments */

#define MOST_ARGUMENTS 12

/* A list or tuple with NumPy's arrays in the place of ours; NULL without an exception if it holds anything else. */
static PyObject *plain_sequence(PyObject *x, npy_intp few, int *is_local, int *has_ours) {
    Py_ssize_t count = PySequence_Fast_GET_SIZE(x);
    PyObject *made = PyTuple_CheckExact(x) ? PyTuple_New(count) : PyList_New(count);
    for (Py_ssize_t n = 0; made && n < count; n++) {
        PyObject *item = PySequence_Fast_GET_ITEM(x, n);
        if (IS_ARRAY(item)) {
            Array *a = (Array *)item;
            item = GIVEN(a->np) ? a->np : few ? operand(item, is_local) : NULL;
            if (item && item != a->np && size_of(item) > few) item = NULL;
            *has_ours = 1;
        } else if (!is_number(item) && item != Py_None && !PyUnicode_CheckExact(item)) item = NULL;
        if (!item) { Py_CLEAR(made); break; }
        if (PyTuple_CheckExact(x)) PyTuple_SET_ITEM(made, n, Py_NewRef(item));
        else PyList_SET_ITEM(made, n, Py_NewRef(item));
    }
    if (!made) PyErr_Clear();
    return made;
}

/* An argument as NumPy takes it, as a new reference; NULL without an exception if it is not so simple. */
static PyObject *argument(Function *f, PyObject *x, PyObject *first, int is_read, int *is_local, int *has_ours) {
    if (IS_ARRAY(x)) {
        Array *a = (Array *)x;
        PyObject *memory = operand(x, is_local);
        *has_ours = 1;
        if (!memory) return NULL;
        if (f->nin <= 0 && memory != a->np) {
            if (size_of(memory) > limit(f->most)) return NULL;
            if (is_read) return Py_NewRef(memory);
            /* it may write, or show, what others have as well; some functions copy what they may not write */
            PyObject *shown = PyArray_View((PyArrayObject *)memory, NULL, NULL);
            if (shown) PyArray_CLEARFLAGS((PyArrayObject *)shown, NPY_ARRAY_WRITEABLE);
            return shown;
        }
        if (f->nin > 0 && (memory != a->np || (first && !same_shape(first, memory)))) {
            int fits = !first || same_shape(first, memory) ? size_of(memory) <= limit(f->most)
                                                            : size_of(memory) <= 128 && size_of(first) <= 128;
            if (!fits) return NULL;
        }
        return Py_NewRef(memory);
    }
    if (is_number(x) || x == Py_None || PyUnicode_CheckExact(x)) return Py_NewRef(x);
    if (f->nin > 0) return NULL;
    if (PyArray_DescrCheck(x) || PyType_Check(x)) return Py_NewRef(x);
    return PyTuple_CheckExact(x) || PyList_CheckExact(x) ? plain_sequence(x, is_read ? limit(f->most) : 0, is_local, has_ours)
                                                         : NULL;
}

/* What a function made, as ours; the reference is given away. */
static PyObject *result_of(PyObject *result, PyObject *const *args, PyObject **plain, Py_ssize_t count) {
    int is_array = PyArray_CheckExact(result);
    if (!is_array && !PyTuple_Check(result) && !PyList_Check(result)) return result;
    if (is_array && !PyArray_BASE((PyArrayObject *)result)) {
        for (Py_ssize_t n = 0; n < count; n++)
            if (plain[n] == result) { Py_DECREF(result); return Py_NewRef(args[n]); }
        return wrapped(result, PyArray_SIZE((PyArrayObject *)result) <= limit(1));
    }
    PyObject *given = PyTuple_New(count);
    for (Py_ssize_t n = 0; given && n < count; n++) PyTuple_SET_ITEM(given, n, Py_NewRef(args[n]));
    PyObject *made = given ? call2(ours, result, given) : NULL;
    Py_XDECREF(given); Py_DECREF(result);
    return made;
}

/* Whether a function refused to write what it may not, or shows what it was given: there is another way for those. */
static int is_doubtful(PyObject *result) {
    if (!result) {
        int refused = PyErr_ExceptionMatches(PyExc_ValueError);
        if (refused) PyErr_Clear();
        return refused;
    }
    if (PyArray_CheckExact(result)) return PyArray_BASE((PyArrayObject *)result) != NULL;
    return PyTuple_Check(result) || PyList_Check(result);
}

/* Whether an argument says nothing of how many elements are made. */
static int is_option(PyObject *x) {
    return is_number(x) || x == Py_None || PyUnicode_CheckExact(x) || PyType_Check(x) || PyArray_DescrCheck(x);
}

/* The most elements that a function makes of a shape, a range of integers, or one or two extents; else many. */
static npy_intp made_of(PyObject *const *args, Py_ssize_t all, int kind) {
    double size = 1, largest = 0;
    if (kind == SHAPE && PyTuple_CheckExact(args[0])) {
        for (Py_ssize_t n = 0; n < PyTuple_GET_SIZE(args[0]); n++) {
            PyObject *extent = PyTuple_GET_ITEM(args[0], n);
            if (!PyLong_CheckExact(extent)) return NPY_MAX_INTP;
            size *= fabs(PyLong_AsDouble(extent));
        }
    }
    for (Py_ssize_t n = 0; n < all; n++) {
        if (!n && kind == SHAPE && PyTuple_CheckExact(args[0])) continue;
        if (!(n && kind != RANGE ? is_option(args[n]) : PyLong_CheckExact(args[n]))) return NPY_MAX_INTP;
        if (!PyLong_CheckExact(args[n]) || (n && kind == SHAPE)) continue;
        double number = fabs(PyLong_AsDouble(args[n]));
        if (kind == RANGE) size += n < 2 ? number : 0;
        else if (!n) size = number;
        largest = number > largest ? number : largest;
    }
    PyErr_Clear();  /* of numbers that are too large */
    if (kind == EXTENTS) size *= largest;
    return size < 1e9 ? (npy_intp)size : NPY_MAX_INTP;
}

/* What a function of NumPy's shows of an array that is there; NULL without an exception if that takes more. */
static PyObject *viewed(Function *f, PyObject *const *args, Py_ssize_t count, PyObject *names) {
    if (!IS_ARRAY(args[0])) return NULL;
    Array *a = (Array *)args[0];
    PyObject *memory = GIVEN(a->np) ? a->np : a->seen != Py_None && a->buffer ? settled(a) : NULL;
    PyObject *plain[MOST_ARGUMENTS];
    Py_ssize_t all = count + (names ? PyTuple_GET_SIZE(names) : 0);
    if (!memory || all > MOST_ARGUMENTS) return NULL;
    for (Py_ssize_t n = 1; n < all; n++) {
        plain[n] = args[n];
        if (PyTuple_CheckExact(args[n]) || PyList_CheckExact(args[n])) {
            for (Py_ssize_t k = 0; k < PySequence_Fast_GET_SIZE(args[n]); k++)
                if (!PyLong_CheckExact(PySequence_Fast_GET_ITEM(args[n], k))) return NULL;
        } else if (!is_number(args[n]) && args[n] != Py_None && !PyUnicode_CheckExact(args[n])) {
            return NULL;
        }
    }
    plain[0] = Py_NewRef(memory);
    PyObject *shown = PyObject_Vectorcall(f->numpy, plain, count, names), *made = NULL;
    if (shown && PyArray_CheckExact(shown)) {
        PyObject *base = PyArray_BASE((PyArrayObject *)shown);
        int is_view = base && (base == memory || base == PyArray_BASE((PyArrayObject *)memory));
        if (is_view && GIVEN(a->np)) made = view_of_local(a, Py_NewRef(shown));
        else if (is_view && a->hand == memory) made = view_of_settled(a, Py_NewRef(shown));
        else if (!base && PyArray_SIZE((PyArrayObject *)shown) <= limit(f->most)) made = wrapped(Py_NewRef(shown), 0);
    } else if (!shown && PyErr_ExceptionMatches(PyExc_Exception)) {
        PyErr_Clear();  /* it is said again */
    }
    Py_DECREF(memory);
    Py_XDECREF(shown);
    return made;
}

static PyObject *function_call(PyObject *self, PyObject *const *args, size_t flags, PyObject *names) {
    Function *f = (Function *)self;
    PyObject *plain[MOST_ARGUMENTS], *first = NULL, *made = NULL;
    Py_ssize_t count = PyVectorcall_NARGS(flags), all = count + (names ? PyTuple_GET_SIZE(names) : 0), n = 0;
    int is_local = 1, has_ours = 0;
    if (f->nin == VIEW) {
        PyObject *shown = count ? viewed(f, args, count, names) : NULL;
        if (shown || PyErr_Occurred()) return shown;
    } else if (f->nin < 0 && f->nin > READS) {
        if (count && (f->nin != RANGE || (!names && count <= 3)) && made_of(args, all, f->nin) <= limit(1))
            return wrapped(PyObject_Vectorcall(f->numpy, args, count, names), 0);
    } else if (all && all <= MOST_ARGUMENTS && (f->nin <= 0 || (f->nin == count && !names))) {
        for (; n < all && (plain[n] = argument(f, args[n], first, n <= READS - f->nin, &is_local, &has_ours)); n++)
            if (!first && IS_ARRAY(args[n])) first = plain[n];
        if (n == all && has_ours) {
            PyObject *before = first ? begin_warm(first) : NULL, *result = PyObject_Vectorcall(f->numpy, plain, count, names);
            end_warm(before);
            if (!is_local && f->nin <= 0 && is_doubtful(result)) {
                Py_XDECREF(result);
                all = -1;
            } else {
                made = result ? result_of(result, args, plain, all) : NULL;
            }
        } else if (!PyErr_Occurred()) {
            all = -1;
        }
        while (n--) Py_DECREF(plain[n]);
        if (all >= 0) return made;
    }
    return PyObject_Vectorcall(f->general, args, flags, names);
}

static int function_init(PyObject *self, PyObject *args, PyObject *options) {
    Function *f = (Function *)self;
    PyObject *numpy, *general;
    if (!PyArg_ParseTuple(args, "OOni", &numpy, &general, &f->most, &f->nin)) return -1;
    SET(f->numpy, numpy);
    SET(f->general, general);
    f->vectorcall = function_call;
    return 0;
}

static PyObject *function_bound(PyObject *self, PyObject *object, PyObject *type) {
    return object ? PyMethod_New(self, object) : Py_NewRef(self);
}

static int function_traverse(PyObject *self, visitproc visit, void *arg) {
    Function *f = (Function *)self;
    Py_VISIT(f->numpy); Py_VISIT(f->general); Py_VISIT(f->dict);
    return 0;
}

static int function_clear(PyObject *self) {
    Function *f = (Function *)self;
    Py_CLEAR(f->numpy); Py_CLEAR(f->general); Py_CLEAR(f->dict);
    return 0;
}

static void function_dealloc(PyObject *self) {
    PyObject_GC_UnTrack(self);
    if (((Function *)self)->weakrefs) PyObject_ClearWeakRefs(self);
    function_clear(self);
    Py_TYPE(self)->tp_free(self);
}

static PyObject *function_reduce(PyObject *self, PyObject *unused) { return PyObject_GetAttrString(self, "__qualname__"); }

static PyMemberDef function_members[] = {
    {"__dictoffset__", T_PYSSIZET, offsetof(Function, dict), READONLY, NULL}, {NULL}};
static PyMethodDef function_methods[] = {{"__reduce__", function_reduce, METH_NOARGS, NULL}, {NULL}};
static PyGetSetDef function_attributes[] = {{"__dict__", PyObject_GenericGetDict, PyObject_GenericSetDict, NULL, NULL}, {NULL}};

static PyTypeObject FunctionType = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "ramba.lazyarray._native.Function",
    .tp_basicsize = sizeof(Function), .tp_new = PyType_GenericNew, .tp_init = function_init, .tp_dealloc = function_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL |
                Py_TPFLAGS_METHOD_DESCRIPTOR,
    .tp_vectorcall_offset = offsetof(Function, vectorcall), .tp_call = PyVectorcall_Call, .tp_descr_get = function_bound,
    .tp_traverse = function_traverse, .tp_clear = function_clear, .tp_dictoffset = offsetof(Function, dict),
    .tp_weaklistoffset = offsetof(Function, weakrefs), .tp_members = function_members, .tp_methods = function_methods,
    .tp_getset = function_attributes};

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

/* begin(ndarray, Stored, config's names, config.current, finished, view_of_memory, ours, array_ufunc) */
static PyObject *begin(PyObject *module, PyObject *args) {
    PyObject **places[] = {&array_type, &Stored, &config, &current, &finished, &view_of_memory, &ours, &general_ufunc};
    if (PyTuple_GET_SIZE(args) != 8) return PyErr_Format(PyExc_TypeError, "begin takes 8 arguments");
    for (int n = 0; n < 8; n++) SET(*places[n], PyTuple_GET_ITEM(args, n));
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

static PyMethodDef methods[] = {{"attribute", attribute, METH_VARARGS, NULL}, {"bind", bind, METH_VARARGS, NULL}, {"begin", begin, METH_VARARGS, NULL}, {NULL}};
static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "_native", NULL, -1, methods};

PyMODINIT_FUNC PyInit__native(void) {
    import_array();
    array_type = Py_NewRef((PyObject *)&ArrayType);
    struct { PyObject **place; const char *text; } words[] = {
        {&s_memory, "memory"}, {&s_node, "node"}, {&s_eager_size, "eager_size"}, {&s_settings, "_settings"}, {&s_borrowed, "borrowed"},
        {&s_token, "token"}, {&s_loan, "loan"},
        {&names[DTYPE], "dtype"}, {&names[NDIM], "ndim"}, {&names[SHAPE_OF], "shape"}, {&names[SIZE], "size"}, {&names[TRANSPOSED], "T"}};
    for (size_t n = 0; n < sizeof(words) / sizeof(*words); n++)
        if (!(*words[n].place = PyUnicode_InternFromString(words[n].text))) return NULL;
    PyObject *module = PyModule_Create(&definition);
    warm_capsule = PyCapsule_New(&warm, "mem_handler", NULL);
    if (!warm_capsule || !module || PyModule_AddType(module, &ArrayType) || PyModule_AddType(module, &FunctionType)) return NULL;
    return module;
}
