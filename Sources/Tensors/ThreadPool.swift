import CKernels
import Glibc
import Synchronization

/// A fixed team of threads: the caller and `threadCount - 1` workers.
///
/// Work is a count of independent indices, taken from a shared counter. How an operation cuts itself into indices
/// depends only on shapes and on `threadCount`, never on which thread takes which index, so results do not depend on
/// scheduling. Workers spin for a moment after each task, because the next operation usually follows within
/// microseconds, and then sleep.
final class ThreadPool: Sendable {
    let threadCount: Int
    private let team: Team

    init(threadCount: Int) {
        precondition(threadCount >= 1, "a thread pool needs at least one thread, not \(threadCount)")
        self.threadCount = threadCount
        team = Team()
        for _ in 1..<threadCount { Self.startWorker(of: team) }
    }

    deinit { team.stop() }

    /// Calls `body` once for each index in `0..<count`, on several threads at once, and returns when all are done.
    ///
    /// `body` must only write to memory that no other index touches. Called from inside a `body`, or while another
    /// thread is using the pool, the indices simply run on the calling thread.
    func parallel(_ count: Int, _ body: (Int) -> Void) {
        guard count > 1, threadCount > 1 else {
            for index in 0..<count { body(index) }
            return
        }
        withoutActuallyEscaping(body) { escapable in
            let task = Team.Task(count: count, body: escapable)
            guard team.publish(task) else {
                task.run()
                return
            }
            task.run()
            team.retract()
        }
    }

    private static func startWorker(of team: Team) {
        // Signals belong to the thread that installed the handlers (terminal size, interrupt): a new thread inherits
        // the mask of its maker.
        var all = sigset_t()
        var previous = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_SETMASK, &all, &previous)
        defer { pthread_sigmask(SIG_SETMASK, &previous, nil) }

        var thread = pthread_t()
        let retained = Unmanaged.passRetained(team).toOpaque()
        let status = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<Team>.fromOpaque(argument).takeRetainedValue().work()
                return nil
            }, retained)
        guard status == 0 else { preconditionFailure("cannot start a thread: error \(status)") }
        pthread_detach(thread)
    }
}

/// What the threads of a pool share.
///
/// `@unchecked Sendable`: `task`, `active` and `stopping` are read and written only while `mutex` is held;
/// `generation` is atomic; `mutex`, `wake` and `idle` are allocated once and freed in `deinit`, when no thread has a
/// reference left.
private final class Team: @unchecked Sendable {
    /// `@unchecked Sendable`: `next` is atomic, `count` constant, and `body` is called concurrently by contract of
    /// `ThreadPool.parallel`; the publishing thread stays in `parallel` until no worker holds the task.
    final class Task: @unchecked Sendable {
        private let count: Int
        private let body: (Int) -> Void
        private let next = Atomic(0)

        init(count: Int, body: @escaping (Int) -> Void) {
            self.count = count
            self.body = body
        }

        func run() {
            while true {
                let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
                guard index < count else { return }
                body(index)
            }
        }
    }

    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let wake = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private let idle = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private let generation = Atomic(0)
    private var task: Task?
    private var active = 0
    private var stopping = false

    init() {
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(wake, nil)
        pthread_cond_init(idle, nil)
    }

    deinit {
        pthread_cond_destroy(idle)
        pthread_cond_destroy(wake)
        pthread_mutex_destroy(mutex)
        idle.deallocate()
        wake.deallocate()
        mutex.deallocate()
    }

    /// Offers a task to the workers; false when they already have one.
    func publish(_ task: Task) -> Bool {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        guard self.task == nil, active == 0 else { return false }
        self.task = task
        generation.wrappingAdd(1, ordering: .releasing)
        pthread_cond_broadcast(wake)
        return true
    }

    /// Lets no further worker join, and waits for those that did.
    func retract() {
        pthread_mutex_lock(mutex)
        task = nil
        while active > 0 { pthread_cond_wait(idle, mutex) }
        pthread_mutex_unlock(mutex)
    }

    func stop() {
        pthread_mutex_lock(mutex)
        stopping = true
        generation.wrappingAdd(1, ordering: .releasing)
        pthread_cond_broadcast(wake)
        pthread_mutex_unlock(mutex)
    }

    func work() {
        var seen = 0
        while true {
            spin(while: seen)
            pthread_mutex_lock(mutex)
            while generation.load(ordering: .acquiring) == seen { pthread_cond_wait(wake, mutex) }
            seen = generation.load(ordering: .acquiring)
            if stopping {
                pthread_mutex_unlock(mutex)
                return
            }
            if let current = task {
                active += 1
                pthread_mutex_unlock(mutex)
                current.run()
                pthread_mutex_lock(mutex)
                active -= 1
                // Not a signal, though only one thread waits: before 2.41 glibc could lose one (its bug 25847), and then
                // nobody would ever wake it.
                if active == 0 { pthread_cond_broadcast(idle) }
            }
            pthread_mutex_unlock(mutex)
        }
    }

    /// Some tens of microseconds: longer than the serial code between two operations, far shorter than a time slice.
    private func spin(while seen: Int) {
        for _ in 0..<2000 {
            guard generation.load(ordering: .acquiring) == seen else { return }
            ck_spin_hint()
        }
    }
}
