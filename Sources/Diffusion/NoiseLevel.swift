import Foundation
import Tensors

/// The shares of image and noise in latents of unit variance: x = alpha · x_0 + sigma · ε, alpha² + sigma² = 1.
struct NoiseLevel: Sendable, Equatable {
    /// √ᾱ, the share of the image.
    let alpha: Double
    /// √(1 - ᾱ), the share of the noise.
    let sigma: Double

    init(alphaCumprod: Double) {
        alpha = alphaCumprod.squareRoot()
        sigma = (1 - alphaCumprod).squareRoot()
    }

    /// From the ratio sigma / alpha, the noise of latents whose image share is 1.
    init(sigmaToAlpha ratio: Double) {
        alpha = 1 / (ratio * ratio + 1).squareRoot()
        sigma = ratio * alpha
    }

    /// λ = log(alpha / sigma), half the log signal-to-noise ratio; infinite for a clean image.
    var logRatio: Double { log(alpha) - log(sigma) }
}

/// What the network's output means.
public enum PredictionType: String, Sendable, CaseIterable {
    /// The noise ε.
    case epsilon
    /// v = alpha · ε - sigma · x_0 (Salimans and Ho, arXiv 2202.00512, section 4).
    case velocity = "v_prediction"
    /// The image x_0 itself.
    case sample
}

/// Weights of a linear combination of the latents and the network's output.
struct PredictionWeights: Sendable {
    let latents: Double
    let prediction: Double
}

extension PredictionType {
    /// x_0 from unit-variance latents and the network's output at that noise level.
    func original(at level: NoiseLevel) -> PredictionWeights {
        switch self {
        case .epsilon: PredictionWeights(latents: 1 / level.alpha, prediction: -level.sigma / level.alpha)
        case .velocity: PredictionWeights(latents: level.alpha, prediction: -level.sigma)
        case .sample: PredictionWeights(latents: 0, prediction: 1)
        }
    }

    /// ε from unit-variance latents and the network's output at that noise level.
    func noise(at level: NoiseLevel) -> PredictionWeights {
        switch self {
        case .epsilon: PredictionWeights(latents: 0, prediction: 1)
        case .velocity: PredictionWeights(latents: level.sigma, prediction: level.alpha)
        case .sample: PredictionWeights(latents: 1 / level.sigma, prediction: -level.alpha / level.sigma)
        }
    }
}

/// Σ weight · tensor over tensors of one shape, accumulated in double precision.
///
/// Latents are small (16,384 numbers for a 512 x 512 image), so exactness costs nothing measurable and keeps the
/// error of a whole sampling run at one rounding a step.
func weightedSum(_ terms: (weight: Double, tensor: Tensor)...) -> Tensor {
    let first = terms[0].tensor
    var sums = [Double](repeating: 0, count: first.count)
    for (weight, tensor) in terms where weight != 0 {
        precondition(tensor.shape == first.shape, "weightedSum of \(first.shape) and \(tensor.shape)")
        tensor.withUnsafeBuffer { values in
            for index in sums.indices { sums[index] += weight * Double(values[index]) }
        }
    }
    return Tensor(shape: first.shape, in: first.workspace) { result in
        for index in sums.indices { result[index] = Float(sums[index]) }
    }
}

extension PredictionWeights {
    /// The combination itself.
    func applied(to latents: Tensor, _ prediction: Tensor) -> Tensor {
        weightedSum((self.latents, latents), (self.prediction, prediction))
    }
}
