import Foundation

extension TimestepSpacing {
    /// `stepCount` training timesteps, falling (Lin et al., arXiv 2305.08891, Table 2); whole numbers but for
    /// `linspace`, which the caller rounds if its algorithm looks up a table.
    func timesteps(stepCount: Int, trainTimestepCount: Int, offset: Int) -> [Double] {
        switch self {
        case .leading:
            let stride = trainTimestepCount / stepCount
            return (0..<stepCount).reversed().map { Double($0 * stride + offset) }
        case .linspace:
            guard stepCount > 1 else { return [0] }
            let stride = Double(trainTimestepCount - 1) / Double(stepCount - 1)
            return (0..<stepCount).reversed().map { Double($0) * stride }
        case .trailing:
            return Self.trailing(stepCount: stepCount, trainTimestepCount: trainTimestepCount)
        }
    }

    /// The spacing of the DPM-Solver family: for `leading` and `linspace`, one point more is spread and the last one
    /// (timestep 0) is left to the final step.
    func timestepsBeforeLast(stepCount: Int, trainTimestepCount: Int, offset: Int) -> [Double] {
        switch self {
        case .leading:
            let stride = trainTimestepCount / (stepCount + 1)
            return (1...stepCount).reversed().map { Double($0 * stride + offset) }
        case .linspace:
            let stride = Double(trainTimestepCount - 1) / Double(stepCount)
            return (1...stepCount).reversed().map { (Double($0) * stride).rounded(.toNearestOrEven) }
        case .trailing:
            return Self.trailing(stepCount: stepCount, trainTimestepCount: trainTimestepCount)
        }
    }

    private static func trailing(stepCount: Int, trainTimestepCount: Int) -> [Double] {
        let stride = Double(trainTimestepCount) / Double(stepCount)
        return (0..<stepCount).map { index in
            (Double(trainTimestepCount) - Double(index) * stride).rounded(.toNearestOrEven) - 1
        }
    }
}

/// How many steps to take, and with which of them to begin.
struct StepRange: Sendable {
    let stepCount: Int
    /// Steps skipped at the noisy end: 0 for a picture from noise, more when a picture is given to start from.
    let startStep: Int

    /// - Throws: ``SamplerError/stepCount(requested:allowed:)`` or ``SamplerError/startStep(requested:stepCount:)``.
    init(stepCount: Int, startStep: Int, allowed: ClosedRange<Int>) throws {
        guard allowed.contains(stepCount) else {
            throw SamplerError.stepCount(requested: stepCount, allowed: allowed)
        }
        guard (0..<stepCount).contains(startStep) else {
            throw SamplerError.startStep(requested: startStep, stepCount: stepCount)
        }
        self.stepCount = stepCount
        self.startStep = startStep
    }
}

extension NoiseSchedule {
    /// The step counts that leave at least one training timestep between two steps.
    var allowedStepCounts: ClosedRange<Int> { 1...configuration.trainTimestepCount - 1 }

    /// Checks that a sampler's timesteps are ones the model was trained on.
    ///
    /// - Throws: ``SamplerError/timestepBeyondTraining(timestep:trainTimestepCount:)``.
    func validate(_ timesteps: [Double]) throws {
        let highest = Int(timesteps.max() ?? 0)
        guard highest < configuration.trainTimestepCount else {
            throw SamplerError.timestepBeyondTraining(
                timestep: highest, trainTimestepCount: configuration.trainTimestepCount)
        }
    }

    /// Training sigma at a timestep that may lie between two (`numpy.interp`).
    func interpolatedSigma(at timestep: Double, _ sigmas: [Float]) -> Double {
        let lower = min(max(Int(timestep), 0), sigmas.count - 1)
        let upper = min(lower + 1, sigmas.count - 1)
        let (low, high) = (Double(sigmas[lower]), Double(sigmas[upper]))
        return low + (high - low) * (timestep - Double(lower))
    }

    /// The sigma after the last step.
    func lastSigma(_ sigmas: [Float]) -> Double {
        switch configuration.finalSigma {
        case .zero: 0
        case .sigmaMinimum: Double(sigmas[0])
        }
    }
}
