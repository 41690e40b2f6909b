// The register tile that all our matrix products are made of: up to 6 rows by 16 columns, 12 sums in registers.
// Include only where the target attribute for AVX2 and FMA is in force.
#ifndef CKERNELS_AVX2_TILE_H
#define CKERNELS_AVX2_TILE_H

#include "avx2_math.h"

enum { panel_width = 16 };

// out[row, 0..15] = left[row, depth] · panel[depth, 16], or += if `accumulate`; `rows` and `accumulate` must be
// constants at each use. Per step of depth, 6 rows read 8 vectors for 12 FMAs, which keeps both FMA units busy.
CK_INLINE void multiply_tile(
    const float *left, size_t left_stride, const float *panel, float *out, size_t out_stride, size_t depth,
    const int rows, const int accumulate) {
    __m256 low[6], high[6];
#pragma clang loop unroll(full)
    for (int row = 0; row < rows; row++) {
        low[row] = accumulate ? _mm256_loadu_ps(out + (size_t)row * out_stride) : _mm256_setzero_ps();
        high[row] = accumulate ? _mm256_loadu_ps(out + (size_t)row * out_stride + 8) : _mm256_setzero_ps();
    }
    for (size_t k = 0; k < depth; k++) {
        __m256 first = _mm256_loadu_ps(panel + panel_width * k), second = _mm256_loadu_ps(panel + panel_width * k + 8);
#pragma clang loop unroll(full)
        for (int row = 0; row < rows; row++) {
            __m256 factor = _mm256_broadcast_ss(left + (size_t)row * left_stride + k);
            low[row] = _mm256_fmadd_ps(factor, first, low[row]);
            high[row] = _mm256_fmadd_ps(factor, second, high[row]);
        }
    }
#pragma clang loop unroll(full)
    for (int row = 0; row < rows; row++) {
        _mm256_storeu_ps(out + (size_t)row * out_stride, low[row]);
        _mm256_storeu_ps(out + (size_t)row * out_stride + 8, high[row]);
    }
}

// One panel against any number of rows; `accumulate` must be a constant at each use.
CK_INLINE void multiply_panel(
    const float *left, size_t left_stride, const float *panel, float *out, size_t out_stride, size_t rows,
    size_t depth, const int accumulate) {
    size_t row = 0;
#define ROWS(count)                                                                        \
    multiply_tile(left + row * left_stride, left_stride, panel, out + row * out_stride, out_stride, depth, count, accumulate)
    for (; row + 6 <= rows; row += 6) ROWS(6);
    switch (rows - row) {
        case 5: ROWS(5); break;
        case 4: ROWS(4); break;
        case 3: ROWS(3); break;
        case 2: ROWS(2); break;
        case 1: ROWS(1); break;
    }
#undef ROWS
}

#endif
