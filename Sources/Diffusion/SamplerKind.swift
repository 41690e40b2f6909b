/// The samplers a user can choose from; the raw value is the name on the command line.
public enum SamplerKind: String, Sendable, CaseIterable, Codable {
    /// Pseudo linear multistep, the sampler Stable Diffusion was released with.
    case pndm
    /// Denoising diffusion implicit models.
    case ddim
    /// Euler steps in sigma.
    case euler
    /// Euler steps with fresh noise at each.
    case eulerAncestral = "euler-a"
    /// DPM-Solver++, second order multistep.
    case dpmSolverPlusPlus2M = "dpm++2m"
    /// DPM-Solver++ at the sigmas of Karras et al.
    case dpmSolverPlusPlus2MKarras = "dpm++2m-karras"
    /// A predictor and corrector of second order.
    case uniPC = "unipc"
    /// Latent consistency models: for bases or LoRAs distilled for it.
    case lcm

    /// The name shown to people.
    public var title: String {
        switch self {
        case .pndm: "PNDM (PLMS)"
        case .ddim: "DDIM"
        case .euler: "Euler"
        case .eulerAncestral: "Euler ancestral"
        case .dpmSolverPlusPlus2M: "DPM++ 2M"
        case .dpmSolverPlusPlus2MKarras: "DPM++ 2M Karras"
        case .uniPC: "UniPC"
        case .lcm: "LCM"
        }
    }

    /// What it is good for, in one line.
    public var summary: String {
        switch self {
        case .pndm: "the original sampler; steady at 50 steps, one evaluation more than steps"
        case .ddim: "plain and predictable; 50 steps"
        case .euler: "plain and predictable; 30 steps"
        case .eulerAncestral: "fresh noise at every step: varied, never settles; 30 steps"
        case .dpmSolverPlusPlus2M: "the quality of 50 PNDM steps in about 25"
        case .dpmSolverPlusPlus2MKarras: "as DPM++ 2M, more care for fine detail; 20 to 25 steps"
        case .uniPC: "good pictures in 10 to 20 steps"
        case .lcm: "4 to 8 steps, for models or LoRAs distilled for LCM, guidance 1 to 2"
        }
    }

    /// The number of steps to offer first.
    public var suggestedStepCount: Int {
        switch self {
        case .pndm, .ddim: 50
        case .euler, .eulerAncestral: 30
        case .dpmSolverPlusPlus2M, .dpmSolverPlusPlus2MKarras: 25
        case .uniPC: 20
        case .lcm: 6
        }
    }

    /// The name in the `Sampler:` field of AUTOMATIC1111's `parameters` text.
    public var automatic1111Name: String {
        switch self {
        case .pndm: "PLMS"
        case .eulerAncestral: "Euler a"
        default: title
        }
    }

    /// The sampler with that name in AUTOMATIC1111's `parameters` text, if there is one.
    public init?(automatic1111Name name: String) {
        guard let kind = Self.allCases.first(where: { $0.automatic1111Name == name }) else { return nil }
        self = kind
    }

    /// A sampler ready for its first step.
    ///
    /// - Parameters:
    ///   - schedule: the noise the model was trained on.
    ///   - stepCount: steps from pure noise to an image, at least 1.
    ///   - startStep: the first step to take, 0 from pure noise; steps before it are skipped, see
    ///     ``startStep(strength:stepCount:)``.
    /// - Throws: ``SamplerError`` if the model's timesteps do not allow the steps asked for.
    public func makeSampler(
        schedule: NoiseSchedule, stepCount: Int, startStep: Int = 0
    ) throws -> any Sampler {
        switch self {
        case .pndm:
            try PNDMSampler(schedule: schedule, stepCount: stepCount, startStep: startStep)
        case .ddim:
            try DDIMSampler(schedule: schedule, stepCount: stepCount, startStep: startStep)
        case .euler:
            try EulerSampler(schedule: schedule, stepCount: stepCount, startStep: startStep)
        case .eulerAncestral:
            try EulerAncestralSampler(schedule: schedule, stepCount: stepCount, startStep: startStep)
        case .dpmSolverPlusPlus2M:
            try DPMSolverMultistepSampler(
                schedule: schedule, sigmaSpacing: .timesteps, stepCount: stepCount, startStep: startStep)
        case .dpmSolverPlusPlus2MKarras:
            try DPMSolverMultistepSampler(
                schedule: schedule, sigmaSpacing: .karras, stepCount: stepCount, startStep: startStep)
        case .uniPC:
            try UniPCSampler(schedule: schedule, stepCount: stepCount, startStep: startStep)
        case .lcm:
            try LCMSampler(schedule: schedule, stepCount: stepCount, startStep: startStep)
        }
    }

    /// The first step to take when a given picture is redrawn.
    ///
    /// - Parameters:
    ///   - strength: how much of the picture is redrawn, clamped to 0...1; 1 starts from pure noise.
    ///   - stepCount: the steps of a whole walk, at least 1.
    /// - Returns: a step in `0 ..< stepCount`; the last one at least is always taken.
    public static func startStep(strength: Double, stepCount: Int) -> Int {
        let taken = Int(Double(stepCount) * min(max(strength, 0), 1))
        return stepCount - min(max(taken, 1), stepCount)
    }
}
