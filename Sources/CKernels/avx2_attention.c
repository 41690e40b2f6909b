// One block of attention for AVX2: dot products, running softmax, weighted sums.
//
// Both matrix products are done by register tiles that keep the FMA units busy: a value tile of 3 queries by 32 channels
// reads 7 vectors for 12 FMAs, one of 2 by 40 channels 7 for 10.
#include "avx2.h"

#if defined(__x86_64__)

#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)

#include "avx2_tile.h"

#include <math.h>

enum { keys_per_slice = 128 };

static void compute_scores(const ck_attention_block *block, size_t score_stride) {
    size_t head_size = block->head_size;
    for (size_t panel = 0; panel < score_stride / panel_width; panel++)
        multiply_panel(
            block->queries, head_size, block->key_panels + panel * panel_width * head_size,
            block->scores + panel * panel_width, score_stride, block->rows, head_size, 0);
}

// Turns the scores of a row into weights, and moves the row's state to the new maximum.
static void update_row(const ck_attention_block *block, size_t row, size_t score_stride) {
    float *scores = block->scores + row * score_stride, *weighted = block->weighted + row * block->head_size;
    size_t visible = block->visible + row * block->visible_step;
    for (size_t key = visible < block->keys ? visible : block->keys; key < score_stride; key++) scores[key] = -INFINITY;

    __m256 low = all(block->maxima[row]), high = low;
    for (size_t key = 0; key < score_stride; key += 16) {
        low = _mm256_max_ps(low, _mm256_loadu_ps(scores + key));
        high = _mm256_max_ps(high, _mm256_loadu_ps(scores + key + 8));
    }
    float maximum = maximum_of_lanes(_mm256_max_ps(low, high));
    if (maximum > block->maxima[row]) {
        float rescale = exp2f(block->maxima[row] - maximum);
        block->maxima[row] = maximum;
        block->sums[row] *= rescale;
        for (size_t c = 0; c < block->head_size; c += 8)
            _mm256_storeu_ps(weighted + c, _mm256_mul_ps(_mm256_loadu_ps(weighted + c), all(rescale)));
    }
    __m256 shift = all(maximum), low_sum = _mm256_setzero_ps(), high_sum = low_sum;
    for (size_t key = 0; key < score_stride; key += 16) {
        __m256 first = exp2_of_nonpositive8(_mm256_sub_ps(_mm256_loadu_ps(scores + key), shift));
        __m256 second = exp2_of_nonpositive8(_mm256_sub_ps(_mm256_loadu_ps(scores + key + 8), shift));
        low_sum = _mm256_add_ps(low_sum, first);
        high_sum = _mm256_add_ps(high_sum, second);
        _mm256_storeu_ps(scores + key, first);
        _mm256_storeu_ps(scores + key + 8, second);
    }
    block->sums[row] += sum_of_lanes(_mm256_add_ps(low_sum, high_sum));
}

// weighted[row, 0 ..< 8 vectors] += weights[row, keys] · values[keys, 0 ..< 8 vectors], all sizes constant at each use.
CK_INLINE void value_tile(
    const float *weights, size_t weight_stride, const float *values, float *weighted, size_t head_size, size_t keys,
    const int rows, const int vectors) {
    __m256 sum[8][5];
#pragma clang loop unroll(full)
    for (int row = 0; row < rows; row++)
#pragma clang loop unroll(full)
        for (int v = 0; v < vectors; v++) sum[row][v] = _mm256_loadu_ps(weighted + (size_t)row * head_size + 8 * v);
    for (size_t key = 0; key < keys; key++, values += head_size) {
        __m256 value[5];
#pragma clang loop unroll(full)
        for (int v = 0; v < vectors; v++) value[v] = _mm256_loadu_ps(values + 8 * v);
#pragma clang loop unroll(full)
        for (int row = 0; row < rows; row++) {
            __m256 weight = _mm256_broadcast_ss(weights + (size_t)row * weight_stride + key);
#pragma clang loop unroll(full)
            for (int v = 0; v < vectors; v++) sum[row][v] = _mm256_fmadd_ps(weight, value[v], sum[row][v]);
        }
    }
#pragma clang loop unroll(full)
    for (int row = 0; row < rows; row++)
#pragma clang loop unroll(full)
        for (int v = 0; v < vectors; v++) _mm256_storeu_ps(weighted + (size_t)row * head_size + 8 * v, sum[row][v]);
}

// A column strip of all rows, in tiles of `tile_rows` and single rows for what is left.
#define VALUE_STRIP(name, tile_rows, vectors)                                              \
    static void name(                                                                      \
        const float *weights, size_t weight_stride, const float *values, float *weighted,  \
        size_t head_size, size_t keys, size_t rows) {                                      \
        size_t row = 0;                                                                    \
        for (; row + tile_rows <= rows; row += tile_rows)                                  \
            value_tile(weights + row * weight_stride, weight_stride, values, weighted + row * head_size, \
                       head_size, keys, tile_rows, vectors);                               \
        for (; row < rows; row++)                                                          \
            value_tile(weights + row * weight_stride, weight_stride, values, weighted + row * head_size, \
                       head_size, keys, 1, vectors);                                       \
    }

VALUE_STRIP(strip_of_1, 8, 1)
VALUE_STRIP(strip_of_2, 6, 2)
VALUE_STRIP(strip_of_3, 4, 3)
VALUE_STRIP(strip_of_4, 3, 4)
VALUE_STRIP(strip_of_5, 2, 5)

static void add_values(const ck_attention_block *block, size_t score_stride) {
    typedef void (*strip_function)(
        const float *, size_t, const float *, float *, size_t head_size, size_t keys, size_t rows);
    static const strip_function strips[] = {NULL, strip_of_1, strip_of_2, strip_of_3, strip_of_4, strip_of_5};
    size_t vectors = block->head_size / 8;
    // A slice of values of one strip stays in the first-level cache while all rows pass over it.
    for (size_t key = 0; key < block->keys; key += keys_per_slice) {
        size_t keys = block->keys - key < keys_per_slice ? block->keys - key : keys_per_slice;
        size_t v = 0;
        while (v < vectors) {
            size_t left = vectors - v, width = left % 4 == 0 ? 4 : left % 5 == 0 ? 5 : left < 4 ? left : 4;
            strips[width](
                block->scores + key, score_stride, block->values + key * block->head_size + 8 * v,
                block->weighted + 8 * v, block->head_size, keys, block->rows);
            v += width;
        }
    }
}

void ck_avx2_attend_block(const ck_attention_block *block) {
    size_t score_stride = (block->keys + panel_width - 1) / panel_width * panel_width;
    compute_scores(block, score_stride);
    for (size_t row = 0; row < block->rows; row++) update_row(block, row, score_stride);
    add_values(block, score_stride);
}

#pragma clang attribute pop

#endif
