extension TerminalSession {
    /// Terminals drop longer ones without a word (xterm's limit is larger, tmux's smaller).
    private static let clipboardByteLimit = 74_000

    /// Puts text into the clipboard of the terminal's user, across ssh too (xterm control sequences, OSC 52).
    ///
    /// Terminals may refuse; they do not say so.
    public func copy(_ text: String) {
        let bytes = Array(text.utf8)
        guard !isClosed, !isInBackground, !device.isGone, bytes.count <= Self.clipboardByteLimit else {
            return
        }
        device.write("\u{1B}]52;c;\(String(decoding: Base64.encode(bytes), as: UTF8.self))\u{1B}\\")
    }
}
