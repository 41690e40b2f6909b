import Foundation
import Portraits

/// Reads folders for file pickers.
enum FolderListing {
    /// The entries that matter for a purpose: folders first, then files that can be chosen, both by name.
    static func read(_ folder: URL, for purpose: FilePicker.Purpose) -> Result<[FilePicker.Entry], AppProblem>
    {
        do {
            let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
                .filter { !$0.hasPrefix(".") }
            return .success(entries(names, in: folder, for: purpose))
        } catch {
            return .failure(AppProblem(error))
        }
    }

    private static func entries(
        _ names: [String], in folder: URL, for purpose: FilePicker.Purpose
    ) -> [FilePicker.Entry] {
        let sorted = names.sorted {
            $0.compare($1, options: [.caseInsensitive, .numeric]) == .orderedAscending
        }
        let folders = sorted.filter { folder.appendingPathComponent($0).isFolder }
        let files = Set(sorted).subtracting(folders)
        return folders.map { name in
            let isModel = purpose == .model && ModelCatalog.isModelFolder(folder.appendingPathComponent(name))
            return FilePicker.Entry(name: name, kind: isModel ? .choosableFolder : .folder)
        } + sorted.filter { files.contains($0) && purpose.accepts($0) }.map { .init(name: $0, kind: .file) }
    }
}
