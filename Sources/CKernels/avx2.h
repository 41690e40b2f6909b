// Kernels for AVX2 that are large enough for a file of their own.
#ifndef CKERNELS_AVX2_H
#define CKERNELS_AVX2_H

#include "CKernels.h"

void ck_avx2_attend_block(const ck_attention_block *_Nonnull block);

#endif
