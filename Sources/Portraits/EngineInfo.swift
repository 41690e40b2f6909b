import Tensors

/// What `facechain version` and bug reports say of the engine.
public enum EngineInfo {
    /// The inner loops in use, such as `avx2`.
    public static var kernelLevel: String { Workspace.kernelDescription }
    /// OpenBLAS's own description of itself.
    public static var blas: String { Workspace.blasDescription }
    /// The networks that find faces, as people read it.
    public static func faceDetector(_ resources: ResourceLocator) -> String {
        FaceSearch.title(for: resources)
    }
    /// The networks that find poses, as people read it.
    public static func poseDetector(_ resources: ResourceLocator) -> String {
        PoseSearch.title(for: resources)
    }
    /// The network that reads age and gender from photos, as people read it; `nil` if none is there.
    public static func attributeReader(_ resources: ResourceLocator) -> String? {
        AttributeReader.file(in: resources.userPerceptionModels).map { _ in AttributeReader.title }
    }
    /// How many threads work unless told otherwise.
    public static var defaultThreadCount: Int { Workspace.availableThreads }
}
