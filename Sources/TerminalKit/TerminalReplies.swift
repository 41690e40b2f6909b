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

    /// The questions, in one piece.
    ///
    /// Terminals answer in order, so the reply to the last (DA1, which all terminals know) means that no more
    /// replies come.
    static let questions = "\u{1B}[16t\u{1B}[?1;1;0S\u{1B}[c"

    /// Whether sixel is among the attributes: 4 as a whole number (42 is Latin-2).
    public var showsSixel: Bool { deviceAttributes?.contains(4) == true }

    /// Finds the replies among anything else that was typed or sent.
    public init(_ bytes: some Collection<UInt8>) {
        var rest = Array(bytes)[...]
        while let escape = rest.firstIndex(of: 0x1B) {
            rest = rest[(escape + 1)...]
            guard rest.first == UInt8(ascii: "[") else { continue }
            let body = rest.dropFirst().prefix { (0x20...0x3F).contains($0) }
            guard body.endIndex < rest.endIndex else { return }
            read(parameters: String(decoding: body, as: UTF8.self), final: rest[body.endIndex])
            rest = rest[body.endIndex...]
        }
    }

    private mutating func read(parameters: String, final: UInt8) {
        let isPrivate = parameters.hasPrefix("?")
        let numbers = parameters.drop { $0 == "?" }.split(separator: ";").map { Int($0) ?? -1 }
        switch (UnicodeScalar(final), isPrivate) {
        case ("c", true):
            deviceAttributes = numbers
        case ("t", false) where numbers.count == 3 && numbers[0] == 6:
            cellSize = PixelSize(width: numbers[2], height: numbers[1])
        case ("S", true) where numbers.count == 3 && numbers[0] == 1 && numbers[1] == 0:
            colorRegisters = numbers[2]
        default:
            break
        }
    }
}
