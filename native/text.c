/* Numbers in text files: found, read and written without Python's lock, so that all threads can.

   What is read is plain: numbers between delimiters, comments, empty lines. Anything else is left to NumPy, which says
   in its words what is wrong with it; so what is understood here has the values that NumPy gives it. Decimal digits
   become the nearest double by the algorithm of Eisel and Lemire (Lemire, "Number parsing at a gigabyte per second",
   Software: Practice and Experience 51, 2021), with powers of five that Python computes. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <locale.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#ifdef __APPLE__
#include <xlocale.h>
#endif

#define ODD (-1) /* what is NumPy's to read */
#define LEAST_POWER (-342)
#define GREATEST_POWER 308
#define LONGEST 512 /* characters of one number */

static uint64_t powers[GREATEST_POWER - LEAST_POWER + 1][2]; /* of five: the first 128 bits */
static locale_t plain; /* with a decimal point */

typedef struct {
    char delimiter; /* 0: any blanks */
    char comment;   /* 0: none */
} Style;

enum Kind { F8, F4, I1, I2, I4, I8, U1, U2, U4, U8, KINDS };
static const size_t WIDTHS[KINDS] = {8, 4, 1, 2, 4, 8, 1, 2, 4, 8};

static inline int is_blank(char c) { return c == ' ' || c == '\t'; }
static inline int is_digit(char c) { return (unsigned char)(c - '0') < 10; }

/* The end of the line that begins at `p`; `next` is where another one begins. */
static inline const char *line_end(const char *p, const char *end, const char **next) {
    const char *found = memchr(p, '\n', end - p);
    *next = found ? found + 1 : end;
    if (!found) return end;
    return found > p && found[-1] == '\r' ? found - 1 : found;
}

/* Where the fields of a line begin; its end if there are none. */
static inline const char *row_begin(const char *p, const char *end, Style style) {
    if (!style.delimiter)
        while (p < end && is_blank(*p)) p++;
    return p < end && style.comment && *p == style.comment ? end : p;
}

/* The double nearest to digits * 10 ** power; 0 if that needs more care. */
static int nearest(uint64_t digits, long power, double *out) {
    if (!digits) { *out = 0.0; return 1; }
    if (power < LEAST_POWER || power > GREATEST_POWER) return 0;
    int zeros = __builtin_clzll(digits);
    digits <<= zeros;
    const uint64_t *five = powers[power - LEAST_POWER];
    unsigned __int128 product = (unsigned __int128)digits * five[0];
    uint64_t high = product >> 64, low = (uint64_t)product;
    if ((high & 0x1FF) == 0x1FF) {
        uint64_t more = ((unsigned __int128)digits * five[1]) >> 64;
        low += more;
        if (more > low) high++;
    }
    int upper = high >> 63, shift = upper + 64 - 52 - 3;
    uint64_t mantissa = high >> shift;
    long exponent = (((152170 + 65536) * power) >> 16) + 63 + upper - zeros + 1023;
    if (exponent <= 0) return 0;
    if (low <= 1 && power >= -4 && power <= 23 && (mantissa & 3) == 1 && mantissa << shift == high) mantissa &= ~1ull;
    mantissa += mantissa & 1;
    mantissa >>= 1;
    if (mantissa >= 2ull << 52) { mantissa = 1ull << 52; exponent++; }
    if (exponent >= 0x7FF) return 0;
    uint64_t bits = (mantissa & ~(1ull << 52)) | (uint64_t)exponent << 52;
    memcpy(out, &bits, 8);
    return 1;
}

/* Whether a word of small letters is next, in letters of any size. */
static inline int word(const char *p, const char *end, const char *small) {
    for (; *small; p++, small++)
        if (p >= end || (*p | 0x20) != *small) return 0;
    return 1;
}

