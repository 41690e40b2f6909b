import Foundation
import Portraits

/// A portrait job in the queue.
package struct Job: Sendable, Identifiable {
    package enum Status: Sendable, Equatable {
        case waiting
        case running
        /// Asked to stop; the engine is still on its last block.
        case stopping
        case done
        case failed(String)
        case cancelled
    }

    /// What becomes of the pictures.
    package enum Purpose: Sendable, Equatable {
        case gallery
        /// The first picture becomes the thumbnail of a style.
        case thumbnail(style: String)
    }

    package let id: Int
    package let purpose: Purpose
    package let choices: Choices
    package let request: PortraitRequest
    package let title: String
    package var status = Status.waiting
    package var progress: JobProgress
    /// The pictures finished so far.
    package var results: [GalleryItem] = []
    /// Sentences of the engine.
    package var notices: [String] = []

    package var isOver: Bool {
        switch status {
        case .waiting, .running, .stopping: false
        case .done, .failed, .cancelled: true
        }
    }

    package var isRunning: Bool { status == .running || status == .stopping }
}

/// How far a job is, with the time each stage took.
package struct JobProgress: Sendable, Equatable {
    /// A stage that has begun.
    package struct Stage: Sendable, Equatable {
        package let stage: PortraitStage
        package var step: Int
        package var of: Int
        /// Seconds spent in it, all pictures together.
        package var seconds: Double
        package var isDone: Bool
    }

    package private(set) var stages: [Stage] = []
    package private(set) var picture = 1
    package let pictureCount: Int
    /// Seconds a denoising step takes, smoothed.
    package private(set) var secondsPerStep: Double?
    /// Seconds since the job began, as of the last event.
    package private(set) var elapsed = 0.0
    private let stepsPerPicture: Int

    package init(pictureCount: Int, stepsPerPicture: Int) {
        self.pictureCount = pictureCount
        self.stepsPerPicture = stepsPerPicture
    }

    /// Steps done of the picture at work, and of how many; nil before the painting has begun.
    package var denoising: (step: Int, of: Int)? {
        stages.last { $0.stage == .denoising }.map { ($0.step, $0.of) }
    }

    package var currentStage: PortraitStage? { stages.last { !$0.isDone }?.stage ?? stages.last?.stage }

    /// The part of all painting that is done, 0…1.
    package var fraction: Double {
        let total = Double(pictureCount * max(1, stepsPerPicture))
        let done = Double((picture - 1) * stepsPerPicture + (denoising?.step ?? 0))
        return min(1, done / total)
    }

    /// Seconds of painting that are left, if that can be told.
    package var secondsLeft: Double? {
        guard let secondsPerStep, let denoising, denoising.step > 0 else { return nil }
        let steps = (pictureCount - picture) * denoising.of + denoising.of - denoising.step
        return Double(steps) * secondsPerStep
    }

    /// Takes in what the engine reports.
    package mutating func update(_ report: PortraitProgress) {
        let spent = report.step > 0 ? report.stepSeconds : 0
        if report.picture != picture {
            picture = report.picture
            for index in stages.indices where [.denoising, .decoding].contains(stages[index].stage) {
                (stages[index].step, stages[index].isDone) = (0, false)
            }
        }
        elapsed = report.elapsedSeconds
        if let index = stages.firstIndex(where: { $0.stage == report.stage }) {
            stages[index].step = report.step
            stages[index].of = report.of
            stages[index].seconds += spent
            stages[index].isDone = report.step == report.of
        } else {
            stages.append(
                Stage(
                    stage: report.stage, step: report.step, of: report.of, seconds: spent,
                    isDone: report.step == report.of && report.step > 0))
        }
        if report.stage == .denoising, report.step > 0 { smooth(report.stepSeconds) }
    }

    /// An exponential mean: the last few steps count most, for other programs come and go.
    private mutating func smooth(_ seconds: Double) {
        secondsPerStep = secondsPerStep.map { $0 * 0.7 + seconds * 0.3 } ?? seconds
    }
}

/// The jobs in their order, those that are over included.
package struct JobQueue: Sendable {
    package private(set) var jobs: [Job] = []
    package var cursor = ListCursor()
    private var nextID = 1

    package init() {}

    package var running: Job? { jobs.first(where: \.isRunning) }
    package var waiting: [Job] { jobs.filter { $0.status == .waiting } }
    package var selected: Job? { jobs.indices.contains(cursor.index) ? jobs[cursor.index] : nil }

    package subscript(id: Int) -> Job? {
        get { jobs.first { $0.id == id } }
        set {
            guard let index = jobs.firstIndex(where: { $0.id == id }) else { return }
            if let newValue { jobs[index] = newValue } else { jobs.remove(at: index) }
            cursor.clamp(to: jobs.count)
        }
    }

    /// Appends a job.
    @discardableResult package mutating func append(
        _ request: PortraitRequest, choices: Choices, title: String, purpose: Job.Purpose, stepCount: Int
    ) -> Int {
        let id = nextID
        nextID += 1
        jobs.append(
            Job(
                id: id, purpose: purpose, choices: choices, request: request, title: title,
                progress: JobProgress(pictureCount: request.count, stepsPerPicture: stepCount)))
        return id
    }

    /// Exchanges a waiting job with the waiting one before or after it.
    package mutating func move(_ id: Int, by distance: Int) {
        guard let index = jobs.firstIndex(where: { $0.id == id }) else { return }
        let target = index + distance
        guard jobs.indices.contains(target), jobs[index].status == .waiting, jobs[target].status == .waiting
        else { return }
        jobs.swapAt(index, target)
        cursor.move(to: target, in: jobs.count)
    }

    package mutating func removeFinished() {
        jobs.removeAll(where: \.isOver)
        cursor.clamp(to: jobs.count)
    }
}
