/// The best way in which a terminal can show pictures.
struct GraphicsChoice {
    let graphics: TerminalCapabilities.Graphics
    let reason: String

    /// With fewer registers, 24-bit blocks look better than sixel.
    private static let fewestRegisters = 64

    init(
        replies: TerminalReplies, colors: TerminalCapabilities.ColorDepth, isUnicode: Bool,
        isInsideTmux: Bool, hasPixels: Bool, environment: [String: String]
    ) {
        if replies.showsKittyGraphics {
            (graphics, reason) = (.kitty, "The terminal answered the question for kitty graphics.")
            return
        }
        let isITerm = ["iTerm2", "WezTerm"].contains { replies.name?.hasPrefix($0) == true }
        if isITerm && !isInsideTmux {
            (graphics, reason) = (.iTerm2, "The terminal calls itself \(replies.name ?? "iTerm2").")
            return
        }
        let obstacle = Self.obstacleToSixel(replies, isInsideTmux: isInsideTmux, hasPixels: hasPixels)
        guard let obstacle else {
            (graphics, reason) = (.sixel, "Sixel (4) is among the terminal's device attributes.")
            return
        }
        let hasBlocks = isUnicode && colors > .monochrome
        graphics = hasBlocks ? .blocks : .ascii
        let why =
            hasBlocks
            ? "" : isUnicode ? " Colours are switched off." : " The locale's characters are not UTF-8."
        reason = obstacle + why
    }

    private static func obstacleToSixel(
        _ replies: TerminalReplies, isInsideTmux: Bool, hasPixels: Bool
    ) -> String? {
        guard replies.deviceAttributes != nil else {
            return "The terminal has not answered what it can do."
        }
        guard replies.showsSixel else {
            return "Sixel (4) is not among the terminal's device attributes."
        }
        if let registers = replies.colorRegisters, replies.colorRegistersAreFinal, registers < fewestRegisters
        {
            return "The terminal has only \(registers) colour registers for sixel."
        }
        guard isInsideTmux else { return nil }
        if !isRecentTmux(replies.name) { return "tmux shows sixel since version 3.4." }
        return hasPixels ? nil : "tmux does not know how many pixels a cell has."
    }

    /// Whether a name such as `tmux 3.4a` or `tmux next-3.5` means 3.4 or later.
    private static func isRecentTmux(_ name: String?) -> Bool {
        let numbers = (name ?? "").drop { !$0.isNumber }.prefix { $0.isNumber || $0 == "." }.split(
            separator: ".")
        guard let major = numbers.first.flatMap({ Int($0) }) else { return false }
        let minor = numbers.dropFirst().first.flatMap { Int($0) } ?? 0
        return (major, minor) >= (3, 4)
    }
}
