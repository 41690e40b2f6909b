import Networks
import Tensors

/// What the adapter needs to know of a person, for both branches of guidance.
struct FaceEmbeddings {
    /// [1, 16 × photos, channels]
    let conditional: Tensor
    /// The same for no person: the resampler's answer to zero tokens.
    let unconditional: Tensor
}

/// Aligned faces → identity tokens → face embeddings.
struct IdentityStage {
    private let encoder: TransFaceEncoder
    private let resampler: FaceResampler

    /// - Throws: `PortraitError.mismatch` when encoder and resampler come from different worlds.
    init(encoder: TransFaceEncoder, resampler: FaceResampler) throws {
        guard encoder.width == resampler.inputWidth else {
            throw PortraitError.mismatch(
                part: "identity encoder", expected: encoder.width, otherPart: "face adapter",
                found: resampler.inputWidth)
        }
        self.encoder = encoder
        self.resampler = resampler
    }

    /// The identity tokens of one person's aligned faces [photos, 112, 112, 3].
    func tokens(of faces: Tensor) throws -> Tensor { try encoder.tokens(faces) }

    /// The face embeddings of those tokens.
    func embeddings(of tokens: Tensor, trace: inout PortraitTrace) throws -> FaceEmbeddings {
        let embeddings = FaceEmbeddings(
            conditional: try resampler(tokens), unconditional: try resampler.unconditional(like: tokens))
        trace.record("face.tokens", tokens)
        trace.record("face.embeds", embeddings.conditional)
        trace.record("face.embeds.uncond", embeddings.unconditional)
        return embeddings
    }
}
