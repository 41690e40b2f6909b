// The specification of every kernel, in the plainest C that computes it.
#include "CKernels.h"
#include "winograd.h"

#include <assert.h>
#include <math.h>
#include <string.h>

static void add(const float *a, const float *b, float *out, size_t count) {
    for (size_t i = 0; i < count; i++) out[i] = a[i] + b[i];
}

static void subtract(const float *a, const float *b, float *out, size_t count) {
    for (size_t i = 0; i < count; i++) out[i] = a[i] - b[i];
}

static void multiply(const float *a, const float *b, float *out, size_t count) {
    for (size_t i = 0; i < count; i++) out[i] = a[i] * b[i];
}

static void affine(const float *x, float scale, float offset, float *out, size_t count) {
    for (size_t i = 0; i < count; i++) out[i] = scale * x[i] + offset;
}

static float sigmoid_of(float x) { return 1.0f / (1.0f + expf(-x)); }

// The exact form, x Φ(x), not the tanh approximation (Hendrycks and Gimpel, arXiv 1606.08415, section 2); erfc rather
// than 1 + erf, which cancels for x far below zero.
static float gelu_of(float x) { return 0.5f * x * erfcf(x * -0.70710678118654752f); }

static void silu(const float *x, float *out, size_t count) {
    for (size_t i = 0; i < count; i++) out[i] = x[i] * sigmoid_of(x[i]);
}

static void gelu(const float *x, float *out, size_t count) {
    for (size_t i = 0; i < count; i++) out[i] = gelu_of(x[i]);
}

// x σ(1.702 x), the approximation CLIP was trained with (arXiv 1606.08415, section 2).
static void quick_gelu(const float *x, float *out, size_t count) {
    for (size_t i = 0; i < count; i++) out[i] = x[i] * sigmoid_of(1.702f * x[i]);
}

// Written so that NaN stays NaN.
static void relu(const float *x, float *out, size_t count) {
    for (size_t i = 0; i < count; i++) out[i] = x[i] < 0 ? 0 : x[i];
}

static void relu6(const float *x, float *out, size_t count) {
    for (size_t i = 0; i < count; i++) out[i] = x[i] < 0 ? 0 : (x[i] > 6 ? 6 : x[i]);
}

static void sigmoid(const float *x, float *out, size_t count) {
    for (size_t i = 0; i < count; i++) out[i] = sigmoid_of(x[i]);
}

static void hyperbolic_tangent(const float *x, float *out, size_t count) {
    for (size_t i = 0; i < count; i++) out[i] = tanhf(x[i]);
}

static void exponential(const float *x, float *out, size_t count) {
    for (size_t i = 0; i < count; i++) out[i] = expf(x[i]);
}

static void prelu_rows(const float *x, const float *slopes, float *out, size_t rows, size_t columns) {
    for (size_t row = 0; row < rows; row++, x += columns, out += columns)
        for (size_t c = 0; c < columns; c++) out[c] = x[c] < 0 ? slopes[c] * x[c] : x[c];
}

static void scale_offset_rows(
    const float *x, const float *scale, const float *offset, float *out, size_t rows, size_t columns) {
    for (size_t row = 0; row < rows; row++, x += columns, out += columns)
        for (size_t c = 0; c < columns; c++) out[c] = x[c] * scale[c] + offset[c];
}

static void scale_offset_silu_rows(
    const float *x, const float *scale, const float *offset, float *out, size_t rows, size_t columns) {
    for (size_t row = 0; row < rows; row++, x += columns, out += columns)
        for (size_t c = 0; c < columns; c++) {
            float value = x[c] * scale[c] + offset[c];
            out[c] = value * sigmoid_of(value);
        }
}

static void softmax_rows(const float *x, float *out, size_t rows, size_t columns) {
    assert(columns > 0);
    for (size_t row = 0; row < rows; row++, x += columns, out += columns) {
        float maximum = -INFINITY;
        for (size_t c = 0; c < columns; c++) maximum = x[c] > maximum ? x[c] : maximum;
        double sum = 0;
        for (size_t c = 0; c < columns; c++) {
            out[c] = expf(x[c] - maximum);
            sum += out[c];
        }
        float scale = (float)(1 / sum);
        for (size_t c = 0; c < columns; c++) out[c] *= scale;
    }
}

static void layer_norm_rows(
    const float *x, const float *weight, const float *bias, float epsilon, float *out, size_t rows, size_t columns) {
    assert(columns > 0);
    for (size_t row = 0; row < rows; row++, x += columns, out += columns) {
        double sum = 0, squares = 0;
        for (size_t c = 0; c < columns; c++) sum += x[c];
        float mean = (float)(sum / (double)columns);
        for (size_t c = 0; c < columns; c++) squares += (double)(x[c] - mean) * (x[c] - mean);
        float scale = (float)(1 / sqrt(squares / (double)columns + epsilon));
        for (size_t c = 0; c < columns; c++) out[c] = (x[c] - mean) * scale * weight[c] + bias[c];
    }
}

