import Foundation

/// How a model was trained to be denoised: the contents of a diffusers `scheduler_config.json`.
///
/// The file describes the noise the model was trained on; which algorithm walks back through that noise is the
/// user's choice (``SamplerKind``). So keys that choose an algorithm or its step sizes (`algorithm_type`,
/// `use_karras_sigmas`, `solver_order`, …) are not read. Keys that would change the result of every sampler are
/// either honoured or refused by name.
///
/// Options that diffusers defaults differently from scheduler to scheduler are optional here; `nil` means that the
/// file is silent and each sampler applies its own default, stated at its declaration.
public struct SchedulerConfiguration: Sendable, Equatable {
    /// The scheduler the model's author used, such as `PNDMScheduler`: key `_class_name`.
    public var className: String?
    /// Timesteps run from 0 to this number less one: key `num_train_timesteps`.
    public var trainTimestepCount: Int
    /// The variance added at timestep 0, in 0 ..< 1: key `beta_start`.
    public var betaStart: Double
    /// The variance added at the last timestep, in 0 ..< 1: key `beta_end`.
    public var betaEnd: Double
    /// How the variance grows between the two: key `beta_schedule`.
    public var betaSchedule: BetaSchedule
    /// Every variance, one a timestep, in place of the three properties above: key `trained_betas`.
    public var trainedBetas: [Double]?
    /// Makes the last timestep pure noise (Lin et al., arXiv 2305.08891, Algorithm 1): key `rescale_betas_zero_snr`.
    public var rescaleBetasToZeroSNR: Bool
    /// What the network's output means: key `prediction_type`.
    public var predictionType: PredictionType
    /// How the steps are spread over the timesteps: key `timestep_spacing`.
    public var timestepSpacing: TimestepSpacing?
    /// A number added to each timestep of the leading spacing, 1 for Stable Diffusion: key `steps_offset`.
    public var stepsOffset: Int
    /// Whether the last step ends in a clean image or at the noise of timestep 0: key `set_alpha_to_one`.
    public var setAlphaToOne: Bool?
    /// Where the samplers that count in sigmas end: key `final_sigmas_type`.
    public var finalSigma: FinalSigma
    /// Whether PNDM starts without Runge–Kutta steps: key `skip_prk_steps`.
    public var skipRungeKuttaSteps: Bool?
    /// Whether DDIM and LCM clamp the estimated image, which is never right for latents: key `clip_sample`.
    public var clipSample: Bool
    /// The bound of ``clipSample``, above 0: key `clip_sample_range`.
    public var clipSampleRange: Double
    /// The number of steps that LCM's teacher was distilled with: key `original_inference_steps`.
    public var originalInferenceSteps: Int
    /// The factor of LCM's boundary condition: key `timestep_scaling`.
    public var timestepScaling: Double

    /// What Stable Diffusion 1.x was trained with; used for single-file checkpoints, which carry no scheduler file.
    public static let stableDiffusion1 = SchedulerConfiguration(
        className: "PNDMScheduler", trainTimestepCount: 1000, betaStart: 0.00085, betaEnd: 0.012,
        betaSchedule: .scaledLinear, trainedBetas: nil, rescaleBetasToZeroSNR: false,
        predictionType: .epsilon,
        timestepSpacing: nil, stepsOffset: 1, setAlphaToOne: false, finalSigma: .zero,
        skipRungeKuttaSteps: true,
        clipSample: false, clipSampleRange: 1, originalInferenceSteps: 50, timestepScaling: 10)
}

/// How the variance β grows with the timestep.
public enum BetaSchedule: String, Sendable, CaseIterable {
    /// β is linear (Ho et al., arXiv 2006.11239, section 4).
    case linear
    /// √β is linear: latent diffusion.
    case scaledLinear = "scaled_linear"
    /// ᾱ is a squared cosine, β capped at 0.999 (Nichol and Dhariwal, arXiv 2102.09672, equation 17).
    case squaredCosine = "squaredcos_cap_v2"
}

/// How a number of steps is spread over the training timesteps (Lin et al., arXiv 2305.08891, Table 2).
public enum TimestepSpacing: String, Sendable, CaseIterable {
    /// Multiples of the step size from 0 upwards, plus the offset.
    case leading
    /// Both ends included.
    case linspace
    /// Multiples of the step size from the last timestep downwards.
    case trailing
}

/// Where a sampler that counts in sigmas ends.
public enum FinalSigma: String, Sendable, CaseIterable {
    /// At a clean image.
    case zero
    /// At the noise of training timestep 0.
    case sigmaMinimum = "sigma_min"
}

extension SchedulerConfiguration: Decodable {
    private enum CodingKeys: String, CodingKey {
        case className = "_class_name"
        case trainTimestepCount = "num_train_timesteps"
        case betaStart = "beta_start"
        case betaEnd = "beta_end"
        case betaSchedule = "beta_schedule"
        case trainedBetas = "trained_betas"
        case rescaleBetasToZeroSNR = "rescale_betas_zero_snr"
        case predictionType = "prediction_type"
        case timestepSpacing = "timestep_spacing"
        case stepsOffset = "steps_offset"
        case setAlphaToOne = "set_alpha_to_one"
        case finalSigma = "final_sigmas_type"
        case skipRungeKuttaSteps = "skip_prk_steps"
        case clipSample = "clip_sample"
        case clipSampleRange = "clip_sample_range"
        case originalInferenceSteps = "original_inference_steps"
        case timestepScaling = "timestep_scaling"
    }

