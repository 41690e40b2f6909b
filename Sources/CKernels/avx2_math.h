// Elementary functions of eight floats. Polynomials: Scripts/fit_polynomials.py.
// Include only where the target attribute for AVX2 and FMA is in force.
#ifndef CKERNELS_AVX2_MATH_H
#define CKERNELS_AVX2_MATH_H

#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

#define CK_INLINE static inline __attribute__((always_inline))

CK_INLINE __m256 all(float value) { return _mm256_set1_ps(value); }

// Lanes 0 ..< count of a vector, for the last vector of a row.
CK_INLINE __m256i first_lanes(size_t count) {
    static const int32_t ones_then_zeros[16] = {-1, -1, -1, -1, -1, -1, -1, -1};
    return _mm256_loadu_si256((const __m256i *)(ones_then_zeros + 8 - count));
}

CK_INLINE float sum_of_lanes(__m256 v) {
    __m128 sum = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
    sum = _mm_add_ps(sum, _mm_movehl_ps(sum, sum));
    return _mm_cvtss_f32(_mm_add_ss(sum, _mm_movehdup_ps(sum)));
}

CK_INLINE float maximum_of_lanes(__m256 v) {
    __m128 maximum = _mm_max_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
    maximum = _mm_max_ps(maximum, _mm_movehl_ps(maximum, maximum));
    return _mm_cvtss_f32(_mm_max_ss(maximum, _mm_movehdup_ps(maximum)));
}

// v * 2^n for n in -254 ... 254, in two steps because 2^128 is not a float.
CK_INLINE __m256 times_power_of_two(__m256 v, __m256i n) {
    __m256i half = _mm256_srai_epi32(n, 1), rest = _mm256_sub_epi32(n, half), bias = _mm256_set1_epi32(127);
    __m256 first = _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_add_epi32(half, bias), 23));
    __m256 second = _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_add_epi32(rest, bias), 23));
    return _mm256_mul_ps(_mm256_mul_ps(v, first), second);
}

