/// Turns the bytes that a terminal sends into events and answers, however the bytes are cut into pieces.
///
/// Every byte sequence is taken: what means nothing is left out, what is no UTF-8 becomes U+FFFD.
package struct InputParser {
    /// What was found.
    package enum Item: Sendable, Equatable {
        /// Something for the application.
        case event(TerminalEvent)
        /// An answer to a question.
        case reply(TerminalReply)
    }

    /// How long it is worth to wait for more bytes before `giveUp()`.
    package enum Patience: Sendable, Equatable {
        /// Nothing is unfinished.
        case none
        /// The bytes so far are a key, or the beginning of something else.
        case key
        /// A sequence that no key sends is unfinished.
        case sequence
        /// A paste is unfinished.
        case paste
    }

    private enum StringKind: UInt8 {
        case deviceControl = 0x50
        case operatingSystemCommand = 0x5D
        case applicationCommand = 0x5F
    }

    private enum State {
        case ground
        case escape(isAlt: Bool)
        case control
        case consoleFunctionKey
        case singleShift
        case legacyMouse
        case string(StringKind, isEscaped: Bool)
        case paste
        case character(length: Int, isAlt: Bool)
    }

    /// Longer sequences and strings are no answers to us.
    private static let sequenceLimit = 4096
    /// Longer pastes are cut.
    package static let pasteLimit = 1 << 20
    private static let pasteEnd = Array("\u{1B}[201~".utf8)

    private var state = State.ground
    /// The bytes so far of what is unfinished, without its introduction.
    private var buffer: [UInt8] = []
    private var items: [Item] = []

    /// A parser at the beginning of input.
    package init() {}

    /// Whether something is unfinished.
    package var patience: Patience {
        switch state {
        case .ground: .none
        case .escape, .singleShift: .key
        case .control, .string(_, false): buffer.isEmpty ? .key : .sequence
        case .string, .consoleFunctionKey, .legacyMouse, .character: .sequence
        case .paste: .paste
        }
    }

    /// Takes bytes, and gives what is complete.
    package mutating func feed(_ bytes: some Sequence<UInt8>) -> [Item] {
        for byte in bytes { feed(byte) }
        return takeItems()
    }

    /// What is unfinished will not be continued: it is a key, or nothing.
    package mutating func giveUp() -> [Item] {
        let unfinished = state
        state = .ground
        switch unfinished {
        case .ground, .consoleFunctionKey, .legacyMouse: break
        case .escape(let isAlt): add(Key(.escape, isAlt: isAlt))
        case .singleShift: add(Key(.character("O"), isAlt: true))
        case .control:
            if buffer.isEmpty { add(Key(.character("["), isAlt: true)) }
        case .string(let kind, let isEscaped):
            if buffer.isEmpty && !isEscaped {
                add(Key(.character(Character(UnicodeScalar(kind.rawValue))), isAlt: true))
            }
        case .paste: addPaste()
        case .character(_, let isAlt): add(Key(.character("\u{FFFD}"), isAlt: isAlt))
        }
        buffer = []
        return takeItems()
    }

    private mutating func takeItems() -> [Item] {
        defer { items = [] }
        return items
    }

    private mutating func add(_ key: Key) { items.append(.event(.key(key))) }

    private mutating func feed(_ byte: UInt8) {
        switch state {
        case .ground: begin(byte, isAlt: false)
        case .escape(let isAlt): continueEscape(byte, isAlt: isAlt)
        case .control: continueControl(byte)
        case .consoleFunctionKey:
            state = .ground
            if (0x41...0x45).contains(byte) { add(Key(.function(Int(byte) - 0x40))) }
        case .singleShift:
            state = .ground
            if let code = Key.lettered(Character(UnicodeScalar(byte))) {
                add(Key(code))
            } else {
                add(Key(.character("O"), isAlt: true))
                feed(byte)
            }
        case .legacyMouse: continueLegacyMouse(byte)
        case .string(let kind, let isEscaped): continueString(byte, kind: kind, isEscaped: isEscaped)
        case .paste: continuePaste(byte)
        case .character(let length, let isAlt): continueCharacter(byte, length: length, isAlt: isAlt)
        }
    }

    /// Goes on with something that has bytes of its own.
    private mutating func enter(_ state: State, with bytes: [UInt8] = []) {
        self.state = state
        buffer = bytes
    }

    private mutating func begin(_ byte: UInt8, isAlt: Bool) {
        state = .ground
        switch byte {
        case 0x1B: state = .escape(isAlt: isAlt)
        case 0x0D: add(Key(.enter, isAlt: isAlt))
        case 0x09: add(Key(.tab, isAlt: isAlt))
        case 0x08, 0x7F: add(Key(.backspace, isAlt: isAlt))
        case 0x00: add(Key(.character(" "), isControl: true, isAlt: isAlt))
        case 0x01...0x1A:
            add(Key(.character(Character(UnicodeScalar(byte + 0x60))), isControl: true, isAlt: isAlt))
        case 0x1C...0x1F:
            add(Key(.character(Character(UnicodeScalar(byte + 0x40))), isControl: true, isAlt: isAlt))
        case 0x20...0x7E: add(Key(.character(Character(UnicodeScalar(byte))), isAlt: isAlt))
        case 0xC2...0xDF: enter(.character(length: 2, isAlt: isAlt), with: [byte])
        case 0xE0...0xEF: enter(.character(length: 3, isAlt: isAlt), with: [byte])
        case 0xF0...0xF4: enter(.character(length: 4, isAlt: isAlt), with: [byte])
        default: add(Key(.character("\u{FFFD}"), isAlt: isAlt))
        }
    }

    private mutating func continueEscape(_ byte: UInt8, isAlt: Bool) {
        switch byte {
        case UInt8(ascii: "["): enter(.control)
        case UInt8(ascii: "O"): state = .singleShift
        case 0x1B:
            if isAlt { add(Key(.escape)) }
            state = .escape(isAlt: true)
        default:
            if let kind = StringKind(rawValue: byte) {
                enter(.string(kind, isEscaped: false))
            } else {
                begin(byte, isAlt: true)
            }
        }
    }

    private mutating func continueControl(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "[") where buffer.isEmpty: state = .consoleFunctionKey
        case UInt8(ascii: "M") where buffer.isEmpty: enter(.legacyMouse)
        case 0x20...0x3F: if buffer.count < Self.sequenceLimit { buffer.append(byte) }
        case 0x40...0x7E:
            state = .ground
            finish(ControlSequence(body: buffer, final: byte))
        default: begin(byte, isAlt: false)
        }
    }

    private mutating func finish(_ sequence: ControlSequence) {
        let numbers = sequence.numbers
        if let reply = TerminalReply(sequence) {
            items.append(.reply(reply))
        } else if sequence.prefix == "<", numbers.count == 3, ["M", "m"].contains(sequence.final) {
            let isRelease = sequence.final == "m"
            if let event = MouseEvent(
                code: numbers[0], column: numbers[1], row: numbers[2], isRelease: isRelease)
            {
                items.append(.event(.mouse(event)))
            }
        } else if sequence.final == "~" && numbers == [200] {
            enter(.paste)
        } else if sequence.prefix == nil && numbers.isEmpty && ["I", "O"].contains(sequence.final) {
            items.append(.event(.focus(sequence.final == "I")))
        } else if let key = Key(sequence) {
            add(key)
        }
    }

    /// X10's reports, from terminals that do not know SGR's: three bytes, each 32 larger than what it says.
    private mutating func continueLegacyMouse(_ byte: UInt8) {
        buffer.append(byte)
        guard buffer.count == 3 else { return }
        state = .ground
        let code = Int(buffer[0]) - 32
        let isRelease = code & 3 == 3 && code & 96 == 0
        if let event = MouseEvent(
            code: code, column: Int(buffer[1]) - 32, row: Int(buffer[2]) - 32, isRelease: isRelease)
        {
            items.append(.event(.mouse(event)))
        }
    }

    private mutating func continueString(_ byte: UInt8, kind: StringKind, isEscaped: Bool) {
        switch (byte, isEscaped) {
        case (0x07, false), (UInt8(ascii: "\\"), true):
            state = .ground
            finishString(kind)
        case (0x1B, false):
            state = .string(kind, isEscaped: true)
        case (0x18, _), (0x1A, _):  // CAN and SUB end a string that is not wanted any more
            state = .ground
        case (_, true):
            continueEscape(byte, isAlt: false)
        default:
            if buffer.count < Self.sequenceLimit { buffer.append(byte) }
        }
    }

    private mutating func finishString(_ kind: StringKind) {
        let text = String(decoding: buffer, as: UTF8.self)
        switch kind {
        case .deviceControl: items.append(.reply(TerminalReply(deviceControl: text)))
        case .operatingSystemCommand: items.append(.reply(TerminalReply(operatingSystemCommand: text)))
        case .applicationCommand: items.append(.reply(TerminalReply(applicationCommand: text)))
        }
    }

    private mutating func continuePaste(_ byte: UInt8) {
        buffer.append(byte)
        if byte == Self.pasteEnd.last, buffer.suffix(Self.pasteEnd.count).elementsEqual(Self.pasteEnd) {
            buffer.removeLast(Self.pasteEnd.count)
            state = .ground
            addPaste()
            buffer = []
        } else if buffer.count > Self.pasteLimit + Self.pasteEnd.count {
            // Beyond the limit only what may be the end is kept.
            buffer.remove(at: Self.pasteLimit)
        }
    }

    private mutating func addPaste() {
        let text = String(decoding: buffer.prefix(Self.pasteLimit), as: UTF8.self)
        var clean = String.UnicodeScalarView()
        var previous: Unicode.Scalar?
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\r": clean.append("\n")
            case "\n": if previous != "\r" { clean.append("\n") }
            case "\t": clean.append("\t")
            default: if scalar.properties.generalCategory != .control { clean.append(scalar) }
            }
            previous = scalar
        }
        items.append(.event(.paste(String(clean))))
    }

    private mutating func continueCharacter(_ byte: UInt8, length: Int, isAlt: Bool) {
        // The second byte's range depends on the first (Unicode Standard, table 3-7).
        let range: ClosedRange<UInt8> =
            switch (buffer.count, buffer[0]) {
            case (1, 0xE0): 0xA0...0xBF
            case (1, 0xED): 0x80...0x9F
            case (1, 0xF0): 0x90...0xBF
            case (1, 0xF4): 0x80...0x8F
            default: 0x80...0xBF
            }
        guard range.contains(byte) else {
            state = .ground
            add(Key(.character("\u{FFFD}"), isAlt: isAlt))
            feed(byte)
            return
        }
        buffer.append(byte)
        guard buffer.count == length else { return }
        state = .ground
        // C1 controls as characters come from no keyboard.
        for scalar in String(decoding: buffer, as: UTF8.self).unicodeScalars
        where scalar.properties.generalCategory != .control {
            add(Key(.character(Character(scalar)), isAlt: isAlt))
        }
    }
}
