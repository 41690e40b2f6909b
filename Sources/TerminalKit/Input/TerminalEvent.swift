/// Something that happened at the terminal.
public enum TerminalEvent: Sendable, Equatable {
    /// A key was pressed.
    case key(Key)
    /// Text was pasted or dropped; lines end in `\n`, control characters are gone.
    case paste(String)
    /// The mouse did something.
    case mouse(MouseEvent)
    /// The window got or lost the keyboard.
    case focus(Bool)
    /// The window has a new size.
    case resized(CellSize)
    /// The process was stopped and goes on; the screen is to be drawn again.
    case resumed
    /// The terminal told more about itself.
    case capabilitiesChanged(TerminalCapabilities)
    /// `Waker.wake()` was called.
    case wake
    /// The terminal is gone.
    case hangup
    /// Somebody asked the process to end (SIGTERM, SIGINT, SIGQUIT).
    case terminate
}

/// A key with its modifiers.
public struct Key: Sendable, Hashable {
    /// Which key.
    public enum Code: Sendable, Hashable {
        /// A key that writes; with shift applied, so `isShift` says nothing about it.
        case character(Character)
        case enter, escape, tab, backTab, backspace, delete, insert
        case up, down, left, right, home, end, pageUp, pageDown
        /// F1...F24.
        case function(Int)
    }

    /// Which key.
    public let code: Code
    /// Whether Control was held.
    public let isControl: Bool
    /// Whether Alt was held.
    public let isAlt: Bool
    /// Whether Shift was held.
    public let isShift: Bool

    /// Makes a key.
    public init(_ code: Code, isControl: Bool = false, isAlt: Bool = false, isShift: Bool = false) {
        self.code = code
        self.isControl = isControl
        self.isAlt = isAlt
        self.isShift = isShift
    }
}

/// What the mouse did, and where.
public struct MouseEvent: Sendable, Hashable {
    /// A mouse button.
    public enum Button: Sendable, Hashable {
        case left, middle, right
    }

    /// What it did.
    public enum Kind: Sendable, Hashable {
        /// A button went down.
        case press(Button)
        /// The button went up.
        case release
        /// The mouse moved with a button down.
        case drag(Button)
        /// The wheel turned away from the user.
        case wheelUp
        /// The wheel turned towards the user.
        case wheelDown
    }

    /// What it did.
    public let kind: Kind
    /// The cell under the pointer.
    public let at: CellPoint

    /// Makes an event.
    public init(_ kind: Kind, at point: CellPoint) {
        self.kind = kind
        at = point
    }
}
