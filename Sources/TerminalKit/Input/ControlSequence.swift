/// A control sequence (ECMA-48, section 5.4): `CSI`, parameters, intermediates, a final character.
struct ControlSequence: Equatable {
    /// `?`, `>`, `<` or `=` before the parameters.
    let prefix: Character?
    /// The parameters; -1 for what is no number or too large. A sub-parameter after `:` is left out.
    let numbers: [Int]
    /// Characters from U+0020 to U+002F before the final one.
    let intermediates: String
    /// Says what the sequence means.
    let final: Character

    /// - Parameter body: the bytes between `CSI` and the final byte.
    init(body: [UInt8], final: UInt8) {
        let parameters = body.prefix { (0x30...0x3F).contains($0) }
        let first = parameters.first.map { Character(UnicodeScalar($0)) }
        prefix = first.flatMap { "<=>?".contains($0) ? $0 : nil }
        numbers = String(decoding: parameters.dropFirst(prefix == nil ? 0 : 1), as: UTF8.self)
            .split(separator: ";").map { part in
                part.split(separator: ":").first.flatMap { Int($0) }.flatMap { $0 >= 0 ? $0 : nil } ?? -1
            }
        intermediates = String(decoding: body.dropFirst(parameters.count), as: UTF8.self)
        self.final = Character(UnicodeScalar(final))
    }

    /// `CSI 1 ; m R` is F3 with modifiers, else a report of the cursor's place.
    var isFunctionKey3: Bool {
        prefix == nil && (numbers.isEmpty || numbers.count == 2 && numbers[0] == 1 && numbers[1] <= 16)
    }
}

extension Key {
    /// A control sequence that stands for a key; nil if it stands for none.
    init?(_ sequence: ControlSequence) {
        guard sequence.prefix == nil, sequence.intermediates.isEmpty else { return nil }
        let numbers = sequence.numbers
        switch sequence.final {
        case "~" where numbers.first == 27 && numbers.count == 3:  // xterm's modifyOtherKeys
            self.init(unicode: numbers[2], modifiers: numbers[1])
        case "~":
            guard let code = numbers.first.flatMap(Self.numbered) else { return nil }
            self.init(code, modifiers: numbers.dropFirst().first)
        case "u":
            guard let code = numbers.first else { return nil }
            self.init(unicode: code, modifiers: numbers.dropFirst().first)
        case "Z":
            self.init(.backTab)
        case "a", "b", "c", "d":  // rxvt: arrows with Shift
            guard let code = Self.lettered(Character(sequence.final.uppercased())) else { return nil }
            self.init(code, isShift: true)
        default:
            guard let code = Self.lettered(sequence.final) else { return nil }
            self.init(code, modifiers: numbers.dropFirst().first)
        }
    }

    /// - Parameter modifiers: 1 + Shift 1 + Alt 2 + Control 4 + Meta 8 (xterm control sequences, "PC-Style
    ///   Function Keys").
    init(_ code: Code, modifiers: Int?) {
        let bits = max(0, (modifiers ?? 1) - 1)
        self.init(code, isControl: bits & 4 != 0, isAlt: bits & 10 != 0, isShift: bits & 1 != 0)
    }

    private init?(unicode: Int, modifiers: Int?) {
        let isShift = max(0, (modifiers ?? 1) - 1) & 1 != 0
        switch unicode {
        case 9: self.init(isShift ? .backTab : .tab, modifiers: modifiers)
        case 13: self.init(.enter, modifiers: modifiers)
        case 27: self.init(.escape, modifiers: modifiers)
        case 8, 127: self.init(.backspace, modifiers: modifiers)
        default:
            // From U+E000 kitty numbers keys that write nothing.
            guard unicode >= 32, !(0xE000...0xF8FF).contains(unicode),
                let scalar = UInt32(exactly: unicode).flatMap(Unicode.Scalar.init)
            else { return nil }
            self.init(.character(Character(scalar)), modifiers: modifiers)
        }
    }

    /// Final letters of CSI and SS3 sequences.
    static func lettered(_ letter: Character) -> Code? {
        switch letter {
        case "A": .up
        case "B": .down
        case "C": .right
        case "D": .left
        case "F": .end
        case "H": .home
        case "M": .enter  // keypad
        case "P": .function(1)
        case "Q": .function(2)
        case "R": .function(3)
        case "S": .function(4)
        default: nil
        }
    }

    /// `CSI number ~` of VT220, xterm and rxvt.
    private static func numbered(_ number: Int) -> Code? {
        switch number {
        case 1, 7: .home
        case 2: .insert
        case 3: .delete
        case 4, 8: .end
        case 5: .pageUp
        case 6: .pageDown
        case 11...15: .function(number - 10)
        case 17...21: .function(number - 11)
        case 23...26: .function(number - 12)
        case 28, 29: .function(number - 13)
        case 31...34: .function(number - 14)
        default: nil
        }
    }
}

extension MouseEvent {
    /// - Parameters:
    ///   - code: button and modifiers as xterm encodes them: 32 for motion, 64 for the wheel.
    ///   - column: from 1.
    ///   - row: from 1.
    init?(code: Int, column: Int, row: Int, isRelease: Bool) {
        guard code >= 0, column > 0, row > 0 else { return nil }
        let point = CellPoint(column: column - 1, row: row - 1)
        if code & 64 != 0 {
            guard !isRelease, code & 3 < 2 else { return nil }
            self.init(code & 1 == 0 ? .wheelUp : .wheelDown, at: point)
            return
        }
        let button: Button? = [0: .left, 1: .middle, 2: .right][code & 3]
        if isRelease || button == nil && code & 32 == 0 {
            self.init(.release, at: point)
        } else if let button, code & 128 == 0 {
            self.init(code & 32 != 0 ? .drag(button) : .press(button), at: point)
        } else {
            return nil
        }
    }
}
