import Foundation

/// A window over the main screen; the last one has the keyboard.
package enum Overlay: Sendable, Equatable {
    case help(ActionSearch)
    case palette(ActionSearch)
    case files(FilePicker)
    case editor(TextEditor)
    case choice(ChoiceList)
    case confirmation(Confirmation)
    case messages(ListCursor)
    case checklist
    case viewer(PictureViewer)

    /// Overlays without their contents, for key contexts.
    package enum Kind: Sendable, Hashable, CaseIterable {
        case help, palette, files, editor, choice, confirmation, messages, checklist, viewer

        package var title: String {
            switch self {
            case .help: "Help"
            case .palette: "Command palette"
            case .files: "File picker"
            case .editor: "Text editor"
            case .choice: "Choice"
            case .confirmation: "Question"
            case .messages: "Messages"
            case .checklist: "Checklist"
            case .viewer: "Large picture"
            }
        }
    }

    package var kind: Kind {
        switch self {
        case .help: .help
        case .palette: .palette
        case .files: .files
        case .editor: .editor
        case .choice: .choice
        case .confirmation: .confirmation
        case .messages: .messages
        case .checklist: .checklist
        case .viewer: .viewer
        }
    }
}

/// Help and palette: the actions that fit what was typed.
package struct ActionSearch: Sendable, Equatable {
    package var query = TextBuffer()
    package var cursor = ListCursor()
}

/// A text being edited in a window.
package struct TextEditor: Sendable, Equatable {
    /// What becomes of the text.
    package enum Purpose: Sendable, Equatable {
        case prompt
        case negativePrompt
        case setting(SettingsRow)
    }

    package let purpose: Purpose
    package let title: String
    package var buffer: TextBuffer
    /// Why the text was not taken.
    package var complaint: String?

    /// One line for numbers, several for prompts.
    package var isMultiline: Bool { purpose == .prompt || purpose == .negativePrompt }
}

/// One of several things to be chosen.
package struct ChoiceList: Sendable, Equatable {
    /// What is chosen.
    package enum Purpose: Sendable, Equatable {
        case sampler
        case model
        case adapter
        case theme
    }

    package struct Entry: Sendable, Equatable {
        package let title: String
        package let detail: String
        package let value: Value
    }

    package enum Value: Sendable, Equatable {
        /// A name or path; nil is the model's own or the embedded one.
        case name(String?)
        /// Opens a file picker.
        case pickFile
        /// Nothing at all.
        case nothing
    }

    package let purpose: Purpose
    package let title: String
    package let entries: [Entry]
    package var cursor = ListCursor()
}

/// A question before something that cannot be undone.
package struct Confirmation: Sendable, Equatable {
    /// What happens on yes.
    package enum Purpose: Sendable, Equatable {
        case cancelJob(Int)
        case quit
        case trash(URL)
    }

    package let purpose: Purpose
    package let question: String
    package let yes: String
    package let no: String
}

/// A picture in the whole window, or two beside each other.
package struct PictureViewer: Sendable, Equatable {
    package struct Subject: Sendable, Equatable {
        package let file: URL
        package let caption: String
    }

    package var subjects: [Subject]
    package var zoom = Zoom()
}

/// Which part of a picture is seen.
package struct Zoom: Sendable, Hashable {
    /// 0 shows the whole picture; each level doubles.
    package private(set) var level = 0
    /// The middle of what is seen, in parts of the picture.
    package private(set) var centerX = 0.5
    package private(set) var centerY = 0.5

    private static let highestLevel = 4

    package mutating func enlarge() { level = min(level + 1, Self.highestLevel) }

    package mutating func shrink() {
        level = max(level - 1, 0)
        pan(horizontally: 0, vertically: 0)
    }

    /// Moves by a quarter of what is seen.
    package mutating func pan(horizontally: Int, vertically: Int) {
        let side = 1 / Double(1 << level)
        func moved(_ center: Double, _ distance: Int) -> Double {
            min(max(center + Double(distance) * side / 4, side / 2), 1 - side / 2)
        }
        centerX = moved(centerX, horizontally)
        centerY = moved(centerY, vertically)
    }

    /// The part seen of a picture of a size, in its pixels.
    package func region(width: Int, height: Int) -> (x: Int, y: Int, width: Int, height: Int) {
        let side = 1 / Double(1 << level)
        let (columns, rows) = (max(1, Int(Double(width) * side)), max(1, Int(Double(height) * side)))
        let x = Int(centerX * Double(width)) - columns / 2
        let y = Int(centerY * Double(height)) - rows / 2
        return (min(max(0, x), width - columns), min(max(0, y), height - rows), columns, rows)
    }
}
