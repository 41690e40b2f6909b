import Foundation

/// The short hash that web interfaces before 2023 used to name a checkpoint: the first 8 digits of the SHA-256 of the
/// 64 KiB behind the first megabyte. It costs nothing, and tells two checkpoints apart.
enum ModelHash {
    private static let offset: UInt64 = 1 << 20
    private static let length = 1 << 16

    /// The hash of a checkpoint, or of the first weight file of a folder by name.
    static func short(of location: URL) throws -> String {
        let file = try weightFile(at: location)
        let handle = try FileHandle(forReadingFrom: file)
        defer { try? handle.close() }
        let size = try handle.seekToEnd()
        // Smaller files are hashed from their start, which holds the names and shapes.
        try handle.seek(toOffset: size > offset ? offset : 0)
        let bytes = try handle.read(upToCount: length) ?? Data()
        return String(SHA256.hexadecimal([UInt8](bytes)).prefix(8))
    }

    private static func weightFile(at location: URL) throws -> URL {
        guard location.isFolder else { return location }
        let names = try FileManager.default.contentsOfDirectory(atPath: location.path).sorted()
        guard let name = names.first(where: { !$0.hasSuffix(".json") }) else {
            throw PortraitError.modelIncomplete(folder: location.path, missing: "a file of weights")
        }
        return location.appendingPathComponent(name)
    }
}
