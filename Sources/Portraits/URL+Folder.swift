import Foundation

extension URL {
    /// `STEM.png` in this folder, or `STEM-2.png` and so on: the first that does not exist yet.
    package func unusedPNG(stem: String) -> URL {
        let names = (1...9999).lazy.map { $0 == 1 ? "\(stem).png" : "\(stem)-\($0).png" }
        return names.map(appendingPathComponent).first { !FileManager.default.fileExists(atPath: $0.path) }
            ?? appendingPathComponent("\(stem)-\(UUID().uuidString).png")
    }

    /// Whether there is a folder at this path; links are followed.
    package var isFolder: Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
    }
}
