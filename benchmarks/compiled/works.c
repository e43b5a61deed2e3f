/* The derivatives of programs.py, written by hand: what a compiler of derivatives is measured against.

   The entries take NumPy arrays and return new ones. They trust their arguments. */

#define PY_SSIZE_T_CLEAN
#define NPY_NO_DEPRECATED_API NPY_2_0_API_VERSION
#include <Python.h>
#include <math.h>
#include <numpy/arrayobject.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double *doubles(PyObject *x) { return PyArray_DATA((PyArrayObject *)x); }
static npy_intp length(PyObject *x, int axis) { return PyArray_DIM((PyArrayObject *)x, axis); }
static PyObject *like(PyObject *x) {
    PyArrayObject *array = (PyArrayObject *)x;
    return PyArray_SimpleNew(PyArray_NDIM(array), PyArray_DIMS(array), PyArray_TYPE(array));
}

/* Each derivative takes the data of its arguments, their sizes, and where the result goes. */

static void rosenbrock(const double *restrict x, npy_intp n, double *restrict g) {
    g[0] = -400 * x[0] * (x[1] - x[0] * x[0]) - 2 * (1 - x[0]);
    for (npy_intp i = 1; i < n - 1; i++)
        g[i] = 200 * (x[i] - x[i - 1] * x[i - 1]) - 400 * x[i] * (x[i + 1] - x[i] * x[i]) - 2 * (1 - x[i]);
    g[n - 1] = 200 * (x[n - 1] - x[n - 2] * x[n - 2]);
}

static void rosenbrock_hvp(const double *restrict x, const double *restrict v, npy_intp n, double *restrict h) {
    h[0] = (1200 * x[0] * x[0] - 400 * x[1] + 2) * v[0] - 400 * x[0] * v[1];
    for (npy_intp i = 1; i < n - 1; i++)
        h[i] = (1200 * x[i] * x[i] - 400 * x[i + 1] + 202) * v[i] - 400 * x[i] * v[i + 1] - 400 * x[i - 1] * v[i - 1];
    h[n - 1] = 200 * v[n - 1] - 400 * x[n - 2] * v[n - 2];
}

/* In a file of its own, for it is compiled twice. */
void chain_exact(const double *restrict x, npy_intp n, double *restrict g);
void chain_vector(const double *restrict x, npy_intp n, double *restrict g);

typedef double lanes __attribute__((vector_size(64), aligned(8), may_alias));
enum { LANES = 8 };

/* By vectors that are written out: without -ffast-math the compiler may not reorder a sum. */
static double dot(const double *restrict x, const double *restrict y, npy_intp n) {
    lanes a = {0}, b = {0};
    double sum = 0;
    npy_intp k = 0;
    for (; k + 2 * LANES <= n; k += 2 * LANES) {
        a += *(const lanes *)(x + k) * *(const lanes *)(y + k);
        b += *(const lanes *)(x + k + LANES) * *(const lanes *)(y + k + LANES);
    }
    if (k) {
        a += b;
        for (int p = 0; p < LANES; p++)
            sum += a[p];
    }
    for (; k < n; k++)
        sum += x[k] * y[k];
    return sum;
}

/* One pass over the table. */
static void logistic(const double *restrict w, const double *restrict X, const double *restrict y, npy_intp n,
                     npy_intp d, double *restrict g) {
    memset(g, 0, d * sizeof *g);
    for (npy_intp i = 0; i < n; i++) {
        const double *row = X + i * d;
        double s = -y[i] / (1 + exp(y[i] * dot(row, w, d)));
        for (npy_intp k = 0; k < d; k++)
            g[k] += s * row[k];
    }
}

/* Coordinates are laid out one after the other, and each body adds to all: no sum crosses the lanes of a vector. */
static void energy(const double *restrict x, npy_intp n, double *restrict g) {
    enum { MOST = 256 };
    static double p[3][MOST], f[3][MOST];
    memset(f, 0, sizeof f);
    for (npy_intp i = 0; i < n; i++)
        for (int c = 0; c < 3; c++)
            p[c][i] = x[3 * i + c];
    for (npy_intp i = 0; i < n; i++) {
        double a = p[0][i], b = p[1][i], c = p[2][i];
        for (npy_intp j = 0; j < n; j++) {
            double dx = a - p[0][j], dy = b - p[1][j], dz = c - p[2][j];
            double r2 = dx * dx + dy * dy + dz * dz + 0.01;
            double s = 1 / (r2 * sqrt(r2));
            f[0][j] += dx * s;
            f[1][j] += dy * s;
            f[2][j] += dz * s;
        }
    }
    for (npy_intp i = 0; i < n; i++)
        for (int c = 0; c < 3; c++)
            g[3 * i + c] = f[c][i];
}

