// The specification of Winograd's transforms, in a file of its own.
#ifndef CKERNELS_WINOGRAD_H
#define CKERNELS_WINOGRAD_H

#include <stddef.h>

void ck_scalar_winograd_input(
    const float *_Nonnull const *_Nonnull pixels, float *_Nonnull planes, size_t plane_stride, size_t channels);
void ck_scalar_winograd_output(
    const float *_Nonnull planes, size_t plane_stride, const float *_Nonnull bias,
    float *_Nonnull const *_Nonnull pixels, size_t channels);

#endif
