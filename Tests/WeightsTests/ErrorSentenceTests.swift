import Testing
import Weights

/// The sentences that a user reads, word for word.
@Suite struct ErrorSentenceTests {
    static let sentences: [(WeightsError, String)] = [
        (
            .cannotRead(file: "a.ckpt", reason: "Permission denied"),
            "a.ckpt cannot be read: Permission denied."
        ),
        (
            .foreignFormat(file: "a.ckpt", .gitLFSPointer),
            "a.ckpt is not a file of weights that can be used: it is only a Git LFS pointer to the real file. "
                + "Run 'git lfs pull' where it was cloned, or download the file itself."
        ),
        (
            .safetensors(file: "a.safetensors", .truncated(missing: 12)),
            "a.safetensors is not a valid safetensors file: its last 12 bytes are missing. "
                + "The download probably stopped early: fetch it again."
        ),
        (
            .safetensors(file: "a.safetensors", .trailingBytes(count: 3)),
            "a.safetensors is not a valid safetensors file: 3 bytes follow the last tensor. The tensors may be "
                + "intact; save the file again with a tool that you trust, or cut those bytes off."
        ),
        (
            .zip(file: "a.pt", .damagedRecord("archive/data/0")),
            "a.pt is a damaged PyTorch file: record \"archive/data/0\" is not where the table of contents says."
        ),
        (
            .pickle(file: "a.pt", .runsCode(["os.system"])),
            "a.pt was refused: it asks the reader to run \"os.system\". Nothing was run. "
                + "This is how malicious files attack Python programs: do not open it with other tools."
        ),
        (
            .pickle(file: "a.pt", .unknownObjects(["net.Model"])),
            "a.pt was refused: it contains \"net.Model\", which no file of weights needs. Nothing was run. "
                + "Ask its author for a safetensors file."
        ),
        (
            .noWeights(file: "a.pt", .noTensors),
            "a.pt holds no usable weights: there are no named tensors in it. "
                + "A whole pickled model must first be saved as its state_dict()."
        ),
        (
            .noWeightsInFolder("unet"),
            "unet holds no weights: no diffusion_pytorch_model or model file in .safetensors or .bin form."
        ),
        (
            .wrongArchitecture(origin: "a.ckpt", found: "a Stable Diffusion XL model"),
            "a.ckpt is a Stable Diffusion XL model. A Stable Diffusion 1.x model is needed here."
        ),
        (
            .lora(origin: "a.safetensors", .otherBase("Stable Diffusion 2")),
            "a.safetensors was made for Stable Diffusion 2, and this is a Stable Diffusion 1.x model."
        ),
        (
            .missingTensor(origin: "unet", name: "conv_in.weight"),
            "unet has no tensor \"conv_in.weight\". It is incomplete or belongs to another kind of model."
        ),
        (
            .wrongShape(
                origin: "unet", name: "conv_in.weight", expected: [320, 4, 3, 3], found: [320, 9, 3, 3]),
            "unet: tensor \"conv_in.weight\" should have the shape [320, 4, 3, 3] but has [320, 9, 3, 3]. "
                + "It belongs to another kind of model."
        ),
        (
            .notFinite(origin: "unet", name: "conv_in.weight", count: 2),
            "unet: tensor \"conv_in.weight\" holds 2 values that are infinite or not a number. "
                + "The file is damaged or was saved by a training run that had failed."
        ),
        (
            .unreadTensors(origin: "vae", names: ["a", "b", "c", "d", "e", "f", "g"]),
            "vae holds tensors that this model does not have: \"a\", \"b\", \"c\", \"d\", \"e\" and 2 more."
        ),
    ]

    @Test(arguments: sentences)
    func everyErrorSaysWhatWhereAndWhatToDo(error: WeightsError, sentence: String) {
        #expect(error.description == sentence)
    }

    @Test(arguments: ForeignFormat.allCases)
    func everyForeignFormatHasItsOwnSentence(format: ForeignFormat) {
        let others = ForeignFormat.allCases.filter { $0 != format }
        #expect(!others.contains { $0.description == format.description })
    }

    @Test func foreignNamesCannotReachTheTerminalRaw() {
        let error = WeightsError.missingTensor(origin: "unet", name: "a\u{1B}[2Jb\u{9B}31m\u{202E}c\n")
        #expect(error.description.contains("\"a\\u{1b}[2Jb\\u{9b}31m\\u{202e}c\\u{a}\""))
    }

    @Test func longNamesAreShortened() {
        let name = String(repeating: "x", count: 1_000)
        #expect(WeightsError.missingTensor(origin: "unet", name: name).description.count < 250)
    }
}
