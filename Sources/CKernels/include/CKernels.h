// Inner loops of the tensor operations. Everything here is single-threaded and allocates nothing.
//
// The scalar table is the specification: it is written to be read, and every faster table is tested against it.
// Conventions: `count` and `columns` are in elements; rows are dense; pointers need only 4-byte alignment (2-byte for
// half precision); an output may be the same pointer as an input of equal size, but must not overlap it otherwise.
#ifndef CKERNELS_H
#define CKERNELS_H

#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

/// Some queries of one attention head against some of its keys, continuing a running softmax.
///
/// All lengths of heads are padded with zeros to a multiple of 8. Scores are powers of two: the queries are scaled by
/// log2(e) / √(head size) beforehand. For each row the state is the largest score so far, the sum of 2^(score - maximum)
/// and the sum of the values weighted with the same; it starts as (-inf, 0, 0) and the result is weighted sum / sum.
typedef struct ck_attention_block {
    size_t rows, keys, head_size;
    /// Row r sees the keys before `visible + r * visible_step` of this block; row 0 must see at least one, or have
    /// seen one in an earlier block.
    size_t visible, visible_step;
    /// [rows, head_size]
    const float *queries;
    /// [keys / 16 rounded up, head_size, 16]: keys transposed in panels of 16, the last one padded with anything finite
    const float *key_panels;
    /// [keys, head_size]
    const float *values;
    /// [rows, keys rounded up to 16], scratch
    float *scores;
    /// [rows], [rows] and [rows, head_size]: the state
    float *maxima, *sums, *weighted;
} ck_attention_block;

/// One implementation of every kernel.
typedef struct ck_kernels {
    /// "scalar", "avx2", …
    const char *name;

    // out[i] = a[i] ∘ b[i]
    void (*add)(const float *a, const float *b, float *out, size_t count);
    void (*subtract)(const float *a, const float *b, float *out, size_t count);
    void (*multiply)(const float *a, const float *b, float *out, size_t count);
    // out[i] = scale * x[i] + offset
    void (*affine)(const float *x, float scale, float offset, float *out, size_t count);

    // out[i] = f(x[i])
    void (*silu)(const float *x, float *out, size_t count);
    void (*gelu)(const float *x, float *out, size_t count);
    void (*quick_gelu)(const float *x, float *out, size_t count);
    void (*relu)(const float *x, float *out, size_t count);
    void (*relu6)(const float *x, float *out, size_t count);
    void (*sigmoid)(const float *x, float *out, size_t count);
    void (*tanh)(const float *x, float *out, size_t count);
    void (*exp)(const float *x, float *out, size_t count);

    // x, out [rows, columns]; vectors [columns]
    void (*prelu_rows)(const float *x, const float *slopes, float *out, size_t rows, size_t columns);
    void (*scale_offset_rows)(
        const float *x, const float *scale, const float *offset, float *out, size_t rows, size_t columns);
    void (*scale_offset_silu_rows)(
        const float *x, const float *scale, const float *offset, float *out, size_t rows, size_t columns);
    void (*softmax_rows)(const float *x, float *out, size_t rows, size_t columns);
    void (*layer_norm_rows)(
        const float *x, const float *weight, const float *bias, float epsilon, float *out, size_t rows, size_t columns);
    // x [rows, 2 * columns], out [rows, columns] = x[:, :columns] * gelu(x[:, columns:])
    void (*geglu_rows)(const float *x, float *out, size_t rows, size_t columns);
    // sums[c] = Σ_rows (x - shift[c]), squares[c] = Σ_rows (x - shift[c])²; call with at most a few thousand rows
    void (*column_moments)(
        const float *x, const float *shift, float *sums, float *squares, size_t rows, size_t columns);

    // out[rows, columns] = left[rows, depth] · right, columns a multiple of 16; `panels` is `right` in panels of 16
    // columns: [columns / 16, depth, 16]
    void (*multiply_panels)(
        const float *left, size_t left_stride, const float *panels, float *out, size_t out_stride, size_t rows,
        size_t columns, size_t depth);

    void (*attend_block)(const ck_attention_block *block);

    // Winograd's F(4x4, 3x3): see winograd.c. A tile's pixels and planes are in row-major order; each pixel points to
    // its channels. planes[36][plane_stride] holds the tile's transformed channels at the start of each plane.
    void (*winograd_input)(const float *_Nonnull const *_Nonnull pixels, float *planes, size_t plane_stride, size_t channels);
    void (*winograd_output)(
        const float *planes, size_t plane_stride, const float *bias, float *_Nonnull const *_Nonnull pixels, size_t channels);

    // One pixel of a depthwise convolution: out[c] = bias[c] + Σ_tap pixels[tap][c] * weights[tap][c]
    void (*depthwise_pixel)(
        const float *_Nonnull const *_Nonnull pixels, const float *_Nonnull const *_Nonnull weights, size_t taps,
        const float *bias, float *out, size_t channels);

    // Widening to f32: IEEE binary16 and bfloat16
    void (*widen_f16)(const uint16_t *x, float *out, size_t count);
    void (*widen_bf16)(const uint16_t *x, float *out, size_t count);
} ck_kernels;

/// The specification; always available.
const ck_kernels *ck_kernels_scalar(void);

/// For AVX2, FMA and F16C; NULL on other processors.
const ck_kernels *_Nullable ck_kernels_avx2(void);

/// The fastest table this processor can run.
const ck_kernels *ck_kernels_best(void);

/// Transforms rows of a 3x3 convolution's weight for Winograd's F(4x4, 3x3).
///
/// `rows` is [outputs, 3, 3, inputs]; for the outputs `first_output ..< last_output`, writes their elements of
/// `planes`, which is [36, outputs rounded up to 16 / 16, inputs, 16].
void ck_winograd_weights(
    const float *rows, size_t outputs, size_t inputs, size_t first_output, size_t last_output, float *planes);

/// Whether this processor has what the servers of 2017 brought: AVX-512 F, CD, BW, DQ and VL.
_Bool ck_has_avx512(void);

/// How many processors this process may run on.
size_t ck_available_processors(void);

/// Tells the processor that this thread is in a spin loop.
static inline void ck_spin_hint(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

#pragma clang assume_nonnull end

#endif
