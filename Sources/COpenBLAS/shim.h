#include <cblas.h>

// OpenBLAS chooses its inner loops when it is loaded. These two, which its header does not have, forget that choice and
// make it again. A library that was built for one kind of processor lacks them.
__attribute__((weak)) void gotoblas_dynamic_quit(void);
__attribute__((weak)) void gotoblas_dynamic_init(void);

/// Chooses the inner loops again, by what the environment says now. Nothing else of OpenBLAS may run meanwhile.
static inline void openblas_choose_core_again(void) {
    if (!gotoblas_dynamic_quit || !gotoblas_dynamic_init) return;
    gotoblas_dynamic_quit();
    gotoblas_dynamic_init();
}
