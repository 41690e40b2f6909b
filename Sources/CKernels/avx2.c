// The kernels of scalar.c for processors with AVX2, FMA and F16C.
#include "CKernels.h"
#include "avx2.h"

#if defined(__x86_64__)

#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)

#include "avx2_math.h"

#include <math.h>
#include <string.h>

// A kernel out[i] = expression(a[i], b[i]).
#define BINARY_KERNEL(name, expression)                                                    \
    static void name(const float *a, const float *b, float *out, size_t count) {           \
        size_t i = 0;                                                                      \
        for (; i + 8 <= count; i += 8)                                                     \
            _mm256_storeu_ps(out + i, expression(_mm256_loadu_ps(a + i), _mm256_loadu_ps(b + i))); \
        if (i < count) {                                                                   \
            __m256i mask = first_lanes(count - i);                                         \
            __m256 result = expression(_mm256_maskload_ps(a + i, mask), _mm256_maskload_ps(b + i, mask)); \
            _mm256_maskstore_ps(out + i, mask, result);                                    \
        }                                                                                  \
    }

BINARY_KERNEL(add, _mm256_add_ps)
BINARY_KERNEL(subtract, _mm256_sub_ps)
BINARY_KERNEL(multiply, _mm256_mul_ps)

// A kernel out[i] = expression(x[i]).
#define UNARY_KERNEL(name, expression)                                                     \
    static void name(const float *x, float *out, size_t count) {                           \
        size_t i = 0;                                                                      \
        for (; i + 8 <= count; i += 8) _mm256_storeu_ps(out + i, expression(_mm256_loadu_ps(x + i))); \
        if (i < count) {                                                                   \
            __m256i mask = first_lanes(count - i);                                         \
            _mm256_maskstore_ps(out + i, mask, expression(_mm256_maskload_ps(x + i, mask))); \
        }                                                                                  \
    }

// With zero as first operand, NaN stays NaN.
CK_INLINE __m256 relu8(__m256 x) { return _mm256_max_ps(_mm256_setzero_ps(), x); }
CK_INLINE __m256 relu6_8(__m256 x) { return _mm256_min_ps(all(6), relu8(x)); }

UNARY_KERNEL(silu, silu8)
UNARY_KERNEL(gelu, gelu8)
UNARY_KERNEL(quick_gelu, quick_gelu8)
UNARY_KERNEL(relu, relu8)
UNARY_KERNEL(relu6, relu6_8)
UNARY_KERNEL(sigmoid, sigmoid8)
UNARY_KERNEL(hyperbolic_tangent, tanh8)
UNARY_KERNEL(exponential, exp8)

static void affine(const float *x, float scale, float offset, float *out, size_t count) {
    __m256 scales = all(scale), offsets = all(offset);
    size_t i = 0;
    for (; i + 8 <= count; i += 8)
        _mm256_storeu_ps(out + i, _mm256_fmadd_ps(_mm256_loadu_ps(x + i), scales, offsets));
    if (i < count) {
        __m256i mask = first_lanes(count - i);
        _mm256_maskstore_ps(out + i, mask, _mm256_fmadd_ps(_mm256_maskload_ps(x + i, mask), scales, offsets));
    }
}

// A kernel out[row, c] = expression(x[row, c], a[c], b[c]).
#define ROWS_KERNEL(name, expression)                                                      \
    static void name(                                                                      \
        const float *x, const float *a, const float *b, float *out, size_t rows, size_t columns) { \
        size_t whole = columns / 8 * 8;                                                    \
        __m256i mask = first_lanes(columns - whole);                                       \
        for (size_t row = 0; row < rows; row++, x += columns, out += columns) {            \
            for (size_t c = 0; c < whole; c += 8)                                          \
                _mm256_storeu_ps(out + c, expression(                                      \
                    _mm256_loadu_ps(x + c), _mm256_loadu_ps(a + c), _mm256_loadu_ps(b + c))); \
            if (whole < columns)                                                           \
                _mm256_maskstore_ps(out + whole, mask, expression(                         \
                    _mm256_maskload_ps(x + whole, mask), _mm256_maskload_ps(a + whole, mask), \
                    _mm256_maskload_ps(b + whole, mask)));                                 \
        }                                                                                  \
    }

CK_INLINE __m256 scale_offset_silu8(__m256 x, __m256 scale, __m256 offset) {
    return silu8(_mm256_fmadd_ps(x, scale, offset));
}

CK_INLINE __m256 prelu8(__m256 x, __m256 slope, __m256 unused) {
    (void)unused;
    return _mm256_blendv_ps(x, _mm256_mul_ps(x, slope), _mm256_cmp_ps(x, _mm256_setzero_ps(), _CMP_LT_OQ));
}

ROWS_KERNEL(scale_offset_rows, _mm256_fmadd_ps)
ROWS_KERNEL(scale_offset_silu_rows, scale_offset_silu8)
ROWS_KERNEL(slope_rows, prelu8)

