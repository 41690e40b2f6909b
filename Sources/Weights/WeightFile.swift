/// Opens files of weights.
public enum WeightFile {
    /// Opens a file of weights; its kind is told from its bytes, never from its name.
    ///
    /// - Throws: ``WeightsError`` if the file cannot be read, is damaged, or is not a file of weights.
    public static func open(_ path: String) throws -> any WeightSource {
        try SafetensorsFile(MappedFile(path: path))
    }
}
