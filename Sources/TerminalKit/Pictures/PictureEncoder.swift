import Glibc
import Synchronization

/// A thread that encodes pictures, so that keys are answered meanwhile.
final class PictureEncoder: Sendable {
    /// A picture and what is to become of it.
    struct Job: Sendable {
        let encoding: PictureEncoding
        let image: PixelImage
    }

    private struct State {
        var waiting: [Job] = []
        var running: PictureEncoding?
        var finished: [(PictureEncoding, EncodedPicture)] = []
        var isStopped = false
    }

    private static let niceness: Int32 = 5

    private let state = Mutex(State())
    private let work: Waker
    /// Becomes readable when pictures are finished.
    let done: Waker

    /// Starts the thread; nil when the system has no descriptors or threads left.
    init?() {
        guard let work = Waker(), let done = Waker() else { return nil }
        self.work = work
        self.done = done
        let context = Unmanaged.passRetained(self)
        var thread = pthread_t()
        let status = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                SignalStack.addToThisThread()
                Unmanaged<PictureEncoder>.fromOpaque(context).takeRetainedValue().run()
                return nil
            }, context.toOpaque())
        guard status == 0 else {
            context.release()
            return nil
        }
        pthread_detach(thread)
    }

    /// Encodes these next, in their order; what waited before and is not among them is dropped.
    func encode(_ jobs: [Job]) {
        state.withLock { state in
            state.waiting = jobs.filter { job in
                job.encoding != state.running && !state.finished.contains { $0.0 == job.encoding }
            }
        }
        if !jobs.isEmpty { work.wake() }
    }

    /// The pictures finished since the last call.
    func takeFinished() -> [(PictureEncoding, EncodedPicture)] {
        done.clear()
        return state.withLock { state in
            defer { state.finished = [] }
            return state.finished
        }
    }

    /// Ends the thread once the picture at hand is done.
    func stop() {
        state.withLock {
            $0.isStopped = true
            $0.waiting = []
        }
        work.wake()
    }

    private func run() {
        // On Linux, of this thread alone: the main thread, which answers keys, comes first.
        setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, Self.niceness)
        while true {
            work.wait()
            while let job = nextJob() {
                // A picture that cannot be encoded stays blank.
                let picture = (try? job.encoding.encode(job.image)) ?? EncodedPicture(pieces: [])
                state.withLock {
                    $0.running = nil
                    $0.finished.append((job.encoding, picture))
                }
                done.wake()
            }
            if state.withLock({ $0.isStopped }) { return }
        }
    }

    private func nextJob() -> Job? {
        state.withLock { state in
            guard !state.waiting.isEmpty else { return nil }
            let job = state.waiting.removeFirst()
            state.running = job.encoding
            return job
        }
    }
}
