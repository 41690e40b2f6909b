import Networks
import Tensors

/// What the denoiser needs to know of the words, for both branches of guidance.
struct TextEmbeddings {
    /// [1, 77, channels]
    let conditional: Tensor
    /// The same for the negative prompt.
    let unconditional: Tensor
}

/// Prompts → text states.
struct TextStage {
    let tokenizer: CLIPTokenizer
    let encoder: CLIPTextModel
    let clock: StageClock

    /// The text states of both prompts. Words beyond 77 tokens are dropped, and the user is told.
    func embeddings(of prompt: String, avoiding negativePrompt: String) throws -> TextEmbeddings {
        let count = tokenizer.count(prompt)
        if count > CLIPTokenizer.length - 2 {
            clock.notice(
                "The prompt has \(count) tokens; the text encoder reads the first \(CLIPTokenizer.length - 2) of them."
            )
        }
        return TextEmbeddings(
            conditional: try encoder(tokens: [tokenizer.encode(prompt)]),
            unconditional: try encoder(tokens: [tokenizer.encode(negativePrompt)]))
    }
}
