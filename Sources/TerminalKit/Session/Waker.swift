import CTerminal
import Glibc

/// Wakes the main thread from any other.
public final class Waker: Sendable {
    /// Becomes readable on `wake()`.
    let descriptor: Int32

    init?() {
        descriptor = facechain_terminal_open_event()
        if descriptor < 0 { return nil }
    }

    deinit { close(descriptor) }

    /// Makes `TerminalSession.nextEvent` return `.wake`; several calls may become one.
    public func wake() {
        var one: UInt64 = 1
        // It fails only when the counter is full, and then the main thread is awake anyway.
        _ = write(descriptor, &one, MemoryLayout<UInt64>.size)
    }

    /// Sleeps until `wake()` is called.
    func wait() {
        var event = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        while poll(&event, 1, -1) < 0 && errno == EINTR {}
        clear()
    }

    /// Takes note of all calls so far.
    func clear() {
        var count: UInt64 = 0
        _ = read(descriptor, &count, MemoryLayout<UInt64>.size)
    }
}
