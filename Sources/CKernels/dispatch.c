#include "CKernels.h"

const ck_kernels *ck_kernels_best(void) {
    const ck_kernels *avx2 = ck_kernels_avx2();
    return avx2 ? avx2 : ck_kernels_scalar();
}