typedef void (*gemm)(char *, char *, int *, int *, int *, void *, void *, int *, void *, int *, void *, void *, int *);
static gemm sgemm, dgemm;

#define NETWORK(NAME, T, GEMM, EXP)                                                                                   \
    /* z = x y, row by row: Fortran, which transposes, finds zᵀ = yᵀ xᵀ. */                                           \
    static void product_##NAME(char tx, char ty, int m, int n, int k, const T *x, int lx, const T *y, int ly, T *z) { \
        T one = 1, zero = 0;                                                                                          \
        GEMM(&ty, &tx, &n, &m, &k, &one, (void *)y, &ly, (void *)x, &lx, &zero, z, &n);                               \
    }                                                                                                                 \
    static void columns_##NAME(const T *restrict x, int m, int n, T *restrict s) {                                    \
        memset(s, 0, n * sizeof *s);                                                                                  \
        for (int i = 0; i < m; i++)                                                                                   \
            for (int j = 0; j < n; j++)                                                                               \
                s[j] += x[i * n + j];                                                                                 \
    }                                                                                                                 \
    static void network_##NAME(T *const *W, T *const *b, const int *size, const T *x, const int64_t *labels, int m,   \
                               T *const *gW, T *const *gb) {                                                          \
        T *h[4] = {(T *)x}, *d[4];                                                                                    \
        for (int l = 1; l < 4; l++) {                                                                                 \
            h[l] = malloc(sizeof(T) * m * size[l]);                                                                   \
            d[l] = malloc(sizeof(T) * m * size[l]);                                                                   \
        }                                                                                                             \
        for (int l = 1; l < 4; l++) {                                                                                 \
            T *restrict u = h[l];                                                                                     \
            const T *restrict bias = b[l - 1];                                                                        \
            product_##NAME('N', 'N', m, size[l], size[l - 1], h[l - 1], size[l - 1], W[l - 1], size[l], u);           \
            for (int i = 0; i < m; i++)                                                                               \
                for (int j = 0; j < size[l]; j++) {                                                                   \
                    T a = u[i * size[l] + j] + bias[j];                                                               \
                    u[i * size[l] + j] = l < 3 && a < 0 ? 0 : a;                                                      \
                }                                                                                                     \
        }                                                                                                             \
        for (int i = 0; i < m; i++) {                                                                                 \
            int n = size[3];                                                                                          \
            T *row = h[3] + i * n, *out = d[3] + i * n, top = row[0], sum = 0;                                        \
            for (int j = 1; j < n; j++)                                                                               \
                top = row[j] > top ? row[j] : top;                                                                    \
            for (int j = 0; j < n; j++)                                                                               \
                sum += out[j] = EXP(row[j] - top);                                                                    \
            for (int j = 0; j < n; j++)                                                                               \
                out[j] = (out[j] / sum - (j == labels[i])) / m;                                                       \
        }                                                                                                             \
        for (int l = 3; l > 0; l--) {                                                                                 \
            product_##NAME('T', 'N', size[l - 1], size[l], m, h[l - 1], size[l - 1], d[l], size[l], gW[l - 1]);       \
            columns_##NAME(d[l], m, size[l], gb[l - 1]);                                                              \
            if (l == 1)                                                                                               \
                break;                                                                                                \
            product_##NAME('N', 'T', m, size[l - 1], size[l], d[l], size[l], W[l - 1], size[l], d[l - 1]);            \
            for (int i = 0; i < m * size[l - 1]; i++)                                                                 \
                d[l - 1][i] = h[l - 1][i] > 0 ? d[l - 1][i] : 0;                                                      \
        }                                                                                                             \
        for (int l = 1; l < 4; l++) {                                                                                 \
            free(h[l]);                                                                                               \
            free(d[l]);                                                                                               \
        }                                                                                                             \
    }                                                                                                                 \
    /* The arguments: a list of pairs (W, b), the images, the labels. */                                              \
    static PyObject *enter_network_##NAME(PyObject *self, PyObject *const *args, Py_ssize_t count) {                  \
        T *W[3], *b[3], *gW[3], *gb[3];                                                                               \
        int size[4];                                                                                                  \
        PyObject *result = PyList_New(3);                                                                             \
        for (int l = 0; l < 3; l++) {                                                                                 \
            PyObject *pair = PyList_GET_ITEM(args[0], l), *w = PyTuple_GET_ITEM(pair, 0);                             \
            PyObject *v = PyTuple_GET_ITEM(pair, 1), *gw = like(w), *gv = like(v);                                    \
            size[l] = (int)length(w, 0);                                                                              \
            size[l + 1] = (int)length(w, 1);                                                                          \
            W[l] = (T *)doubles(w);                                                                                   \
            b[l] = (T *)doubles(v);                                                                                   \
            gW[l] = (T *)doubles(gw);                                                                                 \
            gb[l] = (T *)doubles(gv);                                                                                 \
            PyList_SET_ITEM(result, l, PyTuple_Pack(2, gw, gv));                                                      \
            Py_DECREF(gw);                                                                                            \
            Py_DECREF(gv);                                                                                            \
        }                                                                                                             \
        network_##NAME(W, b, size, (T *)doubles(args[1]), (int64_t *)doubles(args[2]), (int)length(args[1], 0), gW,   \
                       gb);                                                                                           \
        return result;                                                                                                \
    }

