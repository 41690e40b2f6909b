/// How a terminal answers questions.
struct TerminalProfile: Sendable {
    /// DA1's parameters; no answer at all if nil.
    var attributes: String?
    var name: String?
    var cell: String? = "6;20;10"
    var registers: Int? = 256
    /// Whether more registers can be had.
    var grantsRegisters = true
    var takesKittyPictures = false
    /// Milliseconds before an answer.
    var delay = 0
    /// Whether the bytes of an answer come one at a time.
    var isDripping = false
    /// What is sent before the answers.
    var garbage = ""

    static let vt340 = TerminalProfile(attributes: "63;1;2;4;6;9;15;16;22;28", name: "XTerm(379)")
    static let mute = TerminalProfile(attributes: nil)

    /// The answer; `registers` changes when more are granted.
    mutating func answer(_ question: String) -> String {
        guard let attributes else { return "" }
        switch question {
        case "c": return "\u{1B}[?\(attributes)c"
        case ">q": return name.map { "\u{1B}P>|\($0)\u{1B}\\" } ?? ""
        case "16t": return cell.map { "\u{1B}[\($0)t" } ?? ""
        case "?1;1;0S": return registers.map { "\u{1B}[?1;0;\($0)S" } ?? ""
        case "?2;1;0S": return registers == nil ? "" : "\u{1B}[?2;0;1000;1000S"
        case "?2026$p": return "\u{1B}[?2026;2$y"
        case "OSC 11": return "\u{1B}]11;rgb:0000/0000/0000\u{1B}\\"
        case "kitty": return takesKittyPictures ? "\u{1B}_Gi=31;OK\u{1B}\\" : ""
        default:
            guard question.hasPrefix("?1;3;"), let count = Int(question.dropFirst(5).dropLast()) else {
                return ""
            }
            guard grantsRegisters else { return "\u{1B}[?1;3;0S" }
            registers = count
            return "\u{1B}[?1;0;\(count)S"
        }
    }
}
