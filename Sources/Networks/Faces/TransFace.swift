import Tensors
import Weights

/// The identity encoder: a vision transformer that turns an aligned face into one token for each of its patches.
///
/// Dan et al., "TransFace: Calibrating Transformer Training for Face Recognition from a Data-Centric Perspective",
/// ICCV 2023, arXiv:2308.10133. FaceChain-FACT takes the tokens of TransFace-S (112 pixels, patches of 9, 144 tokens
/// of 512 channels, 12 blocks) as the condition for a person's identity.
///
/// All sizes but the number of heads are read from the weights.
public struct TransFaceEncoder: Sendable {
    /// What the shapes of the weights do not tell.
    public struct Configuration: Sendable, Decodable, Equatable {
        /// Attention heads in each block.
        public var headCount: Int

        /// - Parameter headCount: 8 in the released TransFace-S.
        public init(headCount: Int) { self.headCount = headCount }

        /// TransFace-S.
        public static let small = Configuration(headCount: 8)

        private enum CodingKeys: String, CodingKey { case headCount = "num_heads" }
    }

    /// The number of tokens for one face.
    public let tokenCount: Int
    /// Channels of a token.
    public let width: Int

    private let patchEmbedding: PatchEmbedding
    private let positions: Tensor
    private let blocks: [TransFaceBlock]
    private let norm: LayerNorm

    /// Reads the encoder and leaves the weights of ``TransFaceHead`` unread.
    ///
    /// - Parameter scope: the root of a TransFace state dictionary, with or without the prefix `module.` of PyTorch's
    ///   data parallelism.
    /// - Throws: `WeightsError` if a tensor is missing, left over or of the wrong shape; ``ConfigurationError`` if the
    ///   width is no multiple of the number of heads.
    public init(_ scope: WeightScope, configuration: Configuration) throws {
        let scope = transFaceRoot(scope)
        let patchWeight = "patch_embed.proj.weight"
        width = scope.length(ofAxis: 0, of: patchWeight, released: 512)
        try ConfigurationCheck.divides(
            configuration.headCount, "num_heads", of: width, "the width of the identity encoder")
        patchEmbedding = try PatchEmbedding(
            scope.scope("patch_embed.proj"), width: width,
            patchSize: scope.length(ofAxis: 3, of: patchWeight, released: 9))
        tokenCount = scope.length(ofAxis: 1, of: "pos_embed", released: 144)
        positions = try scope.tensor("pos_embed", [1, tokenCount, width]).reshaped([tokenCount, width])

        var blocks: [TransFaceBlock] = []
        repeat {
            blocks.append(
                try TransFaceBlock(
                    scope.scope("blocks.\(blocks.count)"), width: width, headCount: configuration.headCount))
        } while scope.contains("blocks.\(blocks.count)")
        self.blocks = blocks
        norm = try LayerNorm(scope.scope("norm"), channels: width, epsilon: TransFaceBlock.epsilon)
        try scope.finish(ignoring: TransFaceHead.tensorNames.union(["mask_token"]))
    }

    /// The identity tokens of aligned faces.
    ///
    /// - Parameter images: RGB [n, side, side, 3], -1 to 1; side 112 for the released weights.
    /// - Returns: [n, tokens, width], patches in rows from the top left: [n, 144, 512] for the released weights.
    /// - Throws: `CancellationError` if the workspace of `images` was cancelled.
    public func tokens(_ images: Tensor) throws -> Tensor {
        let patches = patchEmbedding(images)
        precondition(
            patches.shape[1] == tokenCount,
            "images of shape \(images.shape) have \(patches.shape[1]) patches, but the weights want \(tokenCount)"
        )
        var x = patches + positions
        for block in blocks {
            try x.workspace.checkCancellation()
            x = block(x)
        }
        return norm(x)
    }
}

/// The head that makes one identity vector of a face's tokens, for comparing faces with each other.
///
/// It is apart from ``TransFaceEncoder`` because it holds more than half of all weights (49 of 87 million) and only
/// a similarity score needs it.
public struct TransFaceHead: Sendable {
    private static let epsilon: Float = 2e-5

    /// The names that the head reads, relative to the root of a TransFace state dictionary, and the counters of its
    /// batch norms, which only training uses.
    static let tensorNames: Set<String> = {
        let batchNorm = ["weight", "bias", "running_mean", "running_var", "num_batches_tracked"]
        return Set(
            ["senet.0.weight", "senet.2.weight", "feature.0.weight", "feature.2.weight"]
                + batchNorm.map { "feature.1.\($0)" } + batchNorm.map { "feature.3.\($0)" })
    }()

    private let squeeze: Linear
    private let excite: Linear
    private let project: Linear
    private let projectNorm: BatchNorm
    private let embed: Linear
    private let embedNorm: BatchNorm

    /// Whether a TransFace state dictionary holds a head: encoders trained for tokens alone have none.
    public static func isPresent(in scope: WeightScope) -> Bool {
        transFaceRoot(scope).contains("feature")
    }