// e^x = 2^n e^r with r = x - n ln 2; overflows to infinity and underflows to 0 like expf, NaN stays NaN.
CK_INLINE __m256 exp8(__m256 x) {
    // With the constant as first operand, min and max return x when x is NaN.
    x = _mm256_max_ps(all(-104.0f), _mm256_min_ps(all(89.0f), x));
    __m256 n = _mm256_round_ps(
        _mm256_mul_ps(x, all(1.44269504088896341f)), _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    // ln 2 as a number of few bits, so that its product with n is exact, and the rest.
    __m256 r = _mm256_fnmadd_ps(n, all(0.693359375f), x);
    r = _mm256_fnmadd_ps(n, all(-2.12194440e-4f), r);
    __m256 p = all(1.381446724e-03f);
    p = _mm256_fmadd_ps(p, r, all(8.368780836e-03f));
    p = _mm256_fmadd_ps(p, r, all(4.166839272e-02f));
    p = _mm256_fmadd_ps(p, r, all(1.666651964e-01f));
    p = _mm256_fmadd_ps(p, r, all(4.999999404e-01f));
    p = _mm256_fmadd_ps(p, _mm256_mul_ps(r, r), _mm256_add_ps(r, all(1)));
    return times_power_of_two(p, _mm256_cvtps_epi32(n));
}

// 2^x for x <= 0, the case of a softmax; below 2^-126 the result is 0.
CK_INLINE __m256 exp2_of_nonpositive8(__m256 x) {
    x = _mm256_max_ps(all(-127.0f), x);
    __m256 n = _mm256_round_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    __m256 f = _mm256_sub_ps(x, n);
    __m256 p = all(1.326459111e-03f);
    p = _mm256_fmadd_ps(p, f, all(9.671619162e-03f));
    p = _mm256_fmadd_ps(p, f, all(5.550735071e-02f));
    p = _mm256_fmadd_ps(p, f, all(2.402224094e-01f));
    p = _mm256_fmadd_ps(p, f, all(6.931470037e-01f));
    p = _mm256_fmadd_ps(p, f, all(1));
    __m256i exponent = _mm256_add_epi32(_mm256_cvtps_epi32(n), _mm256_set1_epi32(127));
    return _mm256_mul_ps(p, _mm256_castsi256_ps(_mm256_slli_epi32(exponent, 23)));
}

CK_INLINE __m256 sigmoid8(__m256 x) {
    return _mm256_div_ps(all(1), _mm256_add_ps(all(1), exp8(_mm256_sub_ps(_mm256_setzero_ps(), x))));
}

CK_INLINE __m256 silu8(__m256 x) {
    return _mm256_div_ps(x, _mm256_add_ps(all(1), exp8(_mm256_sub_ps(_mm256_setzero_ps(), x))));
}

CK_INLINE __m256 quick_gelu8(__m256 x) {
    return _mm256_div_ps(x, _mm256_add_ps(all(1), exp8(_mm256_mul_ps(x, all(-1.702f)))));
}

// x Φ(x), where the smaller of Φ(x) and 1 - Φ(x) is erfc(z) / 2 with z = |x| / √2, computed as exp(-z²) times a
// polynomial in 1 / (1 + 0.3 z); no cancellation, so the relative error is small even far out on the left.
CK_INLINE __m256 gelu8(__m256 x) {
    __m256 z = _mm256_mul_ps(_mm256_andnot_ps(all(-0.0f), x), all(0.70710678118654752f));
    __m256 t = _mm256_div_ps(all(1), _mm256_fmadd_ps(z, all(0.3f), all(1)));
    __m256 p = all(-1.295227110e-01f);
    p = _mm256_fmadd_ps(p, t, all(4.855622947e-01f));
    p = _mm256_fmadd_ps(p, t, all(-5.122762322e-01f));
    p = _mm256_fmadd_ps(p, t, all(5.477179289e-01f));
    p = _mm256_fmadd_ps(p, t, all(-9.464927763e-02f));
    p = _mm256_fmadd_ps(p, t, all(2.149254531e-01f));
    p = _mm256_fmadd_ps(p, t, all(1.483393312e-01f));
    p = _mm256_fmadd_ps(p, t, all(1.707152128e-01f));
    p = _mm256_fmadd_ps(p, t, all(1.691880077e-01f));
    p = _mm256_mul_ps(p, t);
    __m256 tail = _mm256_mul_ps(
        _mm256_mul_ps(p, all(0.5f)), exp8(_mm256_sub_ps(_mm256_setzero_ps(), _mm256_mul_ps(z, z))));
    // The sign bit of x selects.
    __m256 phi = _mm256_blendv_ps(_mm256_sub_ps(all(1), tail), tail, x);
    return _mm256_mul_ps(x, phi);
}

// An odd polynomial near 0, and 1 - 2 / (e^2x + 1) with the sign of x elsewhere.
CK_INLINE __m256 tanh8(__m256 x) {
    __m256 sign = _mm256_and_ps(all(-0.0f), x), magnitude = _mm256_andnot_ps(all(-0.0f), x);
    __m256 square = _mm256_mul_ps(x, x);
    __m256 p = all(-5.666974932e-03f);
    p = _mm256_fmadd_ps(p, square, all(2.060617507e-02f));
    p = _mm256_fmadd_ps(p, square, all(-5.373000726e-02f));
    p = _mm256_fmadd_ps(p, square, all(1.333133131e-01f));
    p = _mm256_fmadd_ps(p, square, all(-3.333327770e-01f));
    __m256 near = _mm256_fmadd_ps(_mm256_mul_ps(p, square), x, x);
    __m256 e = exp8(_mm256_add_ps(magnitude, magnitude));
    __m256 far = _mm256_sub_ps(all(1), _mm256_div_ps(all(2), _mm256_add_ps(e, all(1))));
    far = _mm256_or_ps(far, sign);
    return _mm256_blendv_ps(far, near, _mm256_cmp_ps(magnitude, all(0.625f), _CMP_LT_OQ));
}

#endif
