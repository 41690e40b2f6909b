import Foundation

/// The desktop's trash, so that a deleted picture can be taken back with any file manager.
///
/// FreeDesktop.org Trash Specification 1.0, home trash only.
public struct Trash: Sendable {
    private let folder: URL

    /// The trash of the user whose environment this is: `$XDG_DATA_HOME/Trash`.
    public init(dataHome: URL) {
        folder = dataHome.appendingPathComponent("Trash")
    }

    /// Moves a file into the trash.
    ///
    /// - Returns: where it lies now.
    /// - Throws: what keeps the file from being moved; it is then still in its place.
    @discardableResult public func put(_ file: URL, at date: Date) throws -> URL {
        let files = folder.appendingPathComponent("files")
        let notes = folder.appendingPathComponent("info")
        for place in [files, notes] {
            try FileManager.default.createDirectory(
                at: place, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        }
        let (name, note) = try reserveName(like: file.lastPathComponent, in: notes)
        do {
            try Data(Self.note(of: file, date: date).utf8).write(to: note)
            let target = files.appendingPathComponent(name)
            try FileManager.default.moveItem(at: file, to: target)
            return target
        } catch {
            try? FileManager.default.removeItem(at: note)
            throw error
        }
    }

    /// A name nobody uses yet; making its note is what reserves it.
    private func reserveName(like name: String, in notes: URL) throws -> (name: String, note: URL) {
        for number in 1...9999 {
            let candidate = number == 1 ? name : "\(number) \(name)"
            let note = notes.appendingPathComponent("\(candidate).trashinfo")
            do {
                try Data().write(to: note, options: .withoutOverwriting)
                return (candidate, note)
            } catch CocoaError.fileWriteFileExists {
                continue
            }
        }
        throw CocoaError(.fileWriteFileExists)
    }

    private static func note(of file: URL, date: Date) -> String {
        var allowed = CharacterSet.urlPathAllowed
        allowed.remove(charactersIn: ";")
        let path = file.path.addingPercentEncoding(withAllowedCharacters: allowed) ?? file.path
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.dateFormat = "yyyy-MM-dd'T'HH:mm:ss"
        return "[Trash Info]\nPath=\(path)\nDeletionDate=\(formatter.string(from: date))\n"
    }
}
