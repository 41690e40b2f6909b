/// A colour of text or background.
public enum TerminalColor: Sendable, Hashable {
    /// The terminal's own foreground or background.
    case standard
    /// One of the 16 colours that users choose for their terminal: 0...7 black, red, green, yellow, blue,
    /// magenta, cyan, white; 8...15 the same brighter.
    case palette(UInt8)
    /// Red, green, blue; the nearest that the terminal has.
    case rgb(UInt8, UInt8, UInt8)
}

/// How text looks.
public struct TextStyle: Sendable, Hashable {
    /// The colour of the characters.
    public var foreground: TerminalColor
    /// The colour behind them.
    public var background: TerminalColor
    /// Heavier or brighter.
    public var isBold: Bool
    /// Fainter.
    public var isDim: Bool
    /// Slanted.
    public var isItalic: Bool
    /// With a line below.
    public var isUnderlined: Bool
    /// Foreground and background exchanged.
    public var isReversed: Bool

    /// Makes a style.
    public init(
        foreground: TerminalColor = .standard, background: TerminalColor = .standard, isBold: Bool = false,
        isDim: Bool = false, isItalic: Bool = false, isUnderlined: Bool = false, isReversed: Bool = false
    ) {
        self.foreground = foreground
        self.background = background
        self.isBold = isBold
        self.isDim = isDim
        self.isItalic = isItalic
        self.isUnderlined = isUnderlined
        self.isReversed = isReversed
    }

    /// The terminal's own.
    public static let standard = TextStyle()
}
