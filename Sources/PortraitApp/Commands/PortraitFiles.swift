import Foundation
import Imaging
import Portraits

/// Decides where pictures go and writes them.
struct PortraitFiles {
    /// What `--out` said; `nil` is a new file in the working folder.
    let output: URL?
    let count: Int
    private let fileManager = FileManager.default

    /// The kinds of picture file that can be written.
    private static let extensions: Set<String> = ["png", "jpg", "jpeg"]

    /// Checks before the work begins that the result can be written.
    ///
    /// - Throws: `UsageError` for a file type that is not written here, `PortraitFilesError` for a missing folder.
    func check() throws {
        guard let output, !output.isFolder else { return }
        guard Self.extensions.contains(output.pathExtension.lowercased()) else {
            throw UsageError(
                "--out takes a .png or .jpg file, or a folder that exists, not '\(output.path)'.")
        }
        let folder = output.deletingLastPathComponent()
        guard folder.isFolder, fileManager.isWritableFile(atPath: folder.path) else {
            throw PortraitFilesError.folderNotWritable(folder.path)
        }
    }

    /// Writes a finished portrait; whole or not at all.
    ///
    /// - Returns: the file written.
    func write(_ portrait: Portrait, index: Int) throws -> URL {
        let file = destination(of: portrait, index: index)
        switch file.pathExtension.lowercased() {
        case "png":
            try portrait.writePNG(to: file)
        default:
            try portrait.writeJPEG(to: file)
        }
        return file
    }

    /// A named file is used as it is (numbered when there are several pictures); in a folder nothing is replaced.
    private func destination(of portrait: Portrait, index: Int) -> URL {
        if let output, !output.isFolder {
            guard count > 1 else { return output }
            let stem = output.deletingPathExtension().lastPathComponent
            return output.deletingLastPathComponent()
                .appendingPathComponent("\(stem)-\(index).\(output.pathExtension)")
        }
        let folder = output ?? URL(fileURLWithPath: fileManager.currentDirectoryPath)
        let stem = "portrait-\(portrait.settings.style ?? "plain")-\(portrait.settings.seed)"
        return folder.unusedPNG(stem: stem)
    }
}

/// The result has no place to go.
enum PortraitFilesError: Error, CustomStringConvertible {
    case folderNotWritable(String)

    var description: String {
        switch self {
        case .folderNotWritable(let path): "\(path) is not a folder that can be written to; nothing was made."
        }
    }
}
