import CKernels
import COpenBLAS
import Glibc
import Synchronization

/// Where tensors live and who computes them: an arena of memory, a team of threads and a cancellation flag.
///
/// An engine has one workspace; every tensor made in it keeps it alive. All members may be used from any thread, but
/// operations are meant to be called from one thread at a time: a second caller is served, without the workers' help.
public final class Workspace: Sendable {
    let arena = Arena()
    let pool: ThreadPool
    private let cancelled = Atomic(false)

    // Safe to share: the table is a constant in read-only memory of this program.
    nonisolated(unsafe) private let table: UnsafePointer<ck_kernels>

    /// Which implementation of the inner loops to use.
    package enum KernelLevel: Sendable, CaseIterable {
        /// The readable specification.
        case scalar
        /// The fastest one that this processor runs.
        case best
    }

    /// A workspace that computes with `threadCount` threads, the calling one included.
    public convenience init(threadCount: Int) {
        // Lets users and bug reports rule the vector kernels out.
        let forcedScalar = getenv("FACECHAIN_KERNELS").map { String(cString: $0) } == "scalar"
        self.init(threadCount: threadCount, kernelLevel: forcedScalar ? .scalar : .best)
    }

    package init(threadCount: Int, kernelLevel: KernelLevel) {
        _ = Self.preparedBLAS
        pool = ThreadPool(threadCount: threadCount)
        switch kernelLevel {
        case .scalar: table = ck_kernels_scalar()
        case .best: table = ck_kernels_best()
        }
    }

    /// The number of processors this process may run on.
    public static var availableThreads: Int { ck_available_processors() }

    /// The number of threads that share the work of an operation.
    public var threadCount: Int { pool.threadCount }

    /// The most memory that tensors and idle blocks of this workspace ever held together, in bytes.
    public var peakBytes: Int { arena.statistics.peakBytes }

    /// The memory that tensors of this workspace hold now, in bytes.
    public var liveBytes: Int { arena.statistics.liveBytes }

    /// Returns memory that no tensor uses to the system.
    public func trim() { arena.trim() }

    /// Asks the computation that uses this workspace to stop at its next check.
    public func cancel() { cancelled.store(true, ordering: .relaxed) }

    /// Withdraws `cancel()`, so that the workspace can be used again.
    public func resetCancellation() { cancelled.store(false, ordering: .relaxed) }

    /// Throws `CancellationError` after `cancel()`. Networks call it once per block.
    public func checkCancellation() throws {
        if cancelled.load(ordering: .relaxed) { throw CancellationError() }
    }

    var kernels: ck_kernels { table.pointee }

    /// Calls `body` for each index in `0..<count`, possibly on several threads at once; see `ThreadPool.parallel`.
    package func parallel(_ count: Int, _ body: (Int) -> Void) { pool.parallel(count, body) }

    /// Cuts `0..<count` into equal ranges of at least `grain`, one for each thread if possible.
    func parallel(over count: Int, grain: Int, _ body: (Range<Int>) -> Void) {
        guard count > 0 else { return }
        let parts = max(1, min(threadCount, count / max(1, grain)))
        parallel(parts) { part in body(count * part / parts..<count * (part + 1) / parts) }
    }

    /// OpenBLAS with the right inner loops, and no threads of its own: its idle workers spin, and concurrent threaded
    /// calls race.
    static let preparedBLAS: Void = {
        OpenBLASCore.correct()
        openblas_set_num_threads(1)
    }()
}
