import CTerminal
import Glibc

/// The terminal while a full-screen application has it: modes, signals, events, the screen.
///
/// For the main thread only, which waits in `nextEvent`.
public final class TerminalSession {
    /// How a session is opened.
    public struct Options: Sendable {
        /// The environment: `TERM`, `COLORTERM`, `NO_COLOR`, `TMUX` and others are looked at.
        public var environment: [String: String]
        /// Where standard error goes while the screen is shown; nowhere if nil.
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
    public var screen: any Screen { curses }
    /// What the terminal can show, as far as it is known.
    public internal(set) var capabilities: TerminalCapabilities
    /// The last signal that asked the process to end: SIGTERM, SIGINT or SIGHUP.
    public internal(set) var endingSignal: Int32?

    let options: Options
    let device: TerminalDevice
    let curses: CursesScreen
    let isUnicode: Bool
    let clock = ContinuousClock()
    var probe: CapabilityProbe
    var parser = InputParser()
    var events: [TerminalEvent] = []
    var hasProgress = false
    var title: String?
    /// Whether the process has just been stopped and goes on.
    var isStopping = false
    /// Whether another job has the terminal (`bg`), so that we must not touch it.
    var isInBackground = false
    var isClosed = false
    var hasReportedHangup = false
    var lastInput: ContinuousClock.Instant
    /// When the terminal is to be asked again, some time after the window's size has settled.
    var nextProbe: ContinuousClock.Instant?
    private let log: ErrorLog
    let signals: Int32

    /// Takes the terminal: raw mode, alternate screen, mouse, paste and focus reports, signals.
    ///
    /// - Throws: `TerminalError`; the terminal is then as before.
    public static func open(_ options: Options) throws(TerminalError) -> TerminalSession {
        try TerminalSession(options)
    }

    private init(_ options: Options) throws(TerminalError) {
        let environment = options.environment
        let term = environment["TERM"] ?? ""
        if isatty(STDIN_FILENO) != 1 { throw .notATerminal(stream: "input") }
        if isatty(STDOUT_FILENO) != 1 { throw .notATerminal(stream: "output") }
        if ["", "dumb", "unknown"].contains(term) { throw .tooSimple(term: term) }
        let device = try TerminalDevice()
        if !device.isForeground { throw .inBackground }
        guard let description = TerminalDescription.find(term: term, environment: environment) else {
            throw .noDescription(term: term)
        }
        guard let waker = Waker(), let encoder = PictureEncoder() else {
            throw .cannotOpen(device: "/dev/tty", reason: "the system has no descriptors left")
        }
        log = try ErrorLog(file: options.logFile)
        let signals = facechain_terminal_install_handlers()
        guard signals >= 0 else {
            log.restore()
            throw .alreadyOpen
        }
        isUnicode = facechain_terminal_use_locale()
        let (cells, pixels) = device.windowSize
        let probe = CapabilityProbe(environment: environment)
        let capabilities = TerminalCapabilities(
            replies: probe.replies, columns: cells.columns, rows: cells.rows, windowSize: pixels,
            isUnicode: isUnicode, forced: options.graphics, environment: environment)
        let window = CursesWindow(
            device: device, description: description, isUnicode: isUnicode, colors: capabilities.colors)
        guard let window else {
            device.restoreMode(dropsInput: false)
            facechain_terminal_remove_handlers()
            log.restore()
            encoder.stop()
            throw .noDescription(term: term)
        }
        self.options = options
        self.device = device
        self.waker = waker
        self.signals = signals
        self.probe = probe
        self.capabilities = capabilities
        lastInput = clock.now
        curses = CursesScreen(device: device, window: window, encoder: encoder, terminal: capabilities)
        takeTerminal()
    }

    deinit { close() }

    /// Draws everything again, for example when something else wrote to the terminal.
    public func redraw() {
        curses.redraw()
    }

    /// Gives the terminal back exactly as it was; more calls do nothing.
    public func close() {
        guard !isClosed else { return }
        isClosed = true
        if isInBackground {
            log.restore()
        } else {
            curses.end()
            giveTerminalBack()
        }
        facechain_terminal_disarm()
        facechain_terminal_remove_handlers()
    }

    /// Closes, then ends the process by the signal that asked for it, so that its parent sees why it ended.
    ///
    /// Returns if no signal asked.
    public func endBySignal() {
        close()
        if let endingSignal { facechain_terminal_die(endingSignal) }
    }

    /// Stops the process as Ctrl-Z does, the terminal as before, and returns when it goes on.
    ///
    /// `nextEvent` does this itself on Ctrl-Z and SIGTSTP, and says `.resumed` afterwards.
    public func suspend() {
        guard !isClosed else { return }
        if !isInBackground {
            curses.leave()
            giveTerminalBack()
            facechain_terminal_disarm()
        }
        facechain_terminal_stop()
        isStopping = true
        takeSignals()
        isStopping = false
        comeBack()
    }

    /// Takes the terminal again after a stop, unless another job has it.
    func comeBack() {
        isInBackground = !device.isForeground
        guard !isInBackground else { return }
        log.redirect()
        device.makeRaw()
        let oldSize = curses.size
        curses.resume()
        takeTerminal()
        if let title { device.write(TerminalModes.pushTitle + TerminalModes.title(title)) }
        capabilitiesMayHaveChanged()
        if curses.size != oldSize { events.append(.resized(curses.size)) }
        events.append(.resumed)
    }

    /// Modes, and questions about what may be another terminal than before.
    private func takeTerminal() {
        device.makeRaw()
        device.write(TerminalModes.on(usesMouse: options.usesMouse))
        arm()
        beginProbe()
    }

    /// Registers, modes, title and the terminal's own mode as they were.
    private func giveTerminalBack() {
        awaitLateReplies()
        if !device.isGone {
            device.write(restoration)
            device.restoreMode(dropsInput: probe.deadline != nil)
        }
        probe.registersRestored()
        log.restore()
    }

    /// Replies must not become input of the shell: a terminal that is about to answer gets a moment.
    private func awaitLateReplies() {
        let end = clock.now + .milliseconds(100)
        while probe.deadline != nil, !device.isGone, clock.now < end {
            var event = pollfd(fd: device.descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&event, 1, 20) >= 0 else { continue }
            for case .reply(let reply) in parser.feed(device.takeInput()) {
                _ = probe.take(reply, now: clock.now)
            }
        }
    }

    /// What the crash handler writes; it grows with what we change.
    func arm() {
        let bytes = Array((restoration + TerminalModes.standardText + curses.leavingSequence).utf8)
        let hint = log.path.map { "The program crashed. What it said is in \(SafeText($0)).\n" } ?? ""
        let report = Array(hint.utf8)
        withUnsafePointer(to: device.originalMode) { mode in
            bytes.withUnsafeBufferPointer { bytes in
                report.withUnsafeBufferPointer { report in
                    var how = facechain_terminal_restoration(
                        descriptor: device.descriptor, output_descriptor: log.savedOutput,
                        error_descriptor: log.savedError, mode: mode, bytes: bytes.baseAddress,
                        count: bytes.count, report: report.baseAddress, report_count: report.count)
                    facechain_terminal_arm(&how)
                }
            }
        }
    }

    private var restoration: String {
        TerminalModes.off + (hasProgress ? TerminalModes.clearProgress : "")
            + (probe.originalRegisters.map(TerminalModes.colorRegisters) ?? "")
            + (capabilities.graphics == .kitty
                ? String(decoding: KittyGraphics.deletionOfAll, as: UTF8.self) : "")
            + (title != nil ? TerminalModes.popTitle : "")
    }
}
