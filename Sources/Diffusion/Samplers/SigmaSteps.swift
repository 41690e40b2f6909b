import Foundation

/// The timesteps of the DPM-Solver family and the ratio σ / α at each, and after the last.
struct SigmaSteps: Sendable {
    let timesteps: [Float]
    let sigmas: [Float]

    /// At the training timesteps that ``TimestepSpacing`` gives.
    ///
    /// - Throws: ``SamplerError/timestepBeyondTraining(timestep:trainTimestepCount:)``.
    init(spacedIn schedule: NoiseSchedule, stepCount: Int) throws {
        let configuration = schedule.configuration
        let spaced = (configuration.timestepSpacing ?? .linspace).timestepsBeforeLast(
            stepCount: stepCount, trainTimestepCount: configuration.trainTimestepCount,
            offset: configuration.stepsOffset)
        try schedule.validate(spaced)
        let training = schedule.trainingSigmas()
        timesteps = spaced.map { Float($0) }
        sigmas =
            spaced.map { Float(schedule.interpolatedSigma(at: $0, training)) }
            + [Float(schedule.lastSigma(training))]
    }

    /// Evenly in σ^(1/ρ) between the ends of training (Karras et al., arXiv 2206.00364, equation 5, ρ = 7).
    init(karrasIn schedule: NoiseSchedule, stepCount: Int) {
        let training = schedule.trainingSigmas()
        let rho = 7.0
        let (highest, lowest) = (
            pow(Double(training[training.count - 1]), 1 / rho), pow(Double(training[0]), 1 / rho)
        )
        let spaced = (0..<stepCount).map { index in
            let ramp = stepCount > 1 ? Double(index) / Double(stepCount - 1) : 0
            return pow(highest + ramp * (lowest - highest), rho)
        }
        let logarithms = training.map { Double(Float(log(Double($0)))) }
        timesteps = spaced.map { sigma in
            let nearest = Self.timestep(logSigma: log(sigma), in: logarithms)
            // As diffusers has it: timesteps of the cosine schedule are truncated, all others rounded.
            return Float(
                schedule.configuration.betaSchedule == .squaredCosine
                    ? nearest.rounded(.towardZero) : nearest.rounded(.toNearestOrEven))
        }
        sigmas = spaced.map { Float($0) } + [Float(schedule.lastSigma(training))]
    }

    /// The timestep, possibly between two, at which training had this log σ; clamped to the ends.
    private static func timestep(logSigma: Double, in logarithms: [Double]) -> Double {
        let above = logarithms.firstIndex { $0 > logSigma } ?? logarithms.count
        let lower = min(max(above - 1, 0), logarithms.count - 2)
        let (low, high) = (logarithms[lower], logarithms[lower + 1])
        return Double(lower) + min(max((low - logSigma) / (low - high), 0), 1)
    }
}
