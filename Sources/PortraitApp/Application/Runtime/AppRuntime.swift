import Foundation
import Portraits
import TerminalKit

/// The loop around state, update and draw; for the main thread.
///
/// It sleeps in the terminal's `nextEvent`. Other threads post events and wake it; none of them draws.
final class AppRuntime {
    /// Frames for events of the engine come no faster than this; keys are answered at once.
    private static let frameInterval = Duration.milliseconds(33)
    /// How often times on the screen move while a job runs.
    private static let clockInterval = Duration.milliseconds(500)

    private let session: TerminalSession
    private let inbox: Inbox
    private let effects: EffectRunner
    private let isColorless: Bool
    private let clock = ContinuousClock()
    private let start: ContinuousClock.Instant
    private var state: AppState
    private var drawing: Drawing?
    private var lastFrame: ContinuousClock.Instant
    private var needsFrame = true
    /// Whether the next frame answers the user.
    private var isAnswerDue = false

    init(session: TerminalSession, state: AppState, services: AppServices, isColorless: Bool) {
        self.session = session
        self.state = state
        self.isColorless = isColorless
        inbox = Inbox(waker: session.waker)
        effects = EffectRunner(session: session, inbox: inbox, services: services)
        start = clock.now
        lastFrame = clock.now - .seconds(1)
    }

    /// Runs until the user leaves or the terminal is gone.
    func run() {
        handle(.graphics(Self.describe(session.capabilities)))
        for effect in state.open() { effects.run(effect, in: state) }
        present()
        while !effects.isOver {
            if let event = session.nextEvent(timeout: timeout) {
                handle(event)
                handleWhatElseIsThere()
            } else {
                needsFrame = true
            }
            inbox.take().forEach { handle($0) }
            if needsFrame, isAnswerDue || clock.now - lastFrame >= Self.frameInterval { present() }
        }
    }

    /// Keys that came meanwhile, as when one is held down or text is pasted, share a frame.
    private func handleWhatElseIsThere() {
        let end = clock.now + Self.frameInterval
        while !effects.isOver, clock.now < end, let event = session.nextEvent(timeout: .zero) {
            handle(event)
        }
    }

    /// How long to sleep: until the next frame is due, a message has been read, or a time on the screen moves.
    private var timeout: Duration? {
        if needsFrame { return max(.zero, Self.frameInterval - (clock.now - lastFrame)) }
        if state.queue.running != nil { return Self.clockInterval }
        if let message = state.freshMessage {
            return .seconds(max(0.05, Message.seconds - (now - message.time)))
        }
        return nil
    }

    private var now: Double { (clock.now - start) / .seconds(1) }

    private func handle(_ event: TerminalEvent) {
        switch event {
        case .key(let key): answer(.key(key))
        case .paste(let text): answer(.paste(text))
        case .mouse(let mouse): answer(mouse)
        case .focus(let hasFocus): handle(AppEvent.focus(hasFocus))
        case .resized(let size): answer(.resized(size))
        case .resumed: (needsFrame, isAnswerDue) = (true, true)
        case .capabilitiesChanged(let capabilities): handle(.graphics(Self.describe(capabilities)))
        case .wake: break
        case .hangup, .terminate: leave()
        }
    }

    /// What the user does is answered by a frame at once.
    private func answer(_ event: AppEvent) {
        handle(event)
        isAnswerDue = true
    }

    /// A click means what the user sees, so the screen must be up to date.
    private func answer(_ mouse: MouseEvent) {
        if needsFrame { present() }
        if let target = drawing?.target(at: mouse.at) { answer(.pointed(target, mouse.kind)) }
    }

    private func handle(_ event: AppEvent) {
        state.now = now
        for effect in update(&state, event) { effects.run(effect, in: state) }
        needsFrame = true
    }

    private func present() {
        state.now = now
        if state.queue.running != nil { state.memoryBytes = ProcessMemory.residentBytes }
        let drawing = draw(state, theme: .named(state.themeName, isColorless: isColorless))
        self.drawing = drawing
        effects.load(state.pictures.claim(drawing.wanted), in: state)
        session.screen.present(drawing.frame)
        session.setTitle(state.windowTitle)
        session.setProgress(state.queue.running.map { $0.progress.fraction })
        lastFrame = clock.now
        (needsFrame, isAnswerDue) = (false, false)
    }

    /// The terminal is gone, or somebody wants the process to end: no questions.
    private func leave() {
        if let running = state.queue.running { effects.run(.cancel(job: running.id), in: state) }
        effects.run(.save, in: state)
        effects.run(.quit, in: state)
    }

    private static func describe(_ capabilities: TerminalCapabilities) -> String {
        let way =
            switch capabilities.graphics {
            case .sixel: "sixel" + (capabilities.colorRegisters.map { ", \(min($0, 256)) colours" } ?? "")
            case .kitty: "kitty graphics"
            case .iTerm2: "inline images"
            case .blocks: "blocks of colour; a terminal with sixel shows more"
            case .ascii: "characters; a terminal with colours or sixel shows more"
            case .none: "none in this terminal"
            }
        return capabilities.name.map { "\(way) (\($0))" } ?? way
    }
}

extension AppState {
    /// What is to be read as soon as the first frame stands.
    mutating func open() -> [AppEffect] { inspectNewPhotos() + [.loadGallery, .findThumbnails(model)] }

    /// What the window is called.
    var windowTitle: String {
        guard let running = queue.running else { return "facechain" }
        return "facechain \(Int(running.progress.fraction * 100)) %"
    }
}

/// What this process holds in memory.
enum ProcessMemory {
    /// Bytes resident (proc(5), `/proc/self/statm`); 0 if the system does not say.
    static var residentBytes: Int {
        guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8) else { return 0 }
        let pages = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
    }
}
