import Dispatch
import Foundation
import Synchronization

/// Runs an actor's jobs one after the other on a thread of its own.
///
/// A portrait keeps its thread busy for seconds to minutes. On Swift's shared pool, which has one thread a core,
/// that would starve every other task of the program.
final class EngineExecutor: SerialExecutor {
    private let queue = JobQueue()

    init(name: String) {
        let queue = queue
        let thread = Thread { queue.runUntilFinished() }
        thread.name = name
        thread.stackSize = 16 << 20
        thread.start()
    }

    func enqueue(_ job: consuming ExecutorJob) {
        queue.append(UnownedJob(job), for: asUnownedSerialExecutor())
    }

    func asUnownedSerialExecutor() -> UnownedSerialExecutor {
        UnownedSerialExecutor(ordinary: self)
    }

    deinit {
        queue.finish()
    }
}

/// The jobs waiting for the engine's thread. The thread holds the queue, not the executor, so that it can end.
private final class JobQueue: Sendable {
    private struct Entry {
        var job: UnownedJob
        var executor: UnownedSerialExecutor
    }

    private struct State {
        var entries: [Entry] = []
        var isFinished = false
    }

    private let state = Mutex(State())
    private let wake = DispatchSemaphore(value: 0)

    func append(_ job: UnownedJob, for executor: UnownedSerialExecutor) {
        state.withLock { $0.entries.append(Entry(job: job, executor: executor)) }
        wake.signal()
    }

    func finish() {
        state.withLock { $0.isFinished = true }
        wake.signal()
    }

    func runUntilFinished() {
        while true {
            wake.wait()
            let (entry, isFinished) = state.withLock { state in
                (state.entries.isEmpty ? nil : state.entries.removeFirst(), state.isFinished)
            }
            if let entry {
                entry.job.runSynchronously(on: entry.executor)
            } else if isFinished {
                return
            }
        }
    }
}
