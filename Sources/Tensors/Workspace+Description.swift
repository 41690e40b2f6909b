import CKernels
import COpenBLAS

extension Workspace {
    /// The name of the inner loops that a new workspace uses, such as `avx2`.
    public static var kernelDescription: String {
        String(cString: Workspace(threadCount: 1).kernels.name)
    }

    /// The version and build of OpenBLAS and the kind of processor it computes for, in its own words.
    public static var blasDescription: String {
        _ = preparedBLAS
        return openblas_get_config().map { String(cString: $0) } ?? "OpenBLAS"
    }
}
