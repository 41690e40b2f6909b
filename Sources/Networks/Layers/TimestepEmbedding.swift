import Foundation
import Tensors
import Weights

/// The time of the diffusion process as a vector: sines and cosines of several frequencies through a small network.
///
/// Reference: diffusers' `get_timestep_embedding` and `TimestepEmbedding`.
struct TimestepEmbedding: Sendable {
    private let channels: Int
    private let cosinesFirst: Bool
    private let frequencyShift: Float
    private let linear1: Linear
    private let linear2: Linear

    init(_ scope: WeightScope, _ configuration: UNetConfiguration) throws {
        channels = configuration.blockChannels[0]
        cosinesFirst = configuration.cosinesFirst
        frequencyShift = configuration.frequencyShift
        let width = configuration.timeEmbeddingDimension
        linear1 = try Linear(scope.scope("linear_1"), inputs: channels, outputs: width)
        linear2 = try Linear(scope.scope("linear_2"), inputs: width, outputs: width)
    }

    /// - Parameter timestep: 0 to 1000, may be fractional.
    /// - Returns: [1, 4 C].
    func callAsFunction(_ timestep: Float, in workspace: Workspace) -> Tensor {
        let waves = Tensor(sinusoids(timestep), shape: [1, channels], in: workspace)
        return linear2(silu(linear1(waves)))
    }

    /// Sines and cosines of the time with frequencies 10000^(-k / (C/2 - shift)) for k in 0..<C/2.
    ///
    /// Source: Vaswani and others 2017, https://arxiv.org/abs/1706.03762, section 3.5.
    private func sinusoids(_ timestep: Float) -> [Float] {
        let half = channels / 2
        let angles = (0..<half).map { index in
            timestep * exp(-log(Float(10_000)) * Float(index) / (Float(half) - frequencyShift))
        }
        let (sines, cosines) = (angles.map { sin($0) }, angles.map { cos($0) })
        return cosinesFirst ? cosines + sines : sines + cosines
    }
}
