// Kernels for AVX2 that are large enough for a file of their own.
#ifndef CKERNELS_AVX2_H
#define CKERNELS_AVX2_H

#include "CKernels.h"

void ck_avx2_attend_block(const ck_attention_block *_Nonnull block);

void ck_avx2_multiply_panels(
    const float *_Nonnull left, size_t left_stride, const float *_Nonnull panels, float *_Nonnull out,
    size_t out_stride, size_t rows, size_t columns, size_t depth);
void ck_avx2_winograd_input(
    const float *_Nonnull const *_Nonnull pixels, float *_Nonnull planes, size_t plane_stride, size_t channels);
void ck_avx2_winograd_output(
    const float *_Nonnull planes, size_t plane_stride, const float *_Nonnull bias,
    float *_Nonnull const *_Nonnull pixels, size_t channels);

#endif
