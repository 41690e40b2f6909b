import Tensors

/// Tells a job's listener which stage is at work, and how long its steps take.
final class StageClock {
    private let events: AsyncThrowingStream<PortraitEvent, any Error>.Continuation
    private let clock = ContinuousClock()
    private let start: ContinuousClock.Instant
    private var lastStep: ContinuousClock.Instant
    private var denoising = (done: 0, all: 0)
    /// Which of the job's pictures is being made, 1-based.
    var picture = 1

    init(events: AsyncThrowingStream<PortraitEvent, any Error>.Continuation) {
        self.events = events
        start = clock.now
        lastStep = start
    }

    /// Seconds since the job began.
    var elapsedSeconds: Double { Self.seconds(clock.now - start) }

    /// Announces a stage of one step, runs it, and says that it is done.
    func measure<Result>(_ stage: PortraitStage, _ body: () throws -> Result) rethrows -> Result {
        begin(stage, of: 1)
        let result = try body()
        step(stage, 1, of: 1, preview: nil)
        return result
    }

    /// Announces a stage.
    func begin(_ stage: PortraitStage, of count: Int) {
        lastStep = clock.now
        send(stage, step: 0, of: count, seconds: 0, preview: nil)
    }

    /// Says that a step of the stage is done.
    func step(_ stage: PortraitStage, _ step: Int, of count: Int, preview: LatentPreview?) {
        let now = clock.now
        send(stage, step: step, of: count, seconds: Self.seconds(now - lastStep), preview: preview)
        lastStep = now
    }

    /// Announces the denoising of a picture, which may be made of several walks.
    func beginDenoising(of count: Int) {
        denoising = (done: 0, all: count)
        begin(.denoising, of: count)
    }

    /// Corrects what was announced: a walk turns out longer.
    func expectFurther(_ count: Int) {
        denoising.all += count
    }

    /// Says that a step of a walk is done.
    func denoised(preview: LatentPreview?) {
        denoising.done += 1
        step(.denoising, denoising.done, of: denoising.all, preview: preview)
    }

    /// Passes on a sentence that the user should read.
    func notice(_ sentence: String) {
        events.yield(.notice(sentence))
    }

    private func send(
        _ stage: PortraitStage, step: Int, of count: Int, seconds: Double, preview: LatentPreview?
    ) {
        events.yield(
            .progress(
                PortraitProgress(
                    stage: stage, picture: picture, step: step, of: count, elapsedSeconds: elapsedSeconds,
                    stepSeconds: seconds, preview: preview)))
    }

    private static func seconds(_ duration: Duration) -> Double { duration / .seconds(1) }
}
