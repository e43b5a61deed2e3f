/* The gradient of Σ tanh(x) exp(−x²) + log1p(x²). Compiled twice: as it is, where each function is a call of the C
   library, and with -ffast-math, where the compiler calls the library's vector functions (libmvec). NAME is its name. */

#include <math.h>
#include <stddef.h>

void NAME(const double *restrict x, ptrdiff_t n, double *restrict g) {
    for (ptrdiff_t i = 0; i < n; i++) {
        double t = tanh(x[i]), e = exp(-x[i] * x[i]);
        g[i] = (1 - t * t) * e - 2 * x[i] * t * e + 2 * x[i] / (1 + x[i] * x[i]);
    }
}
