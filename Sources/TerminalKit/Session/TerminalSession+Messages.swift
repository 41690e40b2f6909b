extension TerminalSession {
    /// Names the window; the old name comes back at the end.
    public func setTitle(_ title: String) {
        let isFirst = self.title == nil
        let title = Self.harmless(title)
        guard canWrite, title != self.title else { return }
        self.title = title
        if isFirst {
            device.write(TerminalModes.pushTitle)
            arm()
        }
        device.write(TerminalModes.title(title))
    }

    /// Tells the user something when the window is out of sight: a notification where the terminal is known to
    /// show them, else the bell.
    public func notify(title: String, body: String) {
        guard canWrite else { return }
        let name = capabilities.name ?? ""
        let (title, body) = (Self.harmless(title), Self.harmless(body))
        if ["foot", "ghostty", "WezTerm", "contour"].contains(where: name.hasPrefix) {
            // A semicolon ends the title.
            let title = title.split(separator: ";").joined(separator: ",")
            device.write("\u{1B}]777;notify;\(title);\(body)\u{1B}\\")
        } else if ["iTerm2", "kitty"].contains(where: name.hasPrefix) {
            device.write("\u{1B}]9;\(title): \(body)\u{1B}\\")
        } else {
            device.write("\u{07}")
        }
    }

    /// Shows how much is done, 0...1, in the window's frame or the task bar; nil takes it away.
    ///
    /// Only where the terminal is known to understand: iTerm2 makes a notification of each such sequence.
    public func setProgress(_ fraction: Double?) {
        let name = capabilities.name ?? ""
        let environment = options.environment
        let isKnown =
            ["ghostty", "WezTerm"].contains(where: name.hasPrefix) || environment["ConEmuPID"] != nil
            || environment["WT_SESSION"] != nil && environment["TMUX"] == nil
        guard canWrite, isKnown else { return }
        if let fraction, fraction.isFinite {
            if !hasProgress {
                hasProgress = true
                arm()
            }
            device.write("\u{1B}]9;4;1;\(Int((min(max(fraction, 0), 1) * 100).rounded()))\u{1B}\\")
        } else if hasProgress {
            device.write(TerminalModes.clearProgress)
        }
    }

    private var canWrite: Bool { !isClosed && !isInBackground && !device.isGone }

    private static func harmless(_ text: String) -> String {
        SafeText(text).truncated(toCells: 200)
    }
}
