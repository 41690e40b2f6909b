/// What a terminal said about itself, taken from the bytes it sent.
public struct TerminalReplies: Sendable, Equatable {
    /// Width and height in pixels.
    public struct PixelSize: Sendable, Equatable {
        /// Pixels to the right.
        public let width: Int
        /// Pixels downwards.
        public let height: Int

        /// Makes a size.
        public init(width: Int, height: Int) {
            self.width = width
            self.height = height
        }
    }

    /// The attributes of the DA1 reply, nil as long as it has not come.
    public private(set) var deviceAttributes: [Int]?
    /// One character cell, from the reply to `CSI 16 t`.
    public private(set) var cellSize: PixelSize?
    /// Sixel colour registers, from the reply to `CSI ? 1 ; 1 ; 0 S`.
    public private(set) var colorRegisters: Int?
    /// Whether the terminal was asked for more registers and has answered.
    private(set) var colorRegistersAreFinal = false
    /// The largest sixel picture, from the reply to `CSI ? 2 ; 1 ; 0 S`.
    public private(set) var largestPicture: PixelSize?
    /// Name and version, from the reply to `CSI > q`.
    public private(set) var name: String?
    /// Whether private mode 2026 is known, from the reply to `CSI ? 2026 $ p`.
    public private(set) var isSynchronized = false
    /// From the background colour, the reply to `OSC 11 ; ?`.
    public private(set) var hasDarkBackground: Bool?
    /// Whether the terminal took a picture of kitty's protocol.
    public private(set) var showsKittyGraphics = false

    /// The questions, in one piece: name, cell, colour registers, largest picture, mode 2026, background.
    ///
    /// Terminals answer in order, so the reply to the last (DA1, which all terminals know) means that no more
    /// replies come.
    package static let questions =
        "\u{1B}[>q\u{1B}[16t\u{1B}[?1;1;0S\u{1B}[?2;1;0S\u{1B}[?2026$p\u{1B}]11;?\u{1B}\\" + lastQuestion

    /// A request for 256 colour registers, if the terminal has fewer: xterm may start with 16, on which 256 colours
    /// turn to mud.
    package var registerRequest: String? {
        guard showsSixel, let colorRegisters, colorRegisters < 256 else { return nil }
        return "\u{1B}[?1;3;256S\u{1B}[?1;1;0S"
    }

    /// The question whether kitty's pictures are shown, for terminals that may know it; on others it would show as
    /// text.
    package func kittyQuestion(environment: [String: String]) -> String? {
        let isKittyLike =
            ["kitty", "ghostty"].contains { name?.hasPrefix($0) == true }
            || environment["KITTY_WINDOW_ID"] != nil && environment["TMUX"] == nil
        return isKittyLike && !showsKittyGraphics
            ? "\u{1B}_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\u{1B}\\" : nil
    }

    /// DA1, behind other questions.
    package static let lastQuestion = "\u{1B}[c"

    /// Whether sixel is among the attributes: 4 as a whole number (42 is Latin-2).
    public var showsSixel: Bool { deviceAttributes?.contains(4) == true }

    /// Whether the terminal is one that is known to show 24-bit colours.
    var hasDirectColor: Bool {
        let known = ["XTerm", "foot", "kitty", "WezTerm", "ghostty", "contour", "mintty", "iTerm2", "mlterm"]
        return known.contains { name?.hasPrefix($0) == true }
    }

    /// Nothing said yet.
    package init() {}

    /// Finds the replies among anything else that was typed or sent.
    public init(_ bytes: some Collection<UInt8>) {
        var parser = InputParser()
        for case .reply(let reply) in parser.feed(bytes) { add(reply) }
    }

    /// Takes in one reply.
    package mutating func add(_ reply: TerminalReply) {
        switch reply {
        case .deviceAttributes(let attributes): deviceAttributes = attributes
        case .cellSize(let size): cellSize = size
        case .colorRegisters(let count):
            colorRegistersAreFinal = colorRegisters != nil
            colorRegisters = count
        case .largestPicture(let size): largestPicture = size
        case .name(let name): self.name = name
        case .synchronizedOutput(let isKnown): isSynchronized = isKnown
        case .background(let isDark): hasDarkBackground = isDark
        case .kittyGraphics(let isTaken): showsKittyGraphics = isTaken
        case .other: break
        }
    }

    /// Forgets the attributes, so that a new reply can be told from the old.
    package mutating func awaitDeviceAttributes() {
        deviceAttributes = nil
    }
}
