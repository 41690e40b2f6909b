// Winograd's transforms (winograd.c) and the product of packed matrices, for AVX2.
#include "avx2.h"

#if defined(__x86_64__)

#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)

#include "avx2_tile.h"

static const float root2 = 1.41421356237309504880f;

// B^T times a column of six.
CK_INLINE void transform_input(const __m256 x[6], __m256 out[6]) {
    __m256 even = _mm256_fnmadd_ps(all(2), x[2], x[4]), odd = _mm256_fmsub_ps(all(root2 / 2), x[3], _mm256_mul_ps(all(root2), x[1]));
    __m256 outer = _mm256_fnmadd_ps(all(0.5f), x[2], x[4]), steep = _mm256_fmsub_ps(all(root2), x[3], _mm256_mul_ps(all(root2 / 2), x[1]));
    out[0] = _mm256_fnmadd_ps(all(2.5f), x[2], _mm256_add_ps(x[0], x[4]));
    out[1] = _mm256_add_ps(even, odd);
    out[2] = _mm256_sub_ps(even, odd);
    out[3] = _mm256_add_ps(outer, steep);
    out[4] = _mm256_sub_ps(outer, steep);
    out[5] = _mm256_fnmadd_ps(all(2.5f), x[3], _mm256_add_ps(x[1], x[5]));
}

// A^T times a column of six.
CK_INLINE void transform_output(const __m256 x[6], __m256 out[4]) {
    __m256 near_sum = _mm256_add_ps(x[1], x[2]), near_difference = _mm256_sub_ps(x[1], x[2]);
    __m256 far_sum = _mm256_add_ps(x[3], x[4]), far_difference = _mm256_sub_ps(x[3], x[4]);
    out[0] = _mm256_add_ps(x[0], _mm256_add_ps(near_sum, far_sum));
    out[1] = _mm256_fmadd_ps(all(root2), far_difference, _mm256_mul_ps(all(root2 / 2), near_difference));
    out[2] = _mm256_fmadd_ps(all(2), far_sum, _mm256_mul_ps(all(0.5f), near_sum));
    out[3] = _mm256_fmadd_ps(
        all(2 * root2), far_difference, _mm256_fmadd_ps(all(root2 / 4), near_difference, x[5]));
}

// Eight channels of a tile, or fewer under a mask; `masked` must be a constant at each use.
CK_INLINE __m256 load(const float *x, __m256i mask, const int masked) {
    return masked ? _mm256_maskload_ps(x, mask) : _mm256_loadu_ps(x);
}

CK_INLINE void store(float *x, __m256i mask, __m256 value, const int masked) {
    if (masked) _mm256_maskstore_ps(x, mask, value);
    else _mm256_storeu_ps(x, value);
}

CK_INLINE void input_of_eight(
    const float *const *pixels, size_t c, float *planes, size_t plane_stride, __m256i mask, const int masked) {
    __m256 half[6][6];
    for (int j = 0; j < 6; j++) {
        __m256 x[6], out[6];
        for (int k = 0; k < 6; k++) x[k] = load(pixels[6 * k + j] + c, mask, masked);
        transform_input(x, out);
        for (int i = 0; i < 6; i++) half[i][j] = out[i];
    }
    for (int i = 0; i < 6; i++) {
        __m256 out[6];
        transform_input(half[i], out);
        for (int j = 0; j < 6; j++) store(planes + (size_t)(6 * i + j) * plane_stride + c, mask, out[j], masked);
    }
}

void ck_avx2_winograd_input(const float *const *pixels, float *planes, size_t plane_stride, size_t channels) {
    size_t c = 0;
    __m256i mask = first_lanes(channels % 8);
    for (; c + 8 <= channels; c += 8) input_of_eight(pixels, c, planes, plane_stride, mask, 0);
    if (c < channels) input_of_eight(pixels, c, planes, plane_stride, mask, 1);
}

CK_INLINE void output_of_eight(
    const float *planes, size_t plane_stride, const float *bias, float *const *pixels, size_t c, __m256i mask,
    const int masked) {
    __m256 half[4][6], offset = load(bias + c, mask, masked);
    for (int j = 0; j < 6; j++) {
        __m256 x[6], out[4];
        for (int k = 0; k < 6; k++) x[k] = load(planes + (size_t)(6 * k + j) * plane_stride + c, mask, masked);
        transform_output(x, out);
        for (int i = 0; i < 4; i++) half[i][j] = out[i];
    }
    for (int i = 0; i < 4; i++) {
        __m256 out[4];
        transform_output(half[i], out);
        for (int j = 0; j < 4; j++) store(pixels[4 * i + j] + c, mask, _mm256_add_ps(out[j], offset), masked);
    }
}

void ck_avx2_winograd_output(
    const float *planes, size_t plane_stride, const float *bias, float *const *pixels, size_t channels) {
    size_t c = 0;
    __m256i mask = first_lanes(channels % 8);
    for (; c + 8 <= channels; c += 8) output_of_eight(planes, plane_stride, bias, pixels, c, mask, 0);
    if (c < channels) output_of_eight(planes, plane_stride, bias, pixels, c, mask, 1);
}

// Cut so that a piece of a panel stays in the first-level cache and a block of the left matrix in the second.
enum { depth_block = 256, row_block = 240 };

void ck_avx2_multiply_panels(
    const float *left, size_t left_stride, const float *panels, float *out, size_t out_stride, size_t rows,
    size_t columns, size_t depth) {
    for (size_t row = 0; row < rows; row += row_block) {
        size_t block_rows = rows - row < row_block ? rows - row : row_block;
        for (size_t k = 0; k < depth; k += depth_block) {
            size_t block_depth = depth - k < depth_block ? depth - k : depth_block;
            const float *block = left + row * left_stride + k;
            for (size_t column = 0; column < columns; column += panel_width) {
                const float *panel = panels + column * depth + k * panel_width;
                float *target = out + row * out_stride + column;
                if (k == 0) multiply_panel(block, left_stride, panel, target, out_stride, block_rows, block_depth, 0);
                else multiply_panel(block, left_stride, panel, target, out_stride, block_rows, block_depth, 1);
            }
        }
    }
}

#pragma clang attribute pop

#endif
