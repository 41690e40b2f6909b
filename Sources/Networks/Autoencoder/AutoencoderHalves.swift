import Tensors
import Weights

/// The epsilon of every group norm of the autoencoder; the UNet's resnets have 1e-5 (diffusers
/// `models/autoencoders/vae.py`).
private let epsilon: Float = 1e-6

/// Image to moments: levels that each halve the sides, then attention at the lowest.
struct AutoencoderEncoder: Sendable {
    private let convIn: Conv2d
    private let levels: [Level]
    private let middle: AutoencoderMiddle
    private let normOut: GroupNorm
    private let convOut: Conv2d

    private struct Level: Sendable {
        let resnets: [ResnetBlock2D]
        let downsampler: Downsample2D?
    }

    init(_ scope: WeightScope, _ configuration: AutoencoderConfiguration) throws {
        let (widths, groupCount) = (configuration.blockChannels, configuration.normGroupCount)
        let lowest = widths[widths.count - 1]
        convIn = try Conv2d(
            scope.scope("conv_in"), inputs: configuration.imageChannels, outputs: widths[0], kernel: 3,
            stride: 1,
            padding: Padding(1))
        levels = try widths.indices.map { level in
            let scope = scope.scope("down_blocks.\(level)")
            let resnets = try (0..<configuration.layersPerBlock).map { index in
                try ResnetBlock2D(
                    scope.scope("resnets.\(index)"),
                    .init(
                        inputs: index == 0 ? widths[max(0, level - 1)] : widths[level],
                        outputs: widths[level],
                        groupCount: groupCount, epsilon: epsilon))
            }
            // The reference pads below and to the right only.
            let padding = Padding(top: 0, left: 0, bottom: 1, right: 1)
            let downsampler =
                level == widths.count - 1
                ? nil
                : try Downsample2D(scope.scope("downsamplers.0"), channels: widths[level], padding: padding)
            return Level(resnets: resnets, downsampler: downsampler)
        }
        middle = try AutoencoderMiddle(scope.scope("mid_block"), channels: lowest, configuration)
        normOut = try GroupNorm(
            scope.scope("conv_norm_out"), groupCount: groupCount, channels: lowest, epsilon: epsilon)
        convOut = try Conv2d(
            scope.scope("conv_out"), inputs: lowest, outputs: configuration.latentChannels * 2, kernel: 3,
            stride: 1,
            padding: Padding(1))
    }

    /// - Parameter image: [batch, height, width, 3].
    /// - Returns: [batch, height / 8, width / 8, 8].
    func callAsFunction(_ image: Tensor) throws -> Tensor {
        var hiddenStates = convIn(image)
        for level in levels {
            for resnet in level.resnets {
                try image.workspace.checkCancellation()
                hiddenStates = resnet(hiddenStates, activatedTime: nil)
            }
            hiddenStates = level.downsampler?(hiddenStates) ?? hiddenStates
        }
        hiddenStates = try middle(hiddenStates)
        return convOut(normOut.thenSiLU(hiddenStates))
    }
}

/// Latents to image: attention at the lowest level, then levels that each double the sides.
struct AutoencoderDecoder: Sendable {
    private let convIn: Conv2d
    private let middle: AutoencoderMiddle
    private let levels: [Level]
    private let normOut: GroupNorm
    private let convOut: Conv2d

    private struct Level: Sendable {
        let resnets: [ResnetBlock2D]
        let upsampler: Upsample2D?
    }

