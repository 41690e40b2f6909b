import CKernels
import Tensors
import Testing

struct OpenBLASCoreTests {
    /// Can fail only on processors that are younger than the installed OpenBLAS.
    @Test func aProcessorWithAVX2GetsLoopsForIt() {
        #expect(ck_kernels_avx2() == nil || !Workspace.blasDescription.contains("Prescott"))
    }

    @Test(arguments: [
        ("Prescott", true, true, "SkylakeX"), ("Prescott", true, false, "Haswell"),
        ("Prescott", false, false, nil),
        ("Zen", true, true, nil), ("Haswell", true, true, nil),
    ])
    func onlyTheWrongChoiceIsChanged(chosen: String, hasAVX2: Bool, hasAVX512: Bool, core: String?) {
        #expect(OpenBLASCore.suitable(insteadOf: chosen, hasAVX2: hasAVX2, hasAVX512: hasAVX512) == core)
    }
}