    /// - Parameters:
    ///   - scope: the root of a TransFace state dictionary.
    ///   - tokenCount: as in the encoder, 144 in TransFace-S.
    ///   - width: as in the encoder, 512 in TransFace-S.
    /// - Throws: `WeightsError` if a tensor is missing or of the wrong shape.
    public init(_ scope: WeightScope, tokenCount: Int, width: Int) throws {
        let scope = transFaceRoot(scope)
        let dimension = scope.length(ofAxis: 0, of: "feature.0.weight", released: 512)
        let inputs = tokenCount * width
        squeeze = try Linear(unbiased: scope.scope("senet.0"), inputs: inputs, outputs: tokenCount)
        excite = try Linear(unbiased: scope.scope("senet.2"), inputs: tokenCount, outputs: tokenCount)
        project = try Linear(unbiased: scope.scope("feature.0"), inputs: inputs, outputs: dimension)
        projectNorm = try BatchNorm(scope.scope("feature.1"), channels: dimension, epsilon: Self.epsilon)
        embed = try Linear(unbiased: scope.scope("feature.2"), inputs: dimension, outputs: dimension)
        embedNorm = try BatchNorm(scope.scope("feature.3"), channels: dimension, epsilon: Self.epsilon)
    }

    /// The identity vectors of faces; the cosine of the angle between two of them says how alike the faces are.
    ///
    /// - Parameter tokens: what ``TransFaceEncoder/tokens(_:)`` returned, [n, tokens, width].
    /// - Returns: [n, 512] for the released weights, of any length (not normalized).
    public func embedding(of tokens: Tensor) -> Tensor {
        let (count, tokenCount, width) = (tokens.shape[0], tokens.shape[1], tokens.shape[2])
        let flat = tokens.reshaped([count, tokenCount * width])
        // Squeeze and excitation: one weight for each patch, from all patches.
        let importance = sigmoid(excite(relu(squeeze(flat))))
        let weighted = tokens * importance.reshaped([count, tokenCount, 1])
        return embedNorm(embed(projectNorm(project(weighted.reshaped(flat.shape)))))
    }
}

/// Checkpoints written from PyTorch's data-parallel wrapper hold everything below `module.`.
private func transFaceRoot(_ scope: WeightScope) -> WeightScope {
    scope.contains("module.patch_embed") ? scope.scope("module") : scope
}

/// Cuts images into square patches without overlap and projects each; pixels beyond the last whole patch are unused.
private struct PatchEmbedding: Sendable {
    private let projection: Conv2d

    init(_ scope: WeightScope, width: Int, patchSize: Int) throws {
        projection = try Conv2d(
            scope, inputs: 3, outputs: width, kernel: patchSize, stride: patchSize, padding: .none)
    }

    /// - Parameter images: [n, height, width, 3].
    /// - Returns: [n, rows * columns, width].
    func callAsFunction(_ images: Tensor) -> Tensor {
        let x = projection(images)
        return x.reshaped([x.shape[0], x.shape[1] * x.shape[2], x.shape[3]])
    }
}

/// One transformer block: self-attention and feed-forward, each behind its LayerNorm and with a residual.
private struct TransFaceBlock: Sendable {
    static let epsilon: Float = 1e-5

    private let norm1: LayerNorm
    private let query: Linear
    private let key: Linear
    private let value: Linear
    private let projection: Linear
    private let norm2: LayerNorm
    private let expand: Linear
    private let contract: Linear
    private let headCount: Int

    init(_ scope: WeightScope, width: Int, headCount: Int) throws {
        self.headCount = headCount
        let hiddenWidth = scope.length(ofAxis: 0, of: "mlp.fc1.weight", released: 4 * width)
        norm1 = try LayerNorm(scope.scope("norm1"), channels: width, epsilon: Self.epsilon)
        let queryKeyValue = try scope.tensor("attn.qkv.weight", [3 * width, width])
        query = Linear(rows: 0..<width, of: queryKeyValue)
        key = Linear(rows: width..<2 * width, of: queryKeyValue)
        value = Linear(rows: 2 * width..<3 * width, of: queryKeyValue)
        projection = try Linear(scope.scope("attn.proj"), inputs: width, outputs: width)
        norm2 = try LayerNorm(scope.scope("norm2"), channels: width, epsilon: Self.epsilon)
        expand = try Linear(scope.scope("mlp.fc1"), inputs: width, outputs: hiddenWidth)
        contract = try Linear(scope.scope("mlp.fc2"), inputs: hiddenWidth, outputs: width)
    }

    /// - Parameter x: [n, tokens, width].
    /// - Returns: [n, tokens, width].
    func callAsFunction(_ x: Tensor) -> Tensor {
        let attended = x + selfAttention(norm1(x))
        return attended + contract(relu6(expand(norm2(attended))))
    }

    private func selfAttention(_ x: Tensor) -> Tensor {
        projection(attention(query: query(x), key: key(x), value: value(x), headCount: headCount))
    }
}

/// Batch norm with the statistics of training, which makes it a scale and a shift for each channel.
private struct BatchNorm: Sendable {
    private let mean: Tensor
    private let variance: Tensor
    private let weight: Tensor
    private let bias: Tensor
    private let epsilon: Float

    init(_ scope: WeightScope, channels: Int, epsilon: Float) throws {
        mean = try scope.tensor("running_mean", [channels])
        variance = try scope.tensor("running_var", [channels])
        weight = try scope.tensor("weight", [channels])
        bias = try scope.tensor("bias", [channels])
        self.epsilon = epsilon
    }

    func callAsFunction(_ x: Tensor) -> Tensor {
        batchNorm(x, mean: mean, variance: variance, weight: weight, bias: bias, epsilon: epsilon)
    }
}