NETWORK(float32, float, sgemm, expf)
NETWORK(float64, double, dgemm, exp)

#define ENTRY(NAME, ...)                                                                                              \
    static PyObject *enter_##NAME(PyObject *self, PyObject *const *args, Py_ssize_t count) {                          \
        PyObject *result = like(args[0]);                                                                             \
        if (result) {                                                                                                 \
            double *g = doubles(result);                                                                              \
            NAME(__VA_ARGS__, g);                                                                                     \
        }                                                                                                             \
        return result;                                                                                                \
    }

ENTRY(rosenbrock, doubles(args[0]), length(args[0], 0))
ENTRY(rosenbrock_hvp, doubles(args[0]), doubles(args[1]), length(args[0], 0))
ENTRY(chain_exact, doubles(args[0]), length(args[0], 0))
ENTRY(chain_vector, doubles(args[0]), length(args[0], 0))
ENTRY(logistic, doubles(args[0]), doubles(args[1]), doubles(args[2]), length(args[1], 0), length(args[1], 1))
ENTRY(energy, doubles(args[0]), length(args[0], 0))

/* use_blas(address of sgemm, address of dgemm) */
static PyObject *use_blas(PyObject *self, PyObject *const *args, Py_ssize_t count) {
    sgemm = (gemm)PyLong_AsVoidPtr(args[0]);
    dgemm = (gemm)PyLong_AsVoidPtr(args[1]);
    Py_RETURN_NONE;
}

/* seconds(address, inputs, outputs, workspace, calls): how long one call of a compiled program takes without Python. */
static PyObject *seconds(PyObject *self, PyObject *const *args, Py_ssize_t count) {
    typedef int32_t (*program)(void *, void *, void *);
    program run = (program)PyLong_AsVoidPtr(args[0]);
    void *inputs = PyLong_AsVoidPtr(args[1]), *outputs = PyLong_AsVoidPtr(args[2]);
    void *workspace = PyLong_AsVoidPtr(args[3]);
    long calls = PyLong_AsLong(args[4]);
    struct timespec began, ended;
    if (PyErr_Occurred())
        return NULL;
    clock_gettime(CLOCK_MONOTONIC, &began);
    for (long k = 0; k < calls; k++)
        run(inputs, outputs, workspace);
    clock_gettime(CLOCK_MONOTONIC, &ended);
    return PyFloat_FromDouble(((ended.tv_sec - began.tv_sec) + 1e-9 * (ended.tv_nsec - began.tv_nsec)) / calls);
}

#define METHOD(NAME, FUNCTION) {NAME, (PyCFunction)(void (*)(void))FUNCTION, METH_FASTCALL, NULL}
static PyMethodDef methods[] = {
    METHOD("rosenbrock", enter_rosenbrock),
    METHOD("rosenbrock_hvp", enter_rosenbrock_hvp),
    METHOD("chain", enter_chain_exact),
    METHOD("chain_vector", enter_chain_vector),
    METHOD("logistic", enter_logistic),
    METHOD("energy", enter_energy),
    METHOD("network_float32", enter_network_float32),
    METHOD("network_float64", enter_network_float64),
    METHOD("use_blas", use_blas),
    METHOD("seconds", seconds),
    {NULL, NULL, 0, NULL},
};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "works", NULL, -1, methods};

PyMODINIT_FUNC PyInit_works(void) {
    import_array();
    return PyModule_Create(&module);
}
