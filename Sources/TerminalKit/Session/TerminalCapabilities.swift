/// What a terminal can show, and why we think so.
public struct TerminalCapabilities: Sendable, Equatable {
    /// How pictures are shown.
    public enum Graphics: String, Sendable, CaseIterable {
        /// In DEC's graphics, up to 256 colours a picture.
        case sixel
        /// In kitty's graphics protocol, 24-bit colour.
        case kitty
        /// In iTerm2's inline images, 24-bit colour.
        case iTerm2 = "iterm2"
        /// As quarter and half blocks in as many colours as there are.
        case blocks
        /// As ASCII characters, lighter and darker.
        case ascii
        /// Not at all.
        case none
    }

    /// How many colours text may have.
    public enum ColorDepth: Int, Sendable, Comparable {
        /// None: bold, underlined and reversed only.
        case monochrome
        /// The user's palette.
        case palette16
        /// The user's palette, a 6 x 6 x 6 cube and 24 greys.
        case palette256
        /// 24 bits.
        case direct

        /// Fewer colours come first.
        public static func < (first: ColorDepth, second: ColorDepth) -> Bool {
            first.rawValue < second.rawValue
        }
    }

    /// How pictures are shown.
    public let graphics: Graphics
    /// Why pictures are shown that way: one sentence for `facechain doctor`.
    public let graphicsReason: String
    /// How many colours text may have.
    public let colors: ColorDepth
    /// Whether characters beyond ASCII can be shown; the locale says so.
    public let isUnicode: Bool
    /// Characters in a row.
    public private(set) var columns: Int
    /// Rows.
    public private(set) var rows: Int
    /// One character cell in pixels.
    public let cellSize: TerminalReplies.PixelSize
    /// The largest sixel picture; nil if the terminal did not say.
    public let largestPicture: TerminalReplies.PixelSize?
    /// Colour registers for sixel; nil if the terminal did not say.
    public let colorRegisters: Int?
    /// Name and version, as the terminal calls itself; nil if it did not say.
    public let name: String?
    /// Whether whole frames can be shown at once (private mode 2026).
    public let isSynchronized: Bool
    /// Whether the background is dark; nil if the terminal did not say.
    public let hasDarkBackground: Bool?
    /// Whether tmux lies between.
    public let isInsideTmux: Bool

    /// Combines what the terminal, the system and the environment say.
    ///
    /// - Parameters:
    ///   - windowSize: of the whole window in pixels, as the system reports it; zero if unknown.
    ///   - isUnicode: whether the locale's characters are UTF-8.
    ///   - forced: how pictures are to be shown whatever the terminal says.
    package init(
        replies: TerminalReplies, columns: Int, rows: Int, windowSize: TerminalReplies.PixelSize,
        isUnicode: Bool = true, forced: Graphics? = nil, environment: [String: String]
    ) {
        self.columns = columns
        self.rows = rows
        self.isUnicode = isUnicode
        colorRegisters = replies.colorRegisters
        largestPicture = replies.largestPicture
        name = replies.name
        isSynchronized = replies.isSynchronized
        hasDarkBackground = replies.hasDarkBackground
        isInsideTmux = environment["TMUX"] != nil || replies.name?.hasPrefix("tmux ") == true
        let computed = Self.computedCellSize(columns, rows, windowSize, environment)
        cellSize = Self.cellSize(replies, computed)
        colors = Self.colorDepth(replies, environment)
        let hasPixels = replies.cellSize != nil || computed != nil
        let choice = GraphicsChoice(
            replies: replies, colors: colors, isUnicode: isUnicode, isInsideTmux: isInsideTmux,
            hasPixels: hasPixels, environment: environment)
        graphics = forced ?? choice.graphics
        graphicsReason = forced == nil ? choice.reason : "It was asked for."
    }

    /// Whether another terminal differs in nothing but columns and rows.
    func isEqualApartFromSize(to other: TerminalCapabilities) -> Bool {
        var other = other
        (other.columns, other.rows) = (columns, rows)
        return self == other
    }

    /// The terminal's own word first: the system's window size may hold a border, or be made up.
    private static func cellSize(
        _ replies: TerminalReplies, _ computed: TerminalReplies.PixelSize?
    ) -> TerminalReplies.PixelSize {
        [replies.cellSize, computed].compactMap { $0 }.first(where: isPlausible)
            ?? TerminalReplies.PixelSize(width: 10, height: 20)
    }

    private static func computedCellSize(
        _ columns: Int, _ rows: Int, _ window: TerminalReplies.PixelSize, _ environment: [String: String]
    ) -> TerminalReplies.PixelSize? {
        // OpenSSH for Windows reports 640 x 480 whatever the window.
        let isMadeUp = window.width == 640 && window.height == 480 && environment["SSH_CONNECTION"] != nil
        guard columns > 0, rows > 0, window.width > 0, window.height > 0, !isMadeUp else { return nil }
        return TerminalReplies.PixelSize(width: window.width / columns, height: window.height / rows)
    }

    private static func isPlausible(_ cell: TerminalReplies.PixelSize) -> Bool {
        (3...64).contains(cell.width) && (6...160).contains(cell.height)
            && (1.2...3.5).contains(Double(cell.height) / Double(cell.width))
    }

    private static func colorDepth(
        _ replies: TerminalReplies, _ environment: [String: String]
    ) -> ColorDepth {
        let term = environment["TERM"] ?? ""
        // no-color.org: any value but an empty one.
        if environment["NO_COLOR"]?.isEmpty == false || ["vt100", "vt102", "vt220"].contains(term) {
            return .monochrome
        }
        // GNU screen knows no 24-bit colour but passes COLORTERM on from outside.
        let isScreen = term.hasPrefix("screen") && environment["TMUX"] == nil
        if term == "linux" { return .palette16 }
        if !isScreen {
            if ["truecolor", "24bit"].contains(environment["COLORTERM"]) { return .direct }
            if ["-direct", "kitty", "foot", "alacritty", "ghostty"].contains(where: term.contains) {
                return .direct
            }
            if replies.hasDirectColor { return .direct }
        }
        return term.contains("256color") ? .palette256 : .palette16
    }
}