    /// Keys that, when true, change the noise itself in ways that no sampler here computes.
    private enum RefusedKeys: String, CodingKey, CaseIterable {
        case thresholding
        case useFlowSigmas = "use_flow_sigmas"
        case useDynamicShifting = "use_dynamic_shifting"
    }

    /// Reads the keys above; an absent key means Stable Diffusion 1's value.
    ///
    /// - Throws: ``SchedulerConfigurationError``, naming the key.
    public init(from decoder: any Decoder) throws {
        let refused = try decoder.container(keyedBy: RefusedKeys.self)
        for key in RefusedKeys.allCases where try refused.value(Bool.self, key) == true {
            throw SchedulerConfigurationError.unsupportedValue(
                key: key.rawValue, value: "true", supported: ["false"])
        }
        let values = try decoder.container(keyedBy: CodingKeys.self)
        let standard = Self.stableDiffusion1
        className = try values.value(String.self, .className)
        trainTimestepCount = try values.value(Int.self, .trainTimestepCount) ?? standard.trainTimestepCount
        betaStart = try values.value(Double.self, .betaStart) ?? standard.betaStart
        betaEnd = try values.value(Double.self, .betaEnd) ?? standard.betaEnd
        betaSchedule = try values.choice(.betaSchedule) ?? standard.betaSchedule
        trainedBetas = try values.value([Double].self, .trainedBetas)
        rescaleBetasToZeroSNR = try values.value(Bool.self, .rescaleBetasToZeroSNR) ?? false
        predictionType = try values.choice(.predictionType) ?? standard.predictionType
        timestepSpacing = try values.choice(.timestepSpacing)
        stepsOffset = try values.value(Int.self, .stepsOffset) ?? standard.stepsOffset
        setAlphaToOne = try values.value(Bool.self, .setAlphaToOne)
        finalSigma = try values.choice(.finalSigma) ?? standard.finalSigma
        skipRungeKuttaSteps = try values.value(Bool.self, .skipRungeKuttaSteps)
        clipSample = try values.value(Bool.self, .clipSample) ?? standard.clipSample
        clipSampleRange = try values.value(Double.self, .clipSampleRange) ?? standard.clipSampleRange
        originalInferenceSteps =
            try values.value(Int.self, .originalInferenceSteps) ?? standard.originalInferenceSteps
        timestepScaling = try values.value(Double.self, .timestepScaling) ?? standard.timestepScaling
        try validate()
    }

    private func validate() throws {
        try require(.trainTimestepCount, trainTimestepCount, in: 2...100_000)
        try require(.betaStart, betaStart, in: Double.leastNormalMagnitude...0.9999)
        try require(.betaEnd, betaEnd, in: Double.leastNormalMagnitude...0.9999)
        try require(.stepsOffset, stepsOffset, in: 0...trainTimestepCount - 1)
        try require(.originalInferenceSteps, originalInferenceSteps, in: 1...100_000)
        try require(.clipSampleRange, clipSampleRange, in: Double.leastNormalMagnitude...1e6)
        try require(.timestepScaling, timestepScaling, in: Double.leastNormalMagnitude...1e6)
        if let trainedBetas {
            try require(.trainedBetas, trainedBetas.count, in: trainTimestepCount...trainTimestepCount)
            for beta in trainedBetas { try require(.trainedBetas, beta, in: 0...0.9999) }
        }
    }

    private func require<Value: Comparable>(
        _ key: CodingKeys, _ value: Value, in range: ClosedRange<Value>
    ) throws {
        guard range.contains(value) else {
            throw SchedulerConfigurationError.outOfRange(
                key: key.rawValue, value: "\(value)", range: "\(range.lowerBound)...\(range.upperBound)")
        }
    }
}

extension KeyedDecodingContainer {
    /// The value at `key`, `nil` if the key is absent or null.
    fileprivate func value<Value: Decodable>(_ type: Value.Type, _ key: Key) throws -> Value? {
        do {
            return try decodeIfPresent(type, forKey: key)
        } catch {
            throw SchedulerConfigurationError.wrongType(key: key.stringValue, expected: "\(type)")
        }
    }

    /// The value at `key` as one of an enumeration's spellings.
    fileprivate func choice<Choice>(_ key: Key) throws -> Choice?
    where Choice: RawRepresentable<String> & CaseIterable {
        guard let text = try value(String.self, key) else { return nil }
        guard let choice = Choice(rawValue: text) else {
            throw SchedulerConfigurationError.unsupportedValue(
                key: key.stringValue, value: "\"\(text)\"", supported: Choice.allCases.map(\.rawValue))
        }
        return choice
    }
}

extension SchedulerConfiguration {
    /// Reads the bytes of a `scheduler_config.json`.
    ///
    /// Python writes infinities and NaN as bare words, which JSON does not know and diffusers' solver configurations
    /// do contain (`"lambda_min_clipped": -Infinity`); they are read as null.
    ///
    /// - Parameters:
    ///   - data: the file's contents, UTF-8.
    ///   - origin: what to call the file in messages.
    /// - Throws: ``SchedulerConfigurationError``, naming the file and the key.
    public init(json data: Data, origin: String) throws {
        let text = String(decoding: data, as: UTF8.self)
        let bareWord = /(:\s*)(?:-?Infinity|NaN)(?=\s*[,}])/
        let standard = text.replacing(bareWord) { "\($0.output.1)null" }
        do {
            self = try JSONDecoder().decode(Self.self, from: Data(standard.utf8))
        } catch let error as SchedulerConfigurationError {
            throw SchedulerConfigurationError.inFile(origin, error)
        } catch {
            throw SchedulerConfigurationError.inFile(origin, .notAnObject)
        }
    }
}