/* A number from `p` on; the place behind it, or NULL if there is none as plain as that. */
static const char *real(const char *p, const char *end, double *out) {
    const char *begin = p;
    int negative = p < end && *p == '-', many = 0, any = 0;
    if (p < end && (*p == '-' || *p == '+')) p++;
    uint64_t digits = 0;
    long power = 0, given = 0;
    int count = 0; /* significant ones */
    for (; p < end && is_digit(*p); p++, any = 1) {
        if (count < 19) { digits = digits * 10 + (*p - '0'); count += digits != 0; }
        else { many = 1; power++; }
    }
    if (p < end && *p == '.')
        for (p++; p < end && is_digit(*p); p++, any = 1) {
            if (count < 19) { digits = digits * 10 + (*p - '0'); count += digits != 0; power--; }
            else many = 1;
        }
    if (!any) {
        if (p != begin && p[-1] == '.') return NULL;
        if (word(p, end, "nan")) { *out = negative ? -NAN : NAN; return p + 3; }
        if (!word(p, end, "inf")) return NULL;
        *out = negative ? -INFINITY : INFINITY;
        return p + (word(p, end, "infinity") ? 8 : 3);
    }
    if (p < end && (*p == 'e' || *p == 'E')) {
        p++;
        int down = p < end && *p == '-';
        if (p < end && (*p == '-' || *p == '+')) p++;
        if (p >= end || !is_digit(*p)) return NULL;
        for (; p < end && is_digit(*p); p++)
            if (given < 100000) given = given * 10 + (*p - '0');
        power += down ? -given : given;
    }
    if (many || !nearest(digits, power, out)) {
        char text[LONGEST];
        if (p - begin >= LONGEST) return NULL;
        memcpy(text, begin, p - begin);
        text[p - begin] = 0;
        *out = strtod_l(text, NULL, plain);
        return isinf(*out) ? NULL : p;
    }
    if (negative) *out = -*out;
    return p;
}

/* A whole number within bounds, into an element; the place behind it, or NULL. */
static const char *whole(const char *p, const char *end, enum Kind kind, char *to) {
    int negative = p < end && *p == '-', is_signed = kind <= I8;
    if (p < end && (*p == '-' || *p == '+')) {
        if (!is_signed) return NULL;
        p++;
    }
    if (p >= end || !is_digit(*p)) return NULL;
    uint64_t value = 0, most = ~0ull >> (64 - 8 * WIDTHS[kind]);
    if (is_signed) most = (most >> 1) + negative;
    for (; p < end && is_digit(*p); p++) {
        unsigned last = *p - '0';
        if (value > (most - last) / 10) return NULL;
        value = value * 10 + last;
    }
    if (negative) value = -value;
    switch (WIDTHS[kind]) {
        case 1: { uint8_t v = value; memcpy(to, &v, 1); break; }
        case 2: { uint16_t v = value; memcpy(to, &v, 2); break; }
        case 4: { uint32_t v = value; memcpy(to, &v, 4); break; }
        default: memcpy(to, &value, 8);
    }
    return p;
}

static const char *element(const char *p, const char *end, enum Kind kind, char *to) {
    if (kind > F4) return whole(p, end, kind, to);
    double value;
    p = real(p, end, &value);
    if (!p) return NULL;
    if (kind == F8) memcpy(to, &value, 8);
    else { float v = (float)value; memcpy(to, &v, 4); }
    return p;
}

typedef struct {
    Style style;
    Py_ssize_t fields;      /* of every row */
    const int32_t *targets; /* the element of a row that a field becomes, or -1 */
    enum Kind kind;
    size_t row; /* bytes */
} Table;

/* Reads the fields from `p` to the end of a line into a row; 0 if it is odd. */
static int read_row(const char *p, const char *end, const Table *table, char *row) {
    char skipped[8];
    size_t width = WIDTHS[table->kind];
    for (Py_ssize_t n = 0;; n++) {
        while (p < end && is_blank(*p) && *p != table->style.delimiter) p++;
        if (n == table->fields) return 0;
        int32_t target = table->targets[n];
        if (!(p = element(p, end, table->kind, target < 0 ? skipped : row + target * width))) return 0;
        const char *behind = p;
        while (p < end && is_blank(*p) && *p != table->style.delimiter) p++;
        if (p == end || (table->style.comment && *p == table->style.comment)) return n + 1 == table->fields;
        if (table->style.delimiter) {
            if (*p++ != table->style.delimiter) return 0;
        } else if (p == behind) return 0;
    }
}

static Py_ssize_t read_rows(const char *p, const char *end, const Table *table, char *out, Py_ssize_t room) {
    Py_ssize_t rows = 0;
    while (p < end) {
        const char *next, *stop = line_end(p, end, &next);
        p = row_begin(p, stop, table->style);
        if (p < stop) {
            if (rows == room || !read_row(p, stop, table, out + rows * table->row)) return ODD;
            rows++;
        }
        p = next;
    }
    return rows;
}