static void geglu_rows(const float *x, float *out, size_t rows, size_t columns) {
    for (size_t row = 0; row < rows; row++, x += 2 * columns, out += columns)
        for (size_t c = 0; c < columns; c++) out[c] = x[c] * gelu_of(x[columns + c]);
}

static void column_moments(
    const float *x, const float *shift, float *sums, float *squares, size_t rows, size_t columns) {
    memset(sums, 0, columns * sizeof(float));
    memset(squares, 0, columns * sizeof(float));
    for (size_t row = 0; row < rows; row++, x += columns)
        for (size_t c = 0; c < columns; c++) {
            float deviation = x[c] - shift[c];
            sums[c] += deviation;
            squares[c] += deviation * deviation;
        }
}

static void multiply_panels(
    const float *left, size_t left_stride, const float *panels, float *out, size_t out_stride, size_t rows,
    size_t columns, size_t depth) {
    assert(columns % 16 == 0);
    for (size_t row = 0; row < rows; row++)
        for (size_t column = 0; column < columns; column++) {
            const float *panel = panels + column / 16 * 16 * depth + column % 16;
            float sum = 0;
            for (size_t k = 0; k < depth; k++) sum += left[row * left_stride + k] * panel[16 * k];
            out[row * out_stride + column] = sum;
        }
}

// One step of the softmax over blocks of keys (Milakov and Gimelshein, arXiv 1805.02867, algorithm 3).
static void attend_block(const ck_attention_block *block) {
    size_t head_size = block->head_size, padded_keys = (block->keys + 15) / 16 * 16;
    assert(head_size % 8 == 0);
    for (size_t row = 0; row < block->rows; row++) {
        const float *query = block->queries + row * head_size;
        float *scores = block->scores + row * padded_keys, *weighted = block->weighted + row * head_size;
        size_t visible = block->visible + row * block->visible_step;
        if (visible > block->keys) visible = block->keys;

        float maximum = block->maxima[row];
        for (size_t key = 0; key < visible; key++) {
            const float *panel = block->key_panels + key / 16 * 16 * head_size + key % 16;
            scores[key] = 0;
            for (size_t c = 0; c < head_size; c++) scores[key] += query[c] * panel[16 * c];
            if (scores[key] > maximum) maximum = scores[key];
        }
        float rescale = exp2f(block->maxima[row] - maximum);
        block->maxima[row] = maximum;
        block->sums[row] *= rescale;
        for (size_t c = 0; c < head_size; c++) weighted[c] *= rescale;
        for (size_t key = 0; key < visible; key++) {
            float weight = exp2f(scores[key] - maximum);
            block->sums[row] += weight;
            for (size_t c = 0; c < head_size; c++) weighted[c] += weight * block->values[key * head_size + c];
        }
    }
}

static float float_of_bits(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

// IEEE 754-2008 binary16: 1 sign, 5 exponent (bias 15), 10 fraction bits.
static float float_of_f16(uint16_t half) {
    uint32_t sign = (uint32_t)(half & 0x8000) << 16, exponent = (half >> 10) & 31, fraction = half & 1023;
    if (exponent == 31) {
        uint32_t quiet = fraction ? 0x400000 : 0;
        return float_of_bits(sign | 0x7f800000 | quiet | fraction << 13);
    }
    if (exponent == 0) {
        float magnitude = (float)fraction * 0x1p-24f;
        return sign ? -magnitude : magnitude;
    }
    return float_of_bits(sign | (exponent + 112) << 23 | fraction << 13);
}

static void widen_f16(const uint16_t *x, float *out, size_t count) {
    for (size_t i = 0; i < count; i++) out[i] = float_of_f16(x[i]);
}

static void widen_bf16(const uint16_t *x, float *out, size_t count) {
    for (size_t i = 0; i < count; i++) out[i] = float_of_bits((uint32_t)x[i] << 16);
}

static void depthwise_pixel(
    const float *const *pixels, const float *const *weights, size_t taps, const float *bias, float *out,
    size_t channels) {
    for (size_t c = 0; c < channels; c++) {
        float sum = bias[c];
        for (size_t tap = 0; tap < taps; tap++) sum += pixels[tap][c] * weights[tap][c];
        out[c] = sum;
    }
}

const ck_kernels *ck_kernels_scalar(void) {
    static const ck_kernels table = {
        .name = "scalar",
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
        .multiply_panels = multiply_panels,
        .attend_block = attend_block,
        .winograd_input = ck_scalar_winograd_input,
        .winograd_output = ck_scalar_winograd_output,
        .depthwise_pixel = depthwise_pixel,
        .widen_f16 = widen_f16,
        .widen_bf16 = widen_bf16,
    };
    return &table;
}
