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
        case control(body: [UInt8])
        case consoleFunctionKey
        case singleShift
        case legacyMouse([UInt8])
        case string(StringKind, body: [UInt8], isEscaped: Bool)
        case paste([UInt8])
        case character([UInt8], length: Int, isAlt: Bool)
    }

    /// Longer sequences and strings are no answers to us.
    private static let sequenceLimit = 4096
    /// Longer pastes are cut.
    package static let pasteLimit = 1 << 20
    private static let pasteEnd = Array("\u{1B}[201~".utf8)

    private var state = State.ground
    private var items: [Item] = []

    /// A parser at the beginning of input.
    package init() {}

    /// Whether something is unfinished.
    package var patience: Patience {
        switch state {
        case .ground: .none
        case .escape, .singleShift: .key
        case .control(let body), .string(_, let body, false): body.isEmpty ? .key : .sequence
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
        case .control(let body):
            if body.isEmpty { add(Key(.character("["), isAlt: true)) }
        case .string(let kind, let body, let isEscaped):
            if body.isEmpty && !isEscaped {
                add(Key(.character(Character(UnicodeScalar(kind.rawValue))), isAlt: true))
            }
        case .paste(let bytes): addPaste(bytes)
        case .character(_, _, let isAlt): add(Key(.character("\u{FFFD}"), isAlt: isAlt))
        }
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
        case .control(let body): continueControl(byte, body: body)
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
        case .legacyMouse(let bytes): continueLegacyMouse(bytes + [byte])
        case .string(let kind, let body, let isEscaped):
            state = .ground  // so that `body` is not copied when it grows
            continueString(byte, kind: kind, body: body, isEscaped: isEscaped)
        case .paste(let bytes):
            state = .ground
            continuePaste(bytes, byte)
        case .character(let bytes, let length, let isAlt):
            continueCharacter(byte, after: bytes, length: length, isAlt: isAlt)
        }
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
        case 0xC2...0xDF: state = .character([byte], length: 2, isAlt: isAlt)
        case 0xE0...0xEF: state = .character([byte], length: 3, isAlt: isAlt)
        case 0xF0...0xF4: state = .character([byte], length: 4, isAlt: isAlt)
        default: add(Key(.character("\u{FFFD}"), isAlt: isAlt))
        }
    }

    private mutating func continueEscape(_ byte: UInt8, isAlt: Bool) {
        switch byte {
        case UInt8(ascii: "["): state = .control(body: [])
        case UInt8(ascii: "O"): state = .singleShift
        case 0x1B:
            if isAlt { add(Key(.escape)) }
            state = .escape(isAlt: true)
        default:
            if let kind = StringKind(rawValue: byte) {
                state = .string(kind, body: [], isEscaped: false)
            } else {
                begin(byte, isAlt: true)
            }
        }
    }

    private mutating func continueControl(_ byte: UInt8, body: [UInt8]) {
        switch byte {
        case UInt8(ascii: "[") where body.isEmpty: state = .consoleFunctionKey
        case UInt8(ascii: "M") where body.isEmpty: state = .legacyMouse([])
        case 0x20...0x3F where body.count < Self.sequenceLimit: state = .control(body: body + [byte])
        case 0x40...0x7E:
            state = .ground
            finish(ControlSequence(body: body, final: byte))
        case 0x20...0x3F: break  // too long; the end is still to come
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
            state = .paste([])
        } else if sequence.prefix == nil && numbers.isEmpty && ["I", "O"].contains(sequence.final) {
            items.append(.event(.focus(sequence.final == "I")))
        } else if let key = Key(sequence) {
            add(key)
        }
    }

    /// X10's reports, from terminals that do not know SGR's: three bytes, each 32 larger than what it says.
    private mutating func continueLegacyMouse(_ bytes: [UInt8]) {
        state = .legacyMouse(bytes)
        guard bytes.count == 3 else { return }
        state = .ground
        let code = Int(bytes[0]) - 32
        let isRelease = code & 3 == 3 && code & 96 == 0
        if let event = MouseEvent(
            code: code, column: Int(bytes[1]) - 32, row: Int(bytes[2]) - 32, isRelease: isRelease)
        {
            items.append(.event(.mouse(event)))
        }
    }

    private mutating func continueString(
        _ byte: UInt8, kind: StringKind, body: [UInt8], isEscaped: Bool
    ) {
        switch (byte, isEscaped) {
        case (0x07, false), (UInt8(ascii: "\\"), true):
            finishString(kind, body)
        case (0x1B, false):
            state = .string(kind, body: body, isEscaped: true)
        case (0x18, _), (0x1A, _):  // CAN and SUB end a string that is not wanted any more
            break
        case (_, true):
            continueEscape(byte, isAlt: false)
        default:
            var body = body
            if body.count < Self.sequenceLimit { body.append(byte) }
            state = .string(kind, body: body, isEscaped: false)
        }
    }

    private mutating func finishString(_ kind: StringKind, _ body: [UInt8]) {
        let text = String(decoding: body, as: UTF8.self)
        switch kind {
        case .deviceControl: items.append(.reply(TerminalReply(deviceControl: text)))
        case .operatingSystemCommand: items.append(.reply(TerminalReply(operatingSystemCommand: text)))
        case .applicationCommand: items.append(.reply(TerminalReply(applicationCommand: text)))
        }
    }

    private mutating func continuePaste(_ bytes: [UInt8], _ byte: UInt8) {
        var bytes = bytes
        bytes.append(byte)
        if byte == Self.pasteEnd.last, bytes.suffix(Self.pasteEnd.count).elementsEqual(Self.pasteEnd) {
            bytes.removeLast(Self.pasteEnd.count)
            addPaste(bytes)
            return
        }
        // Beyond the limit only what may be the end is kept.
        if bytes.count > Self.pasteLimit + Self.pasteEnd.count { bytes.remove(at: Self.pasteLimit) }
        state = .paste(bytes)
    }

    private mutating func addPaste(_ bytes: [UInt8]) {
        let text = String(decoding: bytes.prefix(Self.pasteLimit), as: UTF8.self)
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

    private mutating func continueCharacter(
        _ byte: UInt8, after bytes: [UInt8], length: Int, isAlt: Bool
    ) {
        // The second byte's range depends on the first (Unicode Standard, table 3-7).
        let range: ClosedRange<UInt8> =
            switch (bytes.count, bytes[0]) {
            case (1, 0xE0): 0xA0...0xBF
            case (1, 0xED): 0x80...0x9F
            case (1, 0xF0): 0x90...0xBF
            case (1, 0xF4): 0x80...0x8F
            default: 0x80...0xBF
            }
        state = .ground
        guard range.contains(byte) else {
            add(Key(.character("\u{FFFD}"), isAlt: isAlt))
            feed(byte)
            return
        }
        guard bytes.count + 1 == length else {
            state = .character(bytes + [byte], length: length, isAlt: isAlt)
            return
        }
        let text = String(decoding: bytes + [byte], as: UTF8.self)
        if let scalar = text.unicodeScalars.first {
            // C1 controls as characters come from no keyboard.
            if scalar.properties.generalCategory != .control {
                add(Key(.character(Character(scalar)), isAlt: isAlt))
            }
        }
    }
}