/* parse(text, delimiter, comment, fields, targets, kind, columns, out) -> rows; -1 if something in it is odd */
static PyObject *parse(PyObject *module, PyObject *args) {
    Py_buffer text, targets, out;
    int delimiter, comment, kind;
    Py_ssize_t fields, columns, rows = ODD;
    if (!PyArg_ParseTuple(args, "y*iiny*inw*", &text, &delimiter, &comment, &fields, &targets, &kind, &columns, &out)) return NULL;
    if (kind >= 0 && kind < KINDS && fields > 0 && columns > 0 && targets.len == fields * (Py_ssize_t)sizeof(int32_t)) {
        Table table = {{delimiter, comment}, fields, targets.buf, kind, columns * WIDTHS[kind]};
        Py_BEGIN_ALLOW_THREADS
        rows = read_rows(text.buf, (char *)text.buf + text.len, &table, out.buf, out.len / (Py_ssize_t)table.row);
        Py_END_ALLOW_THREADS
    }
    PyBuffer_Release(&text);
    PyBuffer_Release(&targets);
    PyBuffer_Release(&out);
    return PyLong_FromSsize_t(rows);
}

/* Rows and other lines of a text; ODD rows if there are bytes that other encodings, or other ends of lines, explain. */
static void count_rows(const char *p, const char *end, Style style, Py_ssize_t *rows, Py_ssize_t *others) {
    uint64_t high = 0, word;
    const char *c = p;
    for (; end - c >= 8; c += 8) { memcpy(&word, c, 8); high |= word; }
    for (; c < end; c++) high |= (unsigned char)*c;
    for (c = p; (c = memchr(c, '\r', end - c)); c++)
        if (c + 1 == end || c[1] != '\n') high = 0x80;
    while (p < end) {
        const char *next, *stop = line_end(p, end, &next);
        p = row_begin(p, stop, style);
        if (p < stop) ++*rows;
        else ++*others;
        p = next;
    }
    if (high & 0x8080808080808080ull) *rows = ODD;
}

/* count(text, delimiter, comment) -> (rows, other lines); -1 rows if something in it is odd */
static PyObject *count(PyObject *module, PyObject *args) {
    Py_buffer text;
    int delimiter, comment;
    Py_ssize_t rows = 0, others = 0;
    if (!PyArg_ParseTuple(args, "y*ii", &text, &delimiter, &comment)) return NULL;
    Style style = {delimiter, comment};
    Py_BEGIN_ALLOW_THREADS
    count_rows(text.buf, (char *)text.buf + text.len, style, &rows, &others);
    Py_END_ALLOW_THREADS
    PyBuffer_Release(&text);
    return Py_BuildValue("nn", rows, others);
}

/* first(text, delimiter, comment) -> (where the first row begins, its fields); -1 if there is none */
static PyObject *first(PyObject *module, PyObject *args) {
    Py_buffer text;
    int delimiter, comment;
    Py_ssize_t at = -1, fields = 0;
    if (!PyArg_ParseTuple(args, "y*ii", &text, &delimiter, &comment)) return NULL;
    Style style = {delimiter, comment};
    const char *begin = text.buf, *end = begin + text.len;
    for (const char *p = begin, *next; p < end && at < 0; p = next) {
        const char *stop = line_end(p, end, &next), *q = row_begin(p, stop, style);
        if (q == stop) continue;
        at = p - begin;
        for (int inside = 0; q < stop && !(style.comment && *q == style.comment); q++) {
            if (style.delimiter) fields += *q == style.delimiter;
            else if (is_blank(*q)) inside = 0;
            else if (!inside) { inside = 1; fields++; }
        }
        fields += style.delimiter != 0;
    }
    PyBuffer_Release(&text);
    return Py_BuildValue("nn", at, fields);
}

typedef struct {
    const char *before, *how; /* literal text, then a conversion of C, of a double or a long long */
    Py_ssize_t before_length;
    char what;            /* 'f' or 'd' */
    char letter;          /* 'e' or 'f' if the conversion is of those that are written here, else 0 */
    int width, precision; /* of such a one */
} Column;

#define MOST_DIGITS 18 /* behind the point: what is before and behind it fits into 64 bits */
static const uint64_t TENS[] = {1ull, 10ull, 100ull, 1000ull, 10000ull, 100000ull, 1000000ull, 10000000ull, 100000000ull,
                                1000000000ull, 10000000000ull, 100000000000ull, 1000000000000ull, 10000000000000ull,
                                100000000000000ull, 1000000000000000ull, 10000000000000000ull, 100000000000000000ull,
                                1000000000000000000ull, 10000000000000000000ull};

