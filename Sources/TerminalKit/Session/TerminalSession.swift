import Glibc

/// The terminal while a full-screen application has it: modes, signals, events, the screen.
///
/// For the main thread only, which waits in `nextEvent`.
public final class TerminalSession {
    /// How a session is opened.
    public struct Options: Sendable {
        /// The environment: `TERM`, `COLORTERM`, `NO_COLOR`, `TMUX` and others are looked at.
        public var environment: [String: String]
        /// Where standard error goes while the screen is shown; /dev/null if nil.
        public var logFile: String?
        /// How to show pictures whatever the terminal says.
        public var graphics: TerminalCapabilities.Graphics?
        /// Whether clicks and the wheel become events.
        public var usesMouse: Bool

        /// Makes options.
        public init(
            environment: [String: String], logFile: String? = nil,
            graphics: TerminalCapabilities.Graphics? = nil, usesMouse: Bool = true
        ) {
            self.environment = environment
            self.logFile = logFile
            self.graphics = graphics
            self.usesMouse = usesMouse
        }
    }

    /// Wakes `nextEvent` from any thread.
    public let waker: Waker
    /// Where frames go.
    public let screen: any Screen
    /// What the terminal can show, as far as it is known.
    public private(set) var capabilities: TerminalCapabilities

    /// Takes the terminal: raw mode, alternate screen, mouse, paste and focus reports, signals.
    ///
    /// - Throws: `TerminalError`; the terminal is then as before.
    public static func open(_ options: Options) throws(TerminalError) -> TerminalSession {
        throw .notATerminal(stream: "input")
    }

    private init(waker: Waker, screen: any Screen, capabilities: TerminalCapabilities) {
        self.waker = waker
        self.screen = screen
        self.capabilities = capabilities
    }

    /// Waits for the next event.
    ///
    /// - Parameter timeout: how long to wait; for ever if nil.
    /// - Returns: nil when the time is over.
    public func nextEvent(timeout: Duration?) -> TerminalEvent? { nil }

    /// Draws everything again, for example when something else wrote to the terminal.
    public func redraw() {}

    /// Stops the process as Ctrl-Z does, the terminal as before, and returns when it goes on.
    ///
    /// `nextEvent` does this itself on Ctrl-Z and SIGTSTP, and says `.resumed` afterwards.
    public func suspend() {}

    /// Gives the terminal back exactly as it was; more calls do nothing.
    public func close() {}

    /// Names the window.
    public func setTitle(_ title: String) {}

    /// Tells the user something when the window is out of sight.
    public func notify(title: String, body: String) {}

    /// Shows how much is done, 0...1, in the window's frame or the task bar; nil takes it away.
    public func setProgress(_ fraction: Double?) {}
}