static void prelu_rows(const float *x, const float *slopes, float *out, size_t rows, size_t columns) {
    slope_rows(x, slopes, slopes, out, rows, columns);
}

static float maximum_of(const float *x, size_t count) {
    __m256 maximum = all(-INFINITY), other = maximum;
    size_t i = 0;
    for (; i + 16 <= count; i += 16) {
        maximum = _mm256_max_ps(maximum, _mm256_loadu_ps(x + i));
        other = _mm256_max_ps(other, _mm256_loadu_ps(x + i + 8));
    }
    float result = maximum_of_lanes(_mm256_max_ps(maximum, other));
    for (; i < count; i++) result = x[i] > result ? x[i] : result;
    return result;
}

static void softmax_rows(const float *x, float *out, size_t rows, size_t columns) {
    size_t whole = columns / 8 * 8;
    __m256i mask = first_lanes(columns - whole);
    for (size_t row = 0; row < rows; row++, x += columns, out += columns) {
        __m256 maximum = all(maximum_of(x, columns)), sum = _mm256_setzero_ps();
        for (size_t c = 0; c < whole; c += 8) {
            __m256 e = exp8(_mm256_sub_ps(_mm256_loadu_ps(x + c), maximum));
            sum = _mm256_add_ps(sum, e);
            _mm256_storeu_ps(out + c, e);
        }
        if (whole < columns) {
            __m256 e = exp8(_mm256_sub_ps(_mm256_maskload_ps(x + whole, mask), maximum));
            e = _mm256_and_ps(e, _mm256_castsi256_ps(mask));
            sum = _mm256_add_ps(sum, e);
            _mm256_maskstore_ps(out + whole, mask, e);
        }
        affine(out, 1 / sum_of_lanes(sum), 0, out, columns);
    }
}

static void layer_norm_rows(
    const float *x, const float *weight, const float *bias, float epsilon, float *out, size_t rows, size_t columns) {
    size_t whole = columns / 8 * 8;
    __m256i mask = first_lanes(columns - whole);
    for (size_t row = 0; row < rows; row++, x += columns, out += columns) {
        __m256 tail = _mm256_maskload_ps(x + whole, mask), sum = tail, squares = _mm256_setzero_ps();
        for (size_t c = 0; c < whole; c += 8) sum = _mm256_add_ps(sum, _mm256_loadu_ps(x + c));
        __m256 mean = all(sum_of_lanes(sum) / (float)columns);
        for (size_t c = 0; c < whole; c += 8) {
            __m256 deviation = _mm256_sub_ps(_mm256_loadu_ps(x + c), mean);
            squares = _mm256_fmadd_ps(deviation, deviation, squares);
        }
        __m256 deviation = _mm256_and_ps(_mm256_sub_ps(tail, mean), _mm256_castsi256_ps(mask));
        squares = _mm256_fmadd_ps(deviation, deviation, squares);
        __m256 scale = all(1 / sqrtf(sum_of_lanes(squares) / (float)columns + epsilon));
        for (size_t c = 0; c < whole; c += 8) {
            __m256 normal = _mm256_mul_ps(_mm256_sub_ps(_mm256_loadu_ps(x + c), mean), scale);
            _mm256_storeu_ps(out + c, _mm256_fmadd_ps(normal, _mm256_loadu_ps(weight + c), _mm256_loadu_ps(bias + c)));
        }
        if (whole < columns) {
            __m256 result = _mm256_fmadd_ps(
                _mm256_mul_ps(deviation, scale), _mm256_maskload_ps(weight + whole, mask),
                _mm256_maskload_ps(bias + whole, mask));
            _mm256_maskstore_ps(out + whole, mask, result);
        }
    }
}

static void geglu_rows(const float *x, float *out, size_t rows, size_t columns) {
    size_t whole = columns / 8 * 8;
    __m256i mask = first_lanes(columns - whole);
    for (size_t row = 0; row < rows; row++, x += 2 * columns, out += columns) {
        for (size_t c = 0; c < whole; c += 8) {
            __m256 gate = gelu8(_mm256_loadu_ps(x + columns + c));
            _mm256_storeu_ps(out + c, _mm256_mul_ps(_mm256_loadu_ps(x + c), gate));
        }
        if (whole < columns) {
            __m256 gate = gelu8(_mm256_maskload_ps(x + columns + whole, mask));
            _mm256_maskstore_ps(out + whole, mask, _mm256_mul_ps(_mm256_maskload_ps(x + whole, mask), gate));
        }
    }
}