/* Finds out whether a conversion is "%5.3e" or "%5.3f" with any numbers. */
static void understand(Column *column) {
    int length = 0;
    column->precision = 6;
    const char *how = column->how + 1;
    if (is_digit(*how) && *how != '0') column->width = strtol(how, (char **)&how, 10);
    if (*how == '.') column->precision = strtol(how + 1, (char **)&how, 10);
    length = strlen(how);
    if (length == 1 && (*how == 'e' || *how == 'f') && column->precision > 0 && column->precision <= MOST_DIGITS && column->width < 100)
        column->letter = *how;
}

/* The whole part of number * 10 ** power, a positive double, and the first 64 bits behind it; 0 if it is beyond what fits. */
static int scaled(uint64_t bits, long power, uint64_t *whole, uint64_t *rest) {
    if (power < LEAST_POWER || power > GREATEST_POWER) return 0;
    uint64_t mantissa = (bits << 12 >> 1) | 1ull << 63;
    long shift = -((long)(bits >> 52) - 1023 - 63 + ((152170 * power) >> 16) - 127 + power);
    if (shift < 128 || shift > 191) return 0;
    const uint64_t *five = powers[power - LEAST_POWER];
    unsigned __int128 high = (unsigned __int128)mantissa * five[0], low = (unsigned __int128)mantissa * five[1];
    high += low >> 64; /* the product's upper 128 bits */
    shift -= 64;       /* of them, so many are behind the point: 64 to 127 */
    *whole = (uint64_t)(high >> shift);
    *rest = (uint64_t)(high >> (shift - 64));
    return 1;
}

/* The nearest whole number; 0 if it is too near the middle between two. */
static int rounded(uint64_t *whole, uint64_t rest) {
    if (rest - ((1ull << 63) - 4) <= 8) return 0;
    *whole += rest >> 63;
    return 1;
}

/* Writes digits that end before `to`, so many or more; the place of the first one. */
static char *put_digits(char *to, uint64_t value, int least) {
    while (value || least > 0) { *--to = '0' + value % 10; value /= 10; least--; }
    return to;
}

/* A double as "%5.3e" and "%5.3f" show it; how many characters, or 0 if that needs more care. */
static int write_real(const Column *column, double real, char *to) {
    uint64_t bits, whole, rest;
    memcpy(&bits, &real, 8);
    int negative = bits >> 63, precision = column->precision;
    bits &= ~(1ull << 63);
    long exponent = bits >> 52;
    if (exponent == 0x7FF || (exponent == 0 && bits)) return 0;
    char text[64], *end = text + sizeof(text), *p = end;
    if (column->letter == 'f') {
        if (!bits) whole = 0;
        else if (!scaled(bits, precision, &whole, &rest) || !rounded(&whole, rest) || whole >> 63) return 0;
        p = put_digits(p, whole % TENS[precision], precision);
        *--p = '.';
        p = put_digits(p, whole / TENS[precision], 1);
    } else {
        long ten = bits ? ((exponent - 1023) * 78913) >> 18 : 0; /* log10(2) = 78913 / 2 ** 18 */
        if (!bits) whole = 0;
        else {
            if (!scaled(bits, precision - ten, &whole, &rest)) return 0;
            if (whole >= TENS[precision + 1]) {
                ten++;
                if (!scaled(bits, precision - ten, &whole, &rest)) return 0;
            }
            if (whole < TENS[precision] || !rounded(&whole, rest)) return 0;
            if (whole >= TENS[precision + 1]) { whole /= 10; ten++; }
        }
        p = put_digits(p, ten < 0 ? -ten : ten, 2);
        *--p = ten < 0 ? '-' : '+';
        *--p = 'e';
        p = put_digits(p, whole % TENS[precision], precision);
        *--p = '.';
        p = put_digits(p, whole / TENS[precision], 1);
    }
    if (negative) *--p = '-';
    int length = end - p, blanks = column->width > length ? column->width - length : 0;
    memset(to, ' ', blanks);
    memcpy(to + blanks, p, length);
    return blanks + length;
}

