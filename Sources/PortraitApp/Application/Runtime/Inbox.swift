import Synchronization
import TerminalKit

/// Events from other threads, for the main thread to take.
final class Inbox: Sendable {
    private let events = Mutex<[AppEvent]>([])
    private let waker: Waker

    init(waker: Waker) { self.waker = waker }

    /// Adds an event; may be called from any thread.
    func post(_ event: AppEvent) {
        events.withLock { events in
            // Of a job's pictures only the latest counts: the screen need not show what is outdated already.
            if case .pictureLoaded(.live(let job), _) = event {
                events.removeAll { if case .pictureLoaded(.live(job), _) = $0 { true } else { false } }
            }
            events.append(event)
        }
        waker.wake()
    }

    /// Takes all events so far.
    func take() -> [AppEvent] {
        events.withLock { events in
            defer { events = [] }
            return events
        }
    }
}
