/// The program's version, as pictures and `facechain version` state it.
public enum ProgramVersion {
    /// Semantic version.
    public static let current = "0.1.0"
}