/* One number as text; how many characters, or ODD. */
static int write_number(const Column *column, char kind, const char *from, char *to) {
    double real = 0;
    long long whole = 0;
    if (kind == 'f') memcpy(&real, from, 8);
    else memcpy(&whole, from, 8);
    if (column->what == 'd') {
        if (kind == 'f') {
            if (!(real > -9.2e18 && real < 9.2e18)) return ODD;
            whole = (long long)real;
        }
        return snprintf(to, LONGEST, column->how, whole);
    }
    if (kind != 'f') real = (double)whole;
    int length = column->letter ? write_real(column, real, to) : 0;
    if (length) return length;
    if (!isfinite(real) && memchr(column->how + 1, '0', strspn(column->how + 1, "-+ 0"))) return ODD; /* zeros before it */
    if (isnan(real)) real = fabs(real);                           /* whose sign Python does not show */
    return snprintf(to, LONGEST, column->how, real);
}

/* Rows as text into `to`; its end, or NULL if something is odd. */
static char *write_rows(const char *from, Py_ssize_t rows, char kind, const Column *columns, Py_ssize_t count,
                        const char *newline, Py_ssize_t newline_length, char *to, const char *end) {
    for (; rows; rows--) {
        for (Py_ssize_t n = 0; n < count; n++, from += 8) {
            if (end - to < columns[n].before_length + newline_length + LONGEST) return NULL;
            memcpy(to, columns[n].before, columns[n].before_length);
            to += columns[n].before_length;
            int written = write_number(columns + n, kind, from, to);
            if (written < 0 || written >= LONGEST) return NULL;
            to += written;
        }
        memcpy(to, newline, newline_length);
        to += newline_length;
    }
    return to;
}

/* text(elements of 8 bytes, "f" or "d", ((literal, conversion, "f" or "d"), ...), end of a row, out) -> bytes; -1 if odd */
static PyObject *text(PyObject *module, PyObject *args) {
    Py_buffer from, out;
    int kind;
    PyObject *given;
    const char *newline;
    Py_ssize_t newline_length, length = ODD;
    if (!PyArg_ParseTuple(args, "y*CO!y#w*", &from, &kind, &PyTuple_Type, &given, &newline, &newline_length, &out)) return NULL;
    Py_ssize_t count = PyTuple_GET_SIZE(given);
    Column *columns = PyMem_Calloc(count + 1, sizeof(Column));
    int fits = columns != NULL && count;
    for (Py_ssize_t n = 0; fits && n < count; n++) {
        int what;
        fits = PyArg_ParseTuple(PyTuple_GET_ITEM(given, n), "y#yC", &columns[n].before, &columns[n].before_length,
                                &columns[n].how, &what);
        columns[n].what = what;
        if (fits && what == 'f') understand(columns + n);
    }
    if (fits) {
        Py_BEGIN_ALLOW_THREADS
        locale_t before = uselocale(plain);
        char *end = write_rows(from.buf, from.len / (8 * count), kind, columns, count, newline, newline_length, out.buf,
                               (char *)out.buf + out.len);
        uselocale(before);
        length = end ? end - (char *)out.buf : ODD;
        Py_END_ALLOW_THREADS
    }
    PyMem_Free(columns);
    PyBuffer_Release(&from);
    PyBuffer_Release(&out);
    return PyErr_Occurred() ? NULL : PyLong_FromSsize_t(length);
}

/* know(powers): the first 128 bits of each power of five, as `powers` has them */
static PyObject *know(PyObject *module, PyObject *args) {
    Py_buffer given;
    if (!PyArg_ParseTuple(args, "y*", &given)) return NULL;
    int fits = given.len == sizeof(powers);
    if (fits) memcpy(powers, given.buf, sizeof(powers));
    PyBuffer_Release(&given);
    if (!fits) return PyErr_Format(PyExc_ValueError, "there are %zu bytes of powers", sizeof(powers));
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {{"count", count, METH_VARARGS, NULL}, {"first", first, METH_VARARGS, NULL},
                                {"know", know, METH_VARARGS, NULL},   {"parse", parse, METH_VARARGS, NULL},
                                {"text", text, METH_VARARGS, NULL},   {NULL}};
static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "_text", NULL, -1, methods};

PyMODINIT_FUNC PyInit__text(void) {
    plain = newlocale(LC_ALL_MASK, "C", NULL);
    return plain ? PyModule_Create(&definition) : PyErr_NoMemory();
}
