import Foundation

/// A window in which a file or folder is found.
package struct FilePicker: Sendable, Equatable {
    /// What is looked for, which also says what becomes of it.
    package enum Purpose: Sendable, Equatable {
        case photo
        case template
        /// Whose the selected face of the template becomes.
        case templatePerson
        case pose
        case lora
        case model
        case adapter

        package var title: String {
            switch self {
            case .photo: "A photo of the person"
            case .template: "A template picture"
            case .templatePerson: "Whose the face becomes: a photo"
            case .pose: "A picture with the pose"
            case .lora: "A style LoRA"
            case .model: "A base model: a folder with 'unet', or a checkpoint"
            case .adapter: "A face adapter"
            }
        }

        /// The endings of files that can be chosen.
        package var extensions: Set<String> {
            switch self {
            case .photo, .template, .templatePerson, .pose: ["png", "jpg", "jpeg"]
            case .lora: ["safetensors", "pt", "ckpt", "bin"]
            case .model, .adapter: ["safetensors", "ckpt", "pt", "pth", "bin"]
            }
        }

        package var showsPictures: Bool { [.photo, .template, .templatePerson, .pose].contains(self) }
    }

    /// A line of the listing.
    package struct Entry: Sendable, Equatable {
        /// What lies behind the line.
        package enum Kind: Sendable, Equatable {
            case folder
            /// A folder that can itself be chosen, such as a model.
            case choosableFolder
            case file
        }

        package let name: String
        package let kind: Kind

        package init(name: String, kind: Kind) {
            self.name = name
            self.kind = kind
        }
    }

    package let purpose: Purpose
    package private(set) var folder: URL
    /// nil while the folder is being read.
    package private(set) var entries: [Entry]?
    /// Why the folder could not be read.
    package private(set) var complaint: String?
    package var query = TextBuffer()
    package var cursor = ListCursor()
    /// The entry to select when the folder has been read.
    private var wantedName: String?

    package init(purpose: Purpose, folder: URL) {
        self.purpose = purpose
        self.folder = folder
    }

    /// The entries that fit what was typed.
    package var visibleEntries: [Entry] {
        FuzzyFilter(query.text).matches(entries ?? []) { $0.name }
    }

    package var selection: Entry? {
        let visible = visibleEntries
        return visible.indices.contains(cursor.index) ? visible[cursor.index] : nil
    }

    /// The selected entry's place.
    package var selectedURL: URL? { selection.map { folder.appendingPathComponent($0.name) } }

    /// Takes in what a folder holds; an answer for another folder is too late.
    package mutating func show(_ listing: Result<[Entry], AppProblem>, of listed: URL) {
        guard listed == folder else { return }
        switch listing {
        case .success(let found):
            (entries, complaint) = (found, nil)
        case .failure(let problem):
            (entries, complaint) = ([], problem.sentence)
        }
        let index = wantedName.flatMap { name in visibleEntries.firstIndex { $0.name == name } }
        cursor = ListCursor(index ?? 0)
        wantedName = nil
    }

    /// Goes into another folder.
    package mutating func enter(_ folder: URL) {
        self.folder = folder
        (entries, complaint, query, cursor) = (nil, nil, TextBuffer(), ListCursor())
    }

    /// Goes into the folder above, with the present one selected.
    package mutating func leave() {
        let name = folder.lastPathComponent
        enter(folder.deletingLastPathComponent())
        wantedName = name
    }
}

/// A sentence for the user in the place of a result.
package struct AppProblem: Error, Sendable, Equatable {
    package let sentence: String

    package init(_ sentence: String) { self.sentence = sentence }
    package init(_ error: any Error) { sentence = ErrorSentence.of(error) }
}
