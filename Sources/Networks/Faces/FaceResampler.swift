import Tensors
import Weights

/// Condenses the identity tokens of each photo into a few face tokens for the adapter layers of the UNet.
///
/// A Perceiver resampler: learned latents that look at the identity tokens (Alayrac et al., "Flamingo", 2022,
/// arXiv:2204.14198, appendix A.1.1). In FaceChain-FACT's adapter files its tensors stand below `local_fac_prj.`.
/// All sizes are read from the weights; a head has 64 channels.
public struct FaceResampler: Sendable {
    /// Face tokens for each photo: 16 in the released adapters.
    public let queryCount: Int
    /// Channels of an identity token: 512 in the released adapters.
    public let inputWidth: Int
    /// Channels of a face token: 768 in the released adapters.
    public let outputWidth: Int

    private let latents: Tensor
    private let projectionIn: Linear
    private let layers: [FaceResamplerLayer]
    private let projectionOut: Linear
    private let normOut: LayerNorm

    /// - Parameter scope: the scope `local_fac_prj` of an adapter file.
    /// - Throws: `WeightsError` if a tensor is missing, left over or of the wrong shape.
    public init(_ scope: WeightScope) throws {
        let width = scope.length(ofAxis: 2, of: "latents", released: 1024)
        queryCount = scope.length(ofAxis: 1, of: "latents", released: 16)
        inputWidth = scope.length(ofAxis: 1, of: "proj_in.weight", released: 512)
        outputWidth = scope.length(ofAxis: 0, of: "proj_out.weight", released: 768)

        latents = try scope.tensor("latents", [1, queryCount, width])
        projectionIn = try Linear(scope.scope("proj_in"), inputs: inputWidth, outputs: width)
        var layers: [FaceResamplerLayer] = []
        repeat {
            layers.append(try FaceResamplerLayer(scope.scope("layers.\(layers.count)"), width: width))
        } while scope.contains("layers.\(layers.count)")
        self.layers = layers
        projectionOut = try Linear(scope.scope("proj_out"), inputs: width, outputs: outputWidth)
        normOut = try LayerNorm(
            scope.scope("norm_out"), channels: outputWidth, epsilon: FaceResamplerLayer.epsilon)
        try scope.finish(ignoring: [])
    }

    /// The face tokens of one person, those of several photos behind each other.
    ///
    /// - Parameter tokens: identity tokens of n photos, [n, tokens, inputWidth].
    /// - Returns: [1, n * queryCount, outputWidth].
    /// - Throws: `CancellationError` if the workspace of `tokens` was cancelled.
    public func callAsFunction(_ tokens: Tensor) throws -> Tensor {
        precondition(
            tokens.shape.count == 3 && tokens.shape[2] == inputWidth,
            "the face resampler wants [photos, tokens, \(inputWidth)], not \(tokens.shape)")
        let photoCount = tokens.shape[0]
        let context = projectionIn(tokens)
        var x = concatenated(Array(repeating: latents, count: photoCount), axis: 0)
        for layer in layers {
            try x.workspace.checkCancellation()
            x = layer(x, context: context)
        }
        return normOut(projectionOut(x)).reshaped([1, photoCount * queryCount, outputWidth])
    }

    /// The face tokens for the unconditional branch of guidance: those of identity tokens that are all zero.
    ///
    /// - Parameter tokens: the identity tokens of the conditional branch, for their shape.
    /// - Returns: [1, n * queryCount, outputWidth], n equal parts.
    /// - Throws: `CancellationError` if the workspace of `tokens` was cancelled.
    public func unconditional(like tokens: Tensor) throws -> Tensor {
        let single = try self(Tensor.zeros([1, tokens.shape[1], inputWidth], in: tokens.workspace))
        return concatenated(Array(repeating: single, count: tokens.shape[0]), axis: 1)
    }
}

/// Latents look at the identity tokens and at themselves, then pass a feed-forward network; both with a residual.
private struct FaceResamplerLayer: Sendable {
    static let epsilon: Float = 1e-5
    private static let headWidth = 64

    private let contextNorm: LayerNorm
    private let latentsNorm: LayerNorm
    private let query: Linear
    private let key: Linear
    private let value: Linear
    private let output: Linear
    private let feedForwardNorm: LayerNorm
    private let expand: Linear
    private let contract: Linear
    private let headCount: Int

    init(_ scope: WeightScope, width: Int) throws {
        headCount = max(1, scope.length(ofAxis: 0, of: "0.to_q.weight", released: 768) / Self.headWidth)
        let innerWidth = headCount * Self.headWidth
        let hiddenWidth = scope.length(ofAxis: 0, of: "1.1.weight", released: 4 * width)
        contextNorm = try LayerNorm(scope.scope("0.norm1"), channels: width, epsilon: Self.epsilon)
        latentsNorm = try LayerNorm(scope.scope("0.norm2"), channels: width, epsilon: Self.epsilon)
        query = try Linear(unbiased: scope.scope("0.to_q"), inputs: width, outputs: innerWidth)
        let keyValue = try scope.tensor("0.to_kv.weight", [2 * innerWidth, width])
        key = Linear(rows: 0..<innerWidth, of: keyValue)
        value = Linear(rows: innerWidth..<2 * innerWidth, of: keyValue)
        output = try Linear(unbiased: scope.scope("0.to_out"), inputs: innerWidth, outputs: width)
        feedForwardNorm = try LayerNorm(scope.scope("1.0"), channels: width, epsilon: Self.epsilon)
        expand = try Linear(unbiased: scope.scope("1.1"), inputs: width, outputs: hiddenWidth)
        contract = try Linear(unbiased: scope.scope("1.3"), inputs: hiddenWidth, outputs: width)
    }

    /// - Parameters:
    ///   - latents: [n, queries, width].
    ///   - context: the projected identity tokens, [n, tokens, width].
    func callAsFunction(_ latents: Tensor, context: Tensor) -> Tensor {
        let attended = latents + crossAttention(latentsNorm(latents), context: contextNorm(context))
        return attended + contract(gelu(expand(feedForwardNorm(attended))))
    }

    private func crossAttention(_ latents: Tensor, context: Tensor) -> Tensor {
        let everything = concatenated([context, latents], axis: 1)
        return output(
            attention(
                query: query(latents), key: key(everything), value: value(everything), headCount: headCount))
    }
}
