import Tensors
import Weights

/// What all blocks of a UNet are told about one step.
struct UNetCondition {
    /// The time embedding behind SiLU, [1, 4 C].
    let activatedTime: Tensor
    let text: TextCondition
    let face: FaceCondition?
}

/// A resnet, followed by a transformer in blocks that attend.
struct UNetLayer: Sendable {
    private let resnet: ResnetBlock2D
    let transformer: Transformer2DModel?

    /// - Parameters:
    ///   - scope: the block's; the layer is `resnets.index` and, if there is a site, `attentions.index` in it.
    ///   - site: the transformer's place, or nil if there is none.
    init(
        _ scope: WeightScope, index: Int, inputs: Int, outputs: Int, site: TransformerSite?,
        _ configuration: UNetConfiguration
    ) throws {
        resnet = try ResnetBlock2D(
            scope.scope("resnets.\(index)"), .resnet(inputs, outputs, configuration),
            timeEmbeddingDimension: configuration.timeEmbeddingDimension)
        transformer = try site.map {
            try Transformer2DModel(scope.scope("attentions.\(index)"), $0, configuration)
        }
    }

    func callAsFunction(_ x: Tensor, _ condition: UNetCondition) throws -> Tensor {
        try x.workspace.checkCancellation()
        let hiddenStates = resnet(x, activatedTime: condition.activatedTime)
        return try transformer?(hiddenStates, condition) ?? hiddenStates
    }
}

/// `DownBlock2D` and `CrossAttnDownBlock2D`: layers at one resolution, then half of it except at the last level.
struct UNetDownBlock: Sendable {
    let layers: [UNetLayer]
    private let downsampler: Downsample2D?

    init(_ scope: WeightScope, level: Int, _ configuration: UNetConfiguration) throws {
        let channels = configuration.blockChannels[level]
        let inputs = configuration.blockChannels[max(0, level - 1)]
        layers = try (0..<configuration.layersPerBlock[level]).map { index in
            try UNetLayer(
                scope, index: index, inputs: index == 0 ? inputs : channels, outputs: channels,
                site: configuration.downSite(level: level, layer: index), configuration)
        }
        downsampler =
            level == configuration.blockChannels.count - 1
            ? nil : try Downsample2D(scope.scope("downsamplers.0"), channels: channels, padding: Padding(1))
    }

    /// The hidden states after every layer and after halving; the last goes on, all return on the way up.
    func callAsFunction(_ x: Tensor, _ condition: UNetCondition) throws -> [Tensor] {
        var states: [Tensor] = []
        for layer in layers { states.append(try layer(states.last ?? x, condition)) }
        if let downsampler, let last = states.last { states.append(downsampler(last)) }
        return states
    }
}

/// `UNetMidBlock2DCrossAttn`: a resnet, a transformer and a resnet at the lowest resolution.
struct UNetMiddleBlock: Sendable {
    let layer: UNetLayer
    private let lastResnet: ResnetBlock2D

    init(_ scope: WeightScope, _ configuration: UNetConfiguration) throws {
        let site = configuration.middleSite
        layer = try UNetLayer(
            scope, index: 0, inputs: site.channels, outputs: site.channels, site: site, configuration)
        lastResnet = try ResnetBlock2D(
            scope.scope("resnets.1"), .resnet(site.channels, site.channels, configuration),
            timeEmbeddingDimension: configuration.timeEmbeddingDimension)
    }

    func callAsFunction(_ x: Tensor, _ condition: UNetCondition) throws -> Tensor {
        lastResnet(try layer(x, condition), activatedTime: condition.activatedTime)
    }
}

/// `UpBlock2D` and `CrossAttnUpBlock2D`: layers that each also see a state of the way down, then twice the resolution
/// except at the first level.
struct UNetUpBlock: Sendable {
    let layers: [UNetLayer]
    private let upsampler: Upsample2D?

    /// - Parameter index: counted in running order, from the lowest resolution up.
    init(_ scope: WeightScope, index: Int, _ configuration: UNetConfiguration) throws {
        let level = configuration.blockChannels.count - 1 - index
        let channels = configuration.blockChannels[level]
        let below = configuration.blockChannels[min(level + 1, configuration.blockChannels.count - 1)]
        let above = configuration.blockChannels[max(0, level - 1)]
        let layerCount = configuration.layersPerBlock[level] + 1
        layers = try (0..<layerCount).map { layer in
            // The states of one level's way down are its layers' and, first of all, what the level above passed on.
            let skipped = layer == layerCount - 1 ? above : channels
            return try UNetLayer(
                scope, index: layer, inputs: (layer == 0 ? below : channels) + skipped, outputs: channels,
                site: configuration.upSite(index: index, layer: layer), configuration)
        }
        upsampler = level == 0 ? nil : try Upsample2D(scope.scope("upsamplers.0"), channels: channels)
    }

    /// - Parameter skipped: the states of the way down; the last ones are used up.
    func callAsFunction(_ x: Tensor, skipped: inout [Tensor], _ condition: UNetCondition) throws -> Tensor {
        var hiddenStates = x
        for layer in layers {
            hiddenStates = try layer(concatenated([hiddenStates, skipped.removeLast()], axis: 3), condition)
        }
        return upsampler?(hiddenStates) ?? hiddenStates
    }
}

extension ResnetBlock2D.Sizes {
    fileprivate static func resnet(_ inputs: Int, _ outputs: Int, _ configuration: UNetConfiguration) -> Self
    {
        Self(
            inputs: inputs, outputs: outputs, groupCount: configuration.normGroupCount,
            epsilon: configuration.normEpsilon)
    }
}

extension UNetConfiguration {
    /// Every transformer, in running order.
    var transformerSites: [TransformerSite] {
        let levels = blockChannels.indices
        let down = levels.flatMap { level in
            (0..<layersPerBlock[level]).compactMap { downSite(level: level, layer: $0) }
        }
        let up = levels.flatMap { index in
            (0...layersPerBlock[levels.count - 1 - index]).compactMap { upSite(index: index, layer: $0) }
        }
        return down + [middleSite] + up
    }

    fileprivate func downSite(level: Int, layer: Int) -> TransformerSite? {
        downBlocksAttend[level] ? site("down_blocks.\(level).attentions.\(layer)", level: level) : nil
    }

    fileprivate var middleSite: TransformerSite {
        site("mid_block.attentions.0", level: blockChannels.count - 1)
    }

    fileprivate func upSite(index: Int, layer: Int) -> TransformerSite? {
        let level = blockChannels.count - 1 - index
        return upBlocksAttend[level] ? site("up_blocks.\(index).attentions.\(layer)", level: level) : nil
    }

    private func site(_ path: String, level: Int) -> TransformerSite {
        TransformerSite(
            path: path, channels: blockChannels[level], headCount: headCounts[level],
            blockCount: transformerLayersPerBlock[level])
    }
}
