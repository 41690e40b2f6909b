import Synchronization
import Tensors

/// Makes portraits in the background, one job after the other.
///
/// The studio owns the engine: its memory, its threads and the networks of the model used last. Its work runs on a
/// thread of its own; what leaves the actor are small values only.
public actor PortraitStudio {
    private nonisolated let executor = EngineExecutor(name: "portrait studio")
    private let workspace: Workspace
    private let resources: ResourceLocator
    private var networks: NetworkCache

    /// The studio's own thread.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// A studio that computes with `threadCount` threads.
    public init(resources: ResourceLocator, threadCount: Int = Workspace.availableThreads) {
        let workspace = Workspace(threadCount: threadCount)
        self.workspace = workspace
        self.resources = resources
        networks = NetworkCache(workspace: workspace)
    }

    /// Queues a job and tells how it goes.
    ///
    /// The stream ends after the last picture, or throws: `PortraitError`, an error of the file that was wrong, or
    /// `CancellationError`. Ending the iteration, or cancelling the task that iterates, cancels the job; that takes
    /// effect within one block of the network at work.
    public nonisolated func portraits(for request: PortraitRequest) -> AsyncThrowingStream<
        PortraitEvent, any Error
    > {
        let (stream, continuation) = AsyncThrowingStream.makeStream(of: PortraitEvent.self)
        let job = PortraitJob(request: request, events: continuation)
        continuation.onTermination = { _ in job.cancel() }
        Task { await self.run(job) }
        return stream
    }

    private func run(_ job: PortraitJob) {
        do {
            try job.begin(in: workspace)
            defer { job.end() }
            if let template = job.request.template {
                var pipeline = try TemplatePipeline(
                    template, workspace: workspace, resources: resources, job: job)
                try pipeline.run(with: &networks)
            } else {
                var pipeline = try PortraitPipeline(workspace: workspace, resources: resources, job: job)
                try pipeline.run(with: &networks)
            }
            job.events.finish()
        } catch {
            job.events.finish(throwing: error)
        }
    }
}

/// A request on its way through the studio, cancellable from any thread.
final class PortraitJob: Sendable {
    private enum State {
        case waiting
        case running(Workspace)
        case cancelled
        case ended
    }

    let request: PortraitRequest
    let events: AsyncThrowingStream<PortraitEvent, any Error>.Continuation
    private let state = Mutex(State.waiting)

    init(request: PortraitRequest, events: AsyncThrowingStream<PortraitEvent, any Error>.Continuation) {
        self.request = request
        self.events = events
    }

    /// Marks the job as the one the workspace works for.
    ///
    /// - Throws: `CancellationError` when it was cancelled while it waited.
    func begin(in workspace: Workspace) throws {
        try state.withLock { state in
            if case .cancelled = state { throw CancellationError() }
            workspace.resetCancellation()
            state = .running(workspace)
        }
    }

    func end() {
        state.withLock { $0 = .ended }
    }

    /// Stops the job whether it waits or runs; the workspace of another job is never touched.
    func cancel() {
        state.withLock { state in
            switch state {
            case .running(let workspace):
                workspace.cancel()
            case .waiting:
                state = .cancelled
            case .cancelled, .ended:
                break
            }
        }
    }
}