// Four vectors of columns at a time, so that their sums stay in registers over all rows.
static void column_moments(
    const float *x, const float *shift, float *sums, float *squares, size_t rows, size_t columns) {
    size_t c = 0;
    for (; c + 32 <= columns; c += 32) {
        __m256 sum[4] = {0}, square[4] = {0};
        for (size_t row = 0; row < rows; row++)
            for (int v = 0; v < 4; v++) {
                __m256 deviation = _mm256_sub_ps(
                    _mm256_loadu_ps(x + row * columns + c + 8 * v), _mm256_loadu_ps(shift + c + 8 * v));
                sum[v] = _mm256_add_ps(sum[v], deviation);
                square[v] = _mm256_fmadd_ps(deviation, deviation, square[v]);
            }
        for (int v = 0; v < 4; v++) {
            _mm256_storeu_ps(sums + c + 8 * v, sum[v]);
            _mm256_storeu_ps(squares + c + 8 * v, square[v]);
        }
    }
    for (; c < columns; c += 8) {
        __m256i mask = first_lanes(columns - c < 8 ? columns - c : 8);
        __m256 sum = _mm256_setzero_ps(), square = sum;
        for (size_t row = 0; row < rows; row++) {
            __m256 deviation = _mm256_sub_ps(
                _mm256_maskload_ps(x + row * columns + c, mask), _mm256_maskload_ps(shift + c, mask));
            sum = _mm256_add_ps(sum, deviation);
            square = _mm256_fmadd_ps(deviation, deviation, square);
        }
        _mm256_maskstore_ps(sums + c, mask, sum);
        _mm256_maskstore_ps(squares + c, mask, square);
    }
}

// Four vectors of channels at a time, so that their sums stay in registers over all taps.
static void depthwise_pixel(
    const float *const *pixels, const float *const *weights, size_t taps, const float *bias, float *out,
    size_t channels) {
    size_t c = 0;
    for (; c + 32 <= channels; c += 32) {
        __m256 sum[4];
        for (int v = 0; v < 4; v++) sum[v] = _mm256_loadu_ps(bias + c + 8 * v);
        for (size_t tap = 0; tap < taps; tap++)
            for (int v = 0; v < 4; v++)
                sum[v] = _mm256_fmadd_ps(
                    _mm256_loadu_ps(pixels[tap] + c + 8 * v), _mm256_loadu_ps(weights[tap] + c + 8 * v), sum[v]);
        for (int v = 0; v < 4; v++) _mm256_storeu_ps(out + c + 8 * v, sum[v]);
    }
    for (; c + 8 <= channels; c += 8) {
        __m256 sum = _mm256_loadu_ps(bias + c);
        for (size_t tap = 0; tap < taps; tap++)
            sum = _mm256_fmadd_ps(_mm256_loadu_ps(pixels[tap] + c), _mm256_loadu_ps(weights[tap] + c), sum);
        _mm256_storeu_ps(out + c, sum);
    }
    if (c == channels) return;
    __m256i mask = first_lanes(channels - c);
    __m256 sum = _mm256_maskload_ps(bias + c, mask);
    for (size_t tap = 0; tap < taps; tap++)
        sum = _mm256_fmadd_ps(
            _mm256_maskload_ps(pixels[tap] + c, mask), _mm256_maskload_ps(weights[tap] + c, mask), sum);
    _mm256_maskstore_ps(out + c, mask, sum);
}

static void widen_f16(const uint16_t *x, float *out, size_t count) {
    size_t i = 0;
    for (; i + 8 <= count; i += 8)
        _mm256_storeu_ps(out + i, _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(x + i))));
    for (; i < count; i++) out[i] = _cvtsh_ss(x[i]);
}

static void widen_bf16(const uint16_t *x, float *out, size_t count) {
    size_t i = 0;
    for (; i + 8 <= count; i += 8) {
        __m256i bits = _mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i *)(x + i)));
        _mm256_storeu_si256((__m256i *)(out + i), _mm256_slli_epi32(bits, 16));
    }
    for (; i < count; i++) {
        uint32_t bits = (uint32_t)x[i] << 16;
        memcpy(out + i, &bits, sizeof bits);
    }
}

#pragma clang attribute pop

const ck_kernels *ck_kernels_avx2(void) {
    static const ck_kernels table = {
        .name = "avx2",
        .add = add,
        .subtract = subtract,
        .multiply = multiply,
        .affine = affine,
        .silu = silu,
        .gelu = gelu,
        .quick_gelu = quick_gelu,
        .relu = relu,
        .relu6 = relu6,
        .sigmoid = sigmoid,
        .tanh = hyperbolic_tangent,
        .exp = exponential,
        .prelu_rows = prelu_rows,
        .scale_offset_rows = scale_offset_rows,
        .scale_offset_silu_rows = scale_offset_silu_rows,
        .softmax_rows = softmax_rows,
        .layer_norm_rows = layer_norm_rows,
        .geglu_rows = geglu_rows,
        .column_moments = column_moments,
        .multiply_panels = ck_avx2_multiply_panels,
        .attend_block = ck_avx2_attend_block,
        .winograd_input = ck_avx2_winograd_input,
        .winograd_output = ck_avx2_winograd_output,
        .depthwise_pixel = depthwise_pixel,
        .widen_f16 = widen_f16,
        .widen_bf16 = widen_bf16,
    };
    _Bool supported = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c");
    return supported ? &table : NULL;
}

#else

const ck_kernels *ck_kernels_avx2(void) { return NULL; }

#endif
