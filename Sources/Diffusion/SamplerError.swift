/// Why a sampler cannot take the steps asked for.
public enum SamplerError: Error, Equatable {
    /// The number of steps is outside of what the model's timesteps allow.
    case stepCount(requested: Int, allowed: ClosedRange<Int>)
    /// The scheduler configuration moves a timestep beyond the last one trained.
    case timestepBeyondTraining(timestep: Int, trainTimestepCount: Int)
    /// The configuration asks PNDM for Runge–Kutta warm-up steps.
    case rungeKuttaSteps
    /// The first step to take is not one of the steps.
    case startStep(requested: Int, stepCount: Int)
    /// The network answered with infinities or NaN.
    case predictionNotFinite(step: Int)
}

extension SamplerError: CustomStringConvertible {
    /// One sentence for the person at the keyboard.
    public var description: String {
        switch self {
        case .stepCount(let requested, let allowed):
            "\(requested) steps are not possible with this model and sampler;"
                + " ask for \(allowed.lowerBound) to \(allowed.upperBound)"
        case .timestepBeyondTraining(let timestep, let count):
            "the steps reach timestep \(timestep), but the model was trained on 0 to \(count - 1);"
                + " ask for fewer steps or lower steps_offset in scheduler_config.json"
        case .rungeKuttaSteps:
            "scheduler_config.json sets skip_prk_steps to false, and Runge–Kutta warm-up is not supported;"
                + " set it to true or choose another sampler"
        case .startStep(let requested, let stepCount):
            "step \(requested) is not one of the \(stepCount) steps 0 to \(stepCount - 1)"
        case .predictionNotFinite(let step):
            "the model answered step \(step + 1) with numbers that are not finite;"
                + " its weights are damaged, or a LoRA is applied with too large a weight"
        }
    }
}
