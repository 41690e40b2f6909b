import CKernels
import COpenBLAS
import Glibc

/// The kind of processor whose inner loops OpenBLAS uses.
///
/// It tells processors by their model numbers, and up to version 0.3.24 it takes every Intel processor that is younger
/// than itself for one of 2004, without AVX (OpenBLAS issue 4267). Debian 12 has version 0.3.21, of 2022. On such a
/// processor with AVX-512 products of matrices then take five to eight times as long.
package enum OpenBLASCore {
    /// Puts a wrong choice right, unless the user made one. To be called once, before the first product.
    static func correct() {
        guard getenv("OPENBLAS_CORETYPE") == nil, let chosen = openblas_get_corename() else { return }
        let core = suitable(
            insteadOf: String(cString: chosen), hasAVX2: ck_kernels_avx2() != nil, hasAVX512: ck_has_avx512())
        guard let core else { return }
        setenv("OPENBLAS_CORETYPE", core, 1)
        openblas_choose_core_again()
    }

    /// The core to use instead of the one that OpenBLAS chose; nil if that one may be right.
    package static func suitable(insteadOf chosen: String, hasAVX2: Bool, hasAVX512: Bool) -> String? {
        guard chosen == "Prescott", hasAVX2 else { return nil }
        return hasAVX512 ? "SkylakeX" : "Haswell"
    }
}
