/// An answer of the terminal to a question of ours.
package enum TerminalReply: Sendable, Equatable {
    /// DA1: what the terminal can do, 4 among it for sixel.
    case deviceAttributes([Int])
    /// One character cell in pixels.
    case cellSize(TerminalReplies.PixelSize)
    /// Colour registers for sixel.
    case colorRegisters(Int)
    /// The largest sixel picture.
    case largestPicture(TerminalReplies.PixelSize)
    /// Name and version (XTVERSION).
    case name(String)
    /// Whether private mode 2026 is known (DECRPM).
    case synchronizedOutput(Bool)
    /// Whether the background is dark (OSC 11).
    case background(isDark: Bool)
    /// Whether a picture of kitty's protocol was taken.
    case kittyGraphics(Bool)
    /// An answer that says nothing of use, or one to a question of somebody else.
    case other
}

extension TerminalReply {
    /// A control sequence that is an answer; nil if it is none.
    init?(_ sequence: ControlSequence) {
        let numbers = sequence.numbers
        switch (sequence.final, sequence.prefix) {
        case ("c", "?"):
            self = .deviceAttributes(numbers)
        case ("c", _), ("n", _), ("x", _):
            self = .other
        case ("t", _):
            self =
                numbers.count == 3 && numbers[0] == 6
                ? .cellSize(.init(width: numbers[2], height: numbers[1])) : .other
        case ("S", "?"):
            if numbers.count == 3, numbers[0] == 1, numbers[1] == 0 {
                self = .colorRegisters(numbers[2])
            } else if numbers.count == 4, numbers[0] == 2, numbers[1] == 0 {
                self = .largestPicture(.init(width: numbers[2], height: numbers[3]))
            } else {
                self = .other
            }
        case ("y", _) where sequence.intermediates == "$":
            // 1 set, 2 reset, 3 always set; 0 unknown, 4 always reset.
            self =
                numbers.count == 2 && numbers[0] == 2026
                ? .synchronizedOutput((1...3).contains(numbers[1])) : .other
        case ("R", _) where !sequence.isFunctionKey3:
            self = .other
        default:
            return nil
        }
    }

    /// An operating system command (OSC).
    init(operatingSystemCommand text: String) {
        let prefix = "11;rgb:"
        let channels = text.hasPrefix(prefix) ? text.dropFirst(prefix.count).split(separator: "/") : []
        // One to four hexadecimal digits each, of which all ones is full intensity.
        let levels = channels.compactMap { digits in
            Int(digits, radix: 16).map { Double($0) / Double((1 << (4 * min(digits.count, 8))) - 1) }
        }
        guard levels.count == 3, channels.allSatisfy({ (1...4).contains($0.count) }) else {
            self = .other
            return
        }
        // Luma of ITU-R BT.709.
        let luma = 0.2126 * levels[0] + 0.7152 * levels[1] + 0.0722 * levels[2]
        self = .background(isDark: luma < 0.5)
    }

    /// A device control string (DCS).
    init(deviceControl text: String) {
        self = text.hasPrefix(">|") ? .name(SafeText(String(text.dropFirst(2))).description) : .other
    }

    /// An application program command (APC).
    init(applicationCommand text: String) {
        let parts = text.split(separator: ";", maxSplits: 1)
        let isAnswer = text.hasPrefix("Gi=31") && parts.count == 2
        self = isAnswer ? .kittyGraphics(parts[1] == "OK") : .other
    }
}
