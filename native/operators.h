/* Operators on elements that are there. */

static int same_shape(PyObject *x, PyObject *y) {
    if (!PyArray_CheckExact(x) || !PyArray_CheckExact(y)) return 1;
    PyArrayObject *a = (PyArrayObject *)x, *b = (PyArrayObject *)y;
    return PyArray_NDIM(a) == PyArray_NDIM(b) && PyArray_CompareLists(PyArray_DIMS(a), PyArray_DIMS(b), PyArray_NDIM(a));
}


/* The elements of what two operands make together; none, if NumPy will refuse them. */
static npy_intp result_size(PyObject *x, PyObject *y) {
    if (!PyArray_CheckExact(x) || !PyArray_CheckExact(y)) return size_of(PyArray_CheckExact(x) ? x : y);
    PyArrayObject *a = (PyArrayObject *)x, *b = (PyArrayObject *)y;
    int more = PyArray_NDIM(a) - PyArray_NDIM(b);
    if (more < 0) return result_size(y, x);
    npy_intp size = 1;
    for (int n = 0; n < PyArray_NDIM(a); n++) {
        npy_intp first = PyArray_DIM(a, n), second = n < more ? 1 : PyArray_DIM(b, n - more);
        if (first != second && first != 1 && second != 1) return 0;
        npy_intp extent = first == 1 ? second : first;
        size = extent && size > NPY_MAX_INTP / extent ? NPY_MAX_INTP : size * extent;
    }
    return size;
}

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
        npy_intp size = size_of(PyArray_CheckExact(*x) ? *x : *y);
        if (*is_small || size <= limit(most[op]) || is_alone(&operators_known[op], size)) return 1;
    } else if (result_size(*x, *y) <= limit(*is_small ? 1 : most[op])) {
        return 1;
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
        default: return PyObject_RichCompare(x, y, op == LESS ? Py_LT : op == LESS_EQUAL ? Py_LE : op == EQUAL ? Py_EQ
                                             : op == NOT_EQUAL ? Py_NE : op == GREATER ? Py_GT : Py_GE);
    }
}

/* An operation on elements that are there, recorded as the beginning of a chain; NULL, perhaps with an exception. */
static PyObject *chained(PyObject *left, PyObject *right, int op, PyObject *x, PyObject *y, int is_small) {
    if (is_small || !begins_chain(&operators_known[op], most[op], PyArray_CheckExact(x) ? x : y)) return NULL;
    return recorded(&operators_known[op], left, right);
}

static PyObject *binary(PyObject *left, PyObject *right, int op) {
    PyObject *x, *y;
    int is_small;
    if (operands(left, right, op, &x, &y, &is_small)) {
        PyObject *made = chained(left, right, op, x, y, is_small);
        if (made || PyErr_Occurred()) { Py_DECREF(x); Py_DECREF(y); return made; }
        PyObject *before = begin_warm(PyArray_CheckExact(x) ? x : y), *result = numbers(x, y, op);
        end_warm(before);
        Py_DECREF(x); Py_DECREF(y);
        return wrapped(result, is_small);
    }
    PyObject *made = recorded(&operators_known[op], left, right);
    if (made || PyErr_Occurred()) return made;
    if (PyObject_TypeCheck(left, ((PyTypeObject *)array_type)->tp_base)) return call2(forward[op], left, right);
    return call2(reflected[op], right, left);
}

static PyObject *changed(PyObject *self, PyObject *other, int op) {
    Array *a = (Array *)self;
    if (IS_ARRAY(self) && a->scalar == Py_False) {
        int is_small = 1;
        PyObject *y = operand(other, &is_small), *x = GIVEN(a->np) ? a->np : NULL, *lock;
        if (y && !x && a->locked == Py_False && (x = settled(a)) && size_of(x) > limit(most[op]) &&
            !is_alone(&operators_known[op], size_of(x))) x = NULL;
        if (x && y && (is_small || size_of(y) <= size_of(x))) {
            PyObject *result = NULL;
            Py_INCREF(x); Py_INCREF(y);
            int is_open = begin_writing(a, x, size_of(x), &lock);
            if (is_open) switch (op) {
                case ADD: result = PyNumber_InPlaceAdd(x, y); break;
                case SUBTRACT: result = PyNumber_InPlaceSubtract(x, y); break;
                case MULTIPLY: result = PyNumber_InPlaceMultiply(x, y); break;
                default: result = PyNumber_InPlaceTrueDivide(x, y);
            }
            end_writing(lock);
            int same = result == x;
            Py_DECREF(x); Py_DECREF(y);
            Py_XDECREF(result);
            if (same) return Py_NewRef(self);
            if (PyErr_Occurred()) return NULL;
        }
    }
    return call2(in_place[op], self, other);
}

static PyObject *unary(PyObject *self, int op) {
    int is_small = 1;
    PyObject *x = IS_ARRAY(self) ? operand(self, &is_small) : NULL;
    if (!x || !(is_small || size_of(x) <= limit(most[op]) || is_alone(&operators_known[op], size_of(x)))) {
        PyObject *made = recorded(&operators_known[op], self, NULL);
        return made || PyErr_Occurred() ? made : PyObject_CallOneArg(forward[op], self);
    }
    if (!is_small && begins_chain(&operators_known[op], most[op], x)) {
        PyObject *made = recorded(&operators_known[op], self, NULL);
        if (made || PyErr_Occurred()) return made;
    }
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
        PyObject *made = chained(a, b, op, x, y, is_small);
        if (made || PyErr_Occurred()) { Py_DECREF(x); Py_DECREF(y); return made; }
        PyObject *before = begin_warm(PyArray_CheckExact(x) ? x : y), *result = PyObject_RichCompare(x, y, how);
        end_warm(before);
        Py_DECREF(x); Py_DECREF(y);
        return wrapped(result, is_small);
    }
    PyObject *made = recorded(&operators_known[op], a, b);
    return made || PyErr_Occurred() ? made : call2(forward[op], a, b);
}

/* NumPy's protocol: `numpy.sin(x)`, and operators of its scalars; see functions.h. */
static PyObject *array_ufunc(PyObject *self, PyObject *const *args, Py_ssize_t count, PyObject *names);