    init(_ scope: WeightScope, _ configuration: AutoencoderConfiguration) throws {
        let widths = Array(configuration.blockChannels.reversed())
        let (groupCount, highest) = (configuration.normGroupCount, configuration.blockChannels[0])
        convIn = try Conv2d(
            scope.scope("conv_in"), inputs: configuration.latentChannels, outputs: widths[0], kernel: 3,
            stride: 1,
            padding: Padding(1))
        middle = try AutoencoderMiddle(scope.scope("mid_block"), channels: widths[0], configuration)
        levels = try widths.indices.map { level in
            let scope = scope.scope("up_blocks.\(level)")
            let resnets = try (0...configuration.layersPerBlock).map { index in
                try ResnetBlock2D(
                    scope.scope("resnets.\(index)"),
                    .init(
                        inputs: index == 0 ? widths[max(0, level - 1)] : widths[level],
                        outputs: widths[level],
                        groupCount: groupCount, epsilon: epsilon))
            }
            let upsampler =
                level == widths.count - 1
                ? nil : try Upsample2D(scope.scope("upsamplers.0"), channels: widths[level])
            return Level(resnets: resnets, upsampler: upsampler)
        }
        normOut = try GroupNorm(
            scope.scope("conv_norm_out"), groupCount: groupCount, channels: highest, epsilon: epsilon)
        convOut = try Conv2d(
            scope.scope("conv_out"), inputs: highest, outputs: configuration.imageChannels, kernel: 3,
            stride: 1,
            padding: Padding(1))
    }

    /// - Parameter latents: [batch, height, width, 4].
    /// - Returns: [batch, 8 height, 8 width, 3].
    func callAsFunction(_ latents: Tensor) throws -> Tensor {
        var hiddenStates = try middle(convIn(latents))
        for level in levels {
            for resnet in level.resnets {
                try latents.workspace.checkCancellation()
                hiddenStates = resnet(hiddenStates, activatedTime: nil)
            }
            if let upsampler = level.upsampler {
                try latents.workspace.checkCancellation()
                hiddenStates = upsampler(hiddenStates)
            }
        }
        return convOut(normOut.thenSiLU(hiddenStates))
    }
}

/// The lowest level of both halves: a resnet, attention over all positions, a resnet.
struct AutoencoderMiddle: Sendable {
    private let first: ResnetBlock2D
    private let attention: AutoencoderAttention?
    private let last: ResnetBlock2D

    init(_ scope: WeightScope, channels: Int, _ configuration: AutoencoderConfiguration) throws {
        let groupCount = configuration.normGroupCount
        let sizes = ResnetBlock2D.Sizes(
            inputs: channels, outputs: channels, groupCount: groupCount, epsilon: epsilon)
        first = try ResnetBlock2D(scope.scope("resnets.0"), sizes)
        attention =
            configuration.hasMiddleAttention
            ? try AutoencoderAttention(
                scope.scope("attentions.0"), channels: channels, groupCount: groupCount) : nil
        last = try ResnetBlock2D(scope.scope("resnets.1"), sizes)
    }

    func callAsFunction(_ x: Tensor) throws -> Tensor {
        try x.workspace.checkCancellation()
        let hiddenStates = first(x, activatedTime: nil)
        try x.workspace.checkCancellation()
        return last(attention?(hiddenStates) ?? hiddenStates, activatedTime: nil)
    }
}

/// Self-attention with one head over the positions of an image, around a shortcut.
struct AutoencoderAttention: Sendable {
    private let groupNorm: GroupNorm
    private let toQueries: Linear
    private let toKeys: Linear
    private let toValues: Linear
    private let toOutput: Linear

    init(_ scope: WeightScope, channels: Int, groupCount: Int) throws {
        groupNorm = try GroupNorm(
            scope.scope("group_norm"), groupCount: groupCount, channels: channels, epsilon: epsilon)
        // diffusers renamed these layers in version 0.17; files of either age are in use.
        let names =
            scope.contains("query")
            ? ["query", "key", "value", "proj_attn"] : ["to_q", "to_k", "to_v", "to_out.0"]
        func layer(_ index: Int) throws -> Linear {
            try Linear(scope.scope(names[index]), inputs: channels, outputs: channels)
        }
        toQueries = try layer(0)
        toKeys = try layer(1)
        toValues = try layer(2)
        toOutput = try layer(3)
    }

    /// - Parameter x: [batch, height, width, channels].
    func callAsFunction(_ x: Tensor) -> Tensor {
        let (batch, height, width, channels) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3])
        let normed = groupNorm(x).reshaped([batch, height * width, channels])
        let attended = attention(
            query: toQueries(normed), key: toKeys(normed), value: toValues(normed), headCount: 1)
        return toOutput(attended).reshaped(x.shape) + x
    }
}
