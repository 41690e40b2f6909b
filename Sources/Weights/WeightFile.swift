/// Opens files of weights.
public enum WeightFile {
    /// Opens a file of weights, or the folder of one network; a file's kind is told from its bytes, never from its
    /// name.
    ///
    /// - Throws: ``WeightsError`` if the file cannot be read, is damaged, or is not a file of weights.
    public static func open(_ path: String) throws -> any WeightSource {
        if WeightFolder.isFolder(path) { return try WeightFolder.open(path) }
        let file = try MappedFile(path: path)
        let bytes = file.bytes
        if bytes.starts(with: [0x50, 0x4B, 0x03, 0x04]) { return try TorchFile.zip(file) }
        if bytes.starts(with: TorchLegacyContainer.magic) { return try TorchFile.legacy(file) }
        if let format = ForeignFormat.sniffed(bytes) {
            throw WeightsError.foreignFormat(file: path, format)
        }
        guard looksLikeSafetensors(bytes) else {
            throw WeightsError.foreignFormat(file: path, .unknown)
        }
        return try SafetensorsFile(file)
    }

    /// A plausible header length followed by a brace.
    ///
    /// A truncated or oversized header still counts, so that its error says what is wrong.
    private static func looksLikeSafetensors(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let length = bytes.littleEndian(UInt64.self, at: 0) else { return false }
        return length <= UInt64(SafetensorsHeader.lengthLimit)
            && bytes.starts(with: [UInt8(ascii: "{")], at: 8)
    }
}
