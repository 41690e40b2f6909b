import Tensors
import Weights

/// A copy of a UNet's way down and middle that has learned to follow a picture, a skeleton for instance, and says what
/// to add to the states that the UNet passes to its way up.
///
/// Source: Zhang and others 2023, https://arxiv.org/abs/2302.05543; diffusers' `ControlNetModel`.
public struct ControlNet: Sendable {
    /// The sizes it was built with.
    public let configuration: ControlNetConfiguration
    /// What to call its file in a message.
    public let origin: String

    private let timeEmbedding: TimestepEmbedding
    private let convIn: Conv2d
    private let pictureEmbedding: ControlNetConditioningEmbedding
    private let downBlocks: [UNetDownBlock]
    private let middleBlock: UNetMiddleBlock
    private let downProjections: [Linear]
    private let middleProjection: Linear

    /// Builds the network from diffusers' names; `ControlNetCheckpoint` gives them to files in the original format.
    ///
    /// - Throws: `WeightsError` if a tensor is missing, has another shape, or is left over.
    public init(_ scope: WeightScope, _ configuration: ControlNetConfiguration) throws {
        let sizes = configuration.unet
        let channels = sizes.blockChannels[0]
        self.configuration = configuration
        origin = scope.origin
        timeEmbedding = try TimestepEmbedding(scope.scope("time_embedding"), sizes)
        convIn = try Conv2d(
            scope.scope("conv_in"), inputs: sizes.inputChannels, outputs: channels, kernel: 3, stride: 1,
            padding: Padding(1))
        pictureEmbedding = try ControlNetConditioningEmbedding(
            scope.scope("controlnet_cond_embedding"), configuration, outputs: channels)
        downBlocks = try sizes.blockChannels.indices.map { level in
            try UNetDownBlock(scope.scope("down_blocks.\(level)"), level: level, sizes)
        }
        middleBlock = try UNetMiddleBlock(scope.scope("mid_block"), sizes)
        downProjections = try sizes.skippedChannels.enumerated().map { index, channels in
            try Linear(
                pointwise: scope.scope("controlnet_down_blocks.\(index)"), inputs: channels, outputs: channels
            )
        }
        let lowest = sizes.blockChannels[sizes.blockChannels.count - 1]
        middleProjection = try Linear(
            pointwise: scope.scope("controlnet_mid_block"), inputs: lowest, outputs: lowest)
        try scope.finish(ignoring: [])
    }

    /// What the network needs of a text and a picture in every step, computed once.
    ///
    /// - Parameters:
    ///   - encoderHiddenStates: the text encoder's last hidden state, [batch, tokens, cross_attention_dim]; never a
    ///     face's tokens, which no ControlNet was trained on.
    ///   - picture: [1 or batch, height, width, 3] in 0…1, red first; its sides are those of the latents times
    ///     ``ControlNetConfiguration/pixelsPerLatent``.
    public func condition(on encoderHiddenStates: Tensor, picture: Tensor) -> ControlCondition {
        precondition(
            picture.shape.count == 4 && picture.shape[3] == configuration.pictureChannels,
            "a ControlNet's picture has shape \(picture.shape), not \(configuration.pictureChannels) channels"
        )
        let ordered = configuration.channelOrder == .rgb ? picture : picture.reversingChannels
        return ControlCondition(
            text: TextCondition(encoderHiddenStates, for: transformerBlocks),
            picture: pictureEmbedding(ordered))
    }

    /// What a UNet shall add at one step.
    ///
    /// - Parameters:
    ///   - latents: the UNet's own, [batch, height, width, in_channels].
    ///   - timestep: 0 to 1000.
    ///   - condition: prepared by this network for the same batch.
    ///   - scale: the weight of the answer.
    /// - Throws: `CancellationError` between blocks.
    public func callAsFunction(
        _ latents: Tensor, timestep: Float, condition: ControlCondition, scale: Float
    ) throws -> ControlResiduals {
        let time = silu(timeEmbedding(timestep, in: latents.workspace))
        let step = UNetCondition(activatedTime: time, text: condition.text, face: nil)

        var hiddenStates = convIn(latents) + condition.picture
        var skipped = [hiddenStates]
        for block in downBlocks {
            let states = try block(hiddenStates, step)
            hiddenStates = states.last ?? hiddenStates
            skipped += states
        }
        hiddenStates = try middleBlock(hiddenStates, step)
        return ControlResiduals(
            down: zip(skipped, downProjections).map { state, projection in projection(state) * scale },
            middle: middleProjection(hiddenStates) * scale)
    }

    private var transformerBlocks: [BasicTransformerBlock] {
        (downBlocks.flatMap(\.layers) + [middleBlock.layer]).flatMap { $0.transformer?.blocks ?? [] }
    }
}

/// A text and a picture as one ControlNet sees them, the same in all steps.
public struct ControlCondition: Sendable {
    fileprivate let text: TextCondition
    /// [1 or batch, height, width, channels of the first level]
    fileprivate let picture: Tensor
}

/// What one or several ControlNets add to a UNet's states: one tensor for each state that its way down passes on, and
/// one for its middle.
public struct ControlResiduals: Sendable {
    /// [batch, height, width, channels] each, in running order.
    public let down: [Tensor]
    /// [batch, height, width, channels]
    public let middle: Tensor

    /// The answers of two networks together.
    public static func + (left: ControlResiduals, right: ControlResiduals) -> ControlResiduals {
        ControlResiduals(
            down: right.added(toSkipped: left.down), middle: left.middle + right.middle)
    }

    func added(toSkipped states: [Tensor]) -> [Tensor] {
        precondition(
            states.map(\.shape) == down.map(\.shape), "the ControlNet was made for a UNet of other sizes")
        return zip(states, down).map { $0 + $1 }
    }
}

extension UNetConfiguration {
    /// Channels of every state that the way down passes to the way up: the input convolution's, then each level's
    /// layers' and, except at the last level, the halved one's.
    var skippedChannels: [Int] {
        let lowest = blockChannels.count - 1
        return [blockChannels[0]]
            + blockChannels.indices.flatMap { level in
                Array(
                    repeating: blockChannels[level], count: layersPerBlock[level] + (level < lowest ? 1 : 0))
            }
    }
}

extension Tensor {
    /// The picture [batch, height, width, channels] with its channels in the opposite order.
    fileprivate var reversingChannels: Tensor {
        let channels = shape[3]
        return Tensor(shape: shape, in: workspace) { output in
            withUnsafeBuffer { input in
                for pixel in stride(from: 0, to: input.count, by: channels) {
                    for channel in 0..<channels {
                        output[pixel + channel] = input[pixel + channels - 1 - channel]
                    }
                }
            }
        }
    }
}
