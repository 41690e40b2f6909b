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
    let encoder: TransFaceEncoder
    let resampler: FaceResampler

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

    /// The face embeddings of one person's aligned faces [photos, 112, 112, 3].
    func embeddings(of faces: Tensor, trace: inout PortraitTrace) throws -> FaceEmbeddings {
        let tokens = try encoder.tokens(faces)
        let embeddings = FaceEmbeddings(
            conditional: try resampler(tokens), unconditional: try resampler.unconditional(like: tokens))
        trace.record("face.tokens", tokens)
        trace.record("face.embeds", embeddings.conditional)
        trace.record("face.embeds.uncond", embeddings.unconditional)
        return embeddings
    }
}
