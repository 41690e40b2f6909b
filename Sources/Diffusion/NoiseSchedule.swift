import Foundation

/// The noise a model was trained on: how much signal is left at each timestep.
///
/// Notation of Ho et al. (arXiv 2006.11239, equation 4), used in all samplers:
///
///     x_t = √ᾱ_t · x_0 + √(1 - ᾱ_t) · ε,   ε ~ N(0, 1)
///
/// | here | paper |
/// |---|---|
/// | `betas[t]` | β_t, the variance added at timestep t |
/// | `alphasCumprod[t]` | ᾱ_t = Π (1 - β_s) for s ≤ t |
/// | ``NoiseLevel/alpha`` | √ᾱ_t, the share of the image |
/// | ``NoiseLevel/sigma`` | √(1 - ᾱ_t), the share of the noise |
///
/// The table is computed with the rounding of `torch.linspace` and `torch.cumprod` in float32: at timestep 0, one
/// unit in the last place of ᾱ moves 1 - ᾱ by 7e-5, which would be visible in a comparison with PyTorch.
public struct NoiseSchedule: Sendable {
    /// Where the schedule came from; samplers read their own options here.
    public let configuration: SchedulerConfiguration
    /// ᾱ_t, one a training timestep, falling from almost 1 to almost (or exactly) 0.
    public let alphasCumprod: [Float]

    /// Computes ᾱ for every training timestep.
    public init(_ configuration: SchedulerConfiguration) {
        self.configuration = configuration
        var betas = Self.betas(configuration)
        if configuration.rescaleBetasToZeroSNR {
            betas = Self.rescaledToZeroSNR(betas)
        }
        alphasCumprod = Self.cumulativeProduct(betas.map { 1 - $0 })
    }

    /// The share of image and noise at a training timestep.
    func level(at timestep: Int) -> NoiseLevel {
        NoiseLevel(alphaCumprod: Double(alphasCumprod[timestep]))
    }

    /// The share of image and noise after the last step of the samplers that count in timesteps.
    func finalLevel(setAlphaToOne: Bool) -> NoiseLevel {
        setAlphaToOne ? NoiseLevel(alphaCumprod: 1) : level(at: 0)
    }

    /// σ = √((1 - ᾱ) / ᾱ) of each training timestep: the noise when the image keeps its size.
    ///
    /// A last ᾱ of exactly 0 (``SchedulerConfiguration/rescaleBetasToZeroSNR``) would be infinite;
    /// ``nonZero(_:)`` stands in for it.
    func trainingSigmas() -> [Float] {
        alphasCumprod.map { alpha in
            let alpha = Self.nonZero(alpha)
            return ((1 - alpha) / alpha).squareRoot()
        }
    }

    /// ᾱ for algorithms that divide by it: in the place of 0, diffusers' 2⁻²⁴ (float16's smallest number).
    static func nonZero(_ alphaCumprod: Float) -> Float { alphaCumprod > 0 ? alphaCumprod : 0x1p-24 }
}

extension NoiseSchedule {
    private static func betas(_ configuration: SchedulerConfiguration) -> [Float] {
        if let trained = configuration.trainedBetas { return trained.map { Float($0) } }
        let count = configuration.trainTimestepCount
        switch configuration.betaSchedule {
        case .linear:
            return linearlySpaced(from: configuration.betaStart, to: configuration.betaEnd, count: count)
        case .scaledLinear:
            return linearlySpaced(
                from: configuration.betaStart.squareRoot(), to: configuration.betaEnd.squareRoot(),
                count: count
            ).map { $0 * $0 }
        case .squaredCosine:
            return (0..<count).map { index in
                let now = squaredCosine(Double(index) / Double(count))
                let next = squaredCosine(Double(index + 1) / Double(count))
                return Float(min(1 - next / now, 0.999))
            }
        }
    }

    /// ᾱ at a time between 0 and 1 (arXiv 2102.09672, equation 17, s = 0.008).
    private static func squaredCosine(_ time: Double) -> Double {
        let cosine = cos((time + 0.008) / 1.008 * .pi / 2)
        return cosine * cosine
    }

    /// `torch.linspace` in float32: it counts up from the start in the first half and down from the end in the other.
    private static func linearlySpaced(from start: Double, to end: Double, count: Int) -> [Float] {
        let (start, end) = (Float(start), Float(end))
        guard count > 1 else { return [start] }
        let step = (end - start) / Float(count - 1)
        return (0..<count).map { index in
            index < count / 2
                ? start.addingProduct(step, Float(index)) : end.addingProduct(-step, Float(count - 1 - index))
        }
    }

    /// `torch.cumprod` in float32: accumulated in double precision, every entry rounded.
    private static func cumulativeProduct(_ factors: [Float]) -> [Float] {
        var product = 1.0
        return factors.map { factor in
            product *= Double(factor)
            return Float(product)
        }
    }

    /// Shifts and scales √ᾱ so that its last value is 0 and its first is kept (arXiv 2305.08891, Algorithm 1).
    private static func rescaledToZeroSNR(_ betas: [Float]) -> [Float] {
        let roots = cumulativeProduct(betas.map { 1 - $0 }).map { $0.squareRoot() }
        guard let first = roots.first, let last = roots.last, first > last else { return betas }
        let scale = first / (first - last)
        let alphasCumprod = roots.map { root in
            let rescaled = (root - last) * scale
            return rescaled * rescaled
        }
        let alphas = [alphasCumprod[0]] + zip(alphasCumprod.dropFirst(), alphasCumprod).map { $0 / $1 }
        return alphas.map { 1 - $0 }
    }
}
