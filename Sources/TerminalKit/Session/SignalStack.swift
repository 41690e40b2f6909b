import CTerminal

/// A stack for signal handlers.
public enum SignalStack {
    /// Gives the calling thread one, once and for as long as it lives: without it a stack overflow there would end
    /// the process before the terminal is put back. `TerminalSession` sees to the main
    /// thread.
    public static func addToThisThread() {
        // A thread without one still works.
        _ = facechain_terminal_add_signal_stack()
    }
}
