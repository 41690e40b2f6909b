import Tensors

/// Classifier-free guidance: away from the unconditional prediction, beyond the conditional one.
///
/// Ho and Salimans, arXiv 2207.12598, equation 6, in the form with scale = 1 + w:
///
///     prediction = unconditional + scale · (conditional - unconditional)
public struct Guidance: Sendable, Equatable {
    /// How far to go from the unconditional prediction towards the conditional one and beyond.
    ///
    /// At 1 or below guidance is off, and only the conditional branch is evaluated, at half the cost.
    public var scale: Float

    /// - Parameter scale: 1 switches guidance off; 5 to 8 are usual.
    public init(scale: Float) {
        self.scale = scale
    }

    /// Whether the unconditional branch is needed at all.
    public var isActive: Bool { scale > 1 }

    /// The guided prediction, evaluating only the branches it needs.
    ///
    /// - Parameters:
    ///   - conditional: the network's output for the prompt and the face, [batch, height, width, channels].
    ///   - unconditional: its output for the negative prompt and no face, same shape.
    public func prediction(
        conditional: () throws -> Tensor, unconditional: () throws -> Tensor
    ) rethrows -> Tensor {
        guard isActive else { return try conditional() }
        return combined(unconditional: try unconditional(), conditional: try conditional())
    }

    /// The guided prediction from both branches.
    public func combined(unconditional: Tensor, conditional: Tensor) -> Tensor {
        weightedSum((Double(1 - scale), unconditional), (Double(scale), conditional))
    }
}

/// The part of the walk in which a condition (the face adapter, a ControlNet) takes part, and how strongly.
public struct ConditioningWindow: Sendable, Equatable {
    /// The weight inside the window; 0 switches the condition off.
    public var scale: Float
    /// The fraction of the steps after which the condition begins, 0 for the first.
    public var start: Double
    /// The fraction of the steps at which the condition ends, 1 for the last.
    public var end: Double

    /// - Parameters:
    ///   - scale: the weight inside the window.
    ///   - start: 0...1; a delayed face condition (say 0.2) leaves the composition to the prompt.
    ///   - end: 0...1, above `start`.
    public init(scale: Float, start: Double, end: Double) {
        self.scale = scale
        self.start = start
        self.end = end
    }

    /// The weight at a step, 0 outside of the window.
    ///
    /// A step counts if it lies wholly inside: start ≤ step / count and (step + 1) / count ≤ end, the rule of
    /// diffusers' `control_guidance_start` and `control_guidance_end`.
    ///
    /// - Parameters:
    ///   - step: the evaluation, from 0.
    ///   - count: all evaluations (``Sampler/timesteps``' count).
    public func scale(atStep step: Int, of count: Int) -> Float {
        let (begin, finish) = (Double(step) / Double(count), Double(step + 1) / Double(count))
        return begin >= start && finish <= end ? scale : 0
    }
}
