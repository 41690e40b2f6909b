import Tensors
import Weights

/// Stable Diffusion's denoiser: a UNet conditioned on time, text and, through the FACT adapter, a face.
///
/// Source: Rombach and others 2022, https://arxiv.org/abs/2112.10752; diffusers' `UNet2DConditionModel`.
public struct UNet2DConditionModel: Sendable {
    /// The sizes it was built with.
    public let configuration: UNetConfiguration

    private let timeEmbedding: TimestepEmbedding
    private let convIn: Conv2d
    private let downBlocks: [UNetDownBlock]
    private let middleBlock: UNetMiddleBlock
    private let upBlocks: [UNetUpBlock]
    private let normOut: GroupNorm
    private let convOut: Conv2d

    /// Builds the UNet from diffusers' names.
    ///
    /// - Throws: `WeightsError` if a tensor is missing, has another shape, or is left over.
    public init(_ scope: WeightScope, _ configuration: UNetConfiguration) throws {
        let channels = configuration.blockChannels[0]
        self.configuration = configuration
        timeEmbedding = try TimestepEmbedding(scope.scope("time_embedding"), configuration)
        convIn = try Conv2d(
            scope.scope("conv_in"), inputs: configuration.inputChannels, outputs: channels, kernel: 3,
            stride: 1,
            padding: Padding(1))
        downBlocks = try configuration.blockChannels.indices.map { level in
            try UNetDownBlock(scope.scope("down_blocks.\(level)"), level: level, configuration)
        }
        middleBlock = try UNetMiddleBlock(scope.scope("mid_block"), configuration)
        upBlocks = try configuration.blockChannels.indices.map { index in
            try UNetUpBlock(scope.scope("up_blocks.\(index)"), index: index, configuration)
        }
        normOut = try GroupNorm(
            scope.scope("conv_norm_out"), groupCount: configuration.normGroupCount, channels: channels,
            epsilon: configuration.normEpsilon)
        convOut = try Conv2d(
            scope.scope("conv_out"), inputs: channels, outputs: configuration.outputChannels, kernel: 3,
            stride: 1,
            padding: Padding(1))
        try scope.finish(ignoring: [])
    }

    /// What the denoiser needs of a text in every step, computed once.
    ///
    /// - Parameter encoderHiddenStates: the text encoder's last hidden state, [batch, tokens, cross_attention_dim].
    public func condition(on encoderHiddenStates: Tensor) -> TextCondition {
        precondition(
            encoderHiddenStates.shape.last == configuration.crossAttentionDimension,
            "the text has shape \(encoderHiddenStates.shape), not \(configuration.crossAttentionDimension) channels"
        )
        return TextCondition(encoderHiddenStates, for: transformerBlocks)
    }

    /// The predicted noise (or velocity, as the model was trained) of noisy latents.
    ///
    /// - Parameters:
    ///   - latents: [batch, height, width, in_channels]; height and width are multiples of
    ///     ``UNetConfiguration/latentSizeMultiple``.
    ///   - timestep: 0 to 1000.
    ///   - text: of the same batch.
    ///   - face: of the same batch, or nil for no adapter.
    ///   - control: what ControlNets made for this UNet answered to the same latents, or nil for none.
    /// - Returns: [batch, height, width, out_channels].
    /// - Throws: `CancellationError` between blocks.
    public func callAsFunction(
        _ latents: Tensor, timestep: Float, text: TextCondition, face: FaceCondition?,
        control: ControlResiduals? = nil
    ) throws -> Tensor {
        let multiple = configuration.latentSizeMultiple
        precondition(
            latents.shape.count == 4 && latents.shape[3] == configuration.inputChannels
                && latents.shape[1] % multiple == 0 && latents.shape[2] % multiple == 0,
            "latents of shape \(latents.shape) do not fit a UNet with \(configuration.inputChannels) channels and "
                + "sides that are multiples of \(multiple)")
        let condition = UNetCondition(
            activatedTime: silu(timeEmbedding(timestep, in: latents.workspace)), text: text, face: face)

        var hiddenStates = convIn(latents)
        var skipped = [hiddenStates]
        for block in downBlocks {
            let states = try block(hiddenStates, condition)
            hiddenStates = states.last ?? hiddenStates
            skipped += states
        }
        hiddenStates = try middleBlock(hiddenStates, condition)
        if let control {
            skipped = control.added(toSkipped: skipped)
            hiddenStates = hiddenStates + control.middle
        }
        for block in upBlocks {
            hiddenStates = try block(hiddenStates, skipped: &skipped, condition)
        }
        return convOut(normOut.thenSiLU(hiddenStates))
    }

    /// The same for a text that is used only once.
    ///
    /// - Parameter encoderHiddenStates: see ``condition(on:)``.
    /// - Throws: `CancellationError` between blocks.
    public func callAsFunction(
        _ latents: Tensor, timestep: Float, encoderHiddenStates: Tensor, face: FaceCondition?
    ) throws -> Tensor {
        try self(latents, timestep: timestep, text: condition(on: encoderHiddenStates), face: face)
    }

    private var transformerBlocks: [BasicTransformerBlock] {
        let layers = downBlocks.flatMap(\.layers) + [middleBlock.layer] + upBlocks.flatMap(\.layers)
        return layers.flatMap { $0.transformer?.blocks ?? [] }
    }
}

/// The keys and values of a text in every transformer block of one UNet.
public struct TextCondition: Sendable {
    private let keysAndValues: [String: KeysAndValues]

    init(_ encoderHiddenStates: Tensor, for blocks: [BasicTransformerBlock]) {
        let pairs = blocks.map { ($0.path, $0.textKeysAndValues(encoderHiddenStates)) }
        keysAndValues = Dictionary(uniqueKeysWithValues: pairs)
    }

    subscript(path: String) -> KeysAndValues {
        guard let found = keysAndValues[path] else {
            preconditionFailure("the text was prepared by a UNet without a block \(path)")
        }
        return found
    }
}
