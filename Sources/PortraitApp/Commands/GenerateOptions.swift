import Foundation
import Portraits

/// What `facechain generate` was asked for.
struct GenerateOptions: Sendable {
    var request: PortraitRequest
    var styleName: String?
    var output: URL?
    var threadCount: Int?
    var prefersJSON = false
    var isQuiet = false
    var wantsHelp = false

    init() {
        request = PortraitRequest(photos: [], seed: UInt64.random(in: 0..<(1 << 32)))
    }

    /// The option table, in the order of `--help`.
    static let table: [CommandOption<GenerateOptions>] =
        personOptions + identityOptions + poseOptions + styleOptions + modelOptions + drawingOptions
        + outputOptions

    private static let personOptions: [CommandOption<GenerateOptions>] = [
        .value(
            "--photo", "FILE", "a photo of the person (PNG or JPEG); repeat for several photos of one person"
        ) {
            $0.request.photos.append(URL(fileURLWithPath: $1))
        },
        .value("--face", "N", "which face of the photo, from left to right (default: the largest)") {
            $0.request.faceNumber = try ArgumentValue.integer($1, "--face", in: 1...1000)
        },
        .value(
            "--landmarks", "X,Y,...",
            "five points instead of detection: eyes, nose, mouth corners, image left first"
        ) {
            $0.request.landmarks = try landmarks($1)
        },
    ]

    static let identityOptions: [CommandOption<GenerateOptions>] = [
        .value("--id-weight", "W", "how strongly the face is kept, 0 to 2 (default: the model's)") {
            $0.request.identity.weight = try ArgumentValue.decimal($1, "--id-weight", in: 0...2)
        },
        .value("--id-start", "F", "fraction of the steps after which the face begins to count (default 0)") {
            $0.request.identity.start = try ArgumentValue.decimal($1, "--id-start", in: 0...1)
        },
        .value("--id-end", "F", "fraction of the steps after which it ends (default 1)") {
            $0.request.identity.end = try ArgumentValue.decimal($1, "--id-end", in: 0...1)
        },
    ]

    static let styleOptions: [CommandOption<GenerateOptions>] = [
        .value("--style", "NAME", "a style; 'facechain styles' lists them") { $0.styleName = $1 },
        .value("--lora", "FILE[:WEIGHT]", "a style LoRA with its weight (default 1); repeatable") {
            $0.request.loras.append(try lora($1))
        },
        .value("--prompt", "TEXT", "your own words, put before the style's") { $0.request.prompt = $1 },
        .value(
            "--prompt-prefix", "auto|none|TEXT",
            "the person's age and gender before all words: as FairFace reads the photo, where its weights are "
                + "(auto, the default), nothing, or your own words"
        ) {
            $0.request.promptPrefix = $1 == "auto" ? nil : $1 == "none" ? "" : $1
        },
        .value("--negative", "TEXT", "what to avoid (default: the model's list)") {
            $0.request.negativePrompt = $1
        },
    ]

    static let modelOptions: [CommandOption<GenerateOptions>] = [
        .value(
            "--model", "DIR|FILE", "a Stable Diffusion 1.5 folder or checkpoint (default: the embedded model)"
        ) {
            $0.request.models.base = URL(fileURLWithPath: $1)
        },
        .value("--adapter", "FILE|none", "the face adapter (default: the one beside the model)") {
            $0.request.models.adapter = $1 == "none" ? .none : .file(URL(fileURLWithPath: $1))
        },
        .value("--encoder", "FILE", "the identity encoder (default: the one beside the model)") {
            $0.request.models.encoder = URL(fileURLWithPath: $1)
        },
    ]

    static let drawingOptions: [CommandOption<GenerateOptions>] = [
        .value("--steps", "N", "denoising steps") {
            $0.request.steps = try ArgumentValue.integer($1, "--steps", in: 1...1000)
        },
        .value("--cfg", "G", "guidance: how strictly the words are followed; 1 is none and twice as fast") {
            $0.request.guidanceScale = try ArgumentValue.decimal($1, "--cfg", in: 1...30)
        },
        .value("--sampler", "NAME", PortraitSettings.samplerNames.joined(separator: ", ")) {
            $0.request.sampler = $1
        },
        .value("--seed", "N", "the same seed gives the same picture (default: a new one each time)") {
            guard let seed = UInt64($1) else { throw UsageError("--seed takes a whole number, not '\($1)'.") }
            $0.request.seed = seed
        },
        .value("--size", "WxH", "picture size in pixels, multiples of 8 (default: the model's)") {
            let size = try ArgumentValue.size($1, "--size")
            $0.request.width = size.width
            $0.request.height = size.height
        },
        .value("--count", "N", "how many pictures") {
            $0.request.count = try ArgumentValue.integer($1, "--count", in: 1...1000)
        },
        .value("--best-of", "N", "make N pictures and keep the --count that are most the person") {
            $0.request.bestOf = try ArgumentValue.integer($1, "--best-of", in: 1...1000)
        },
        .value(
            "--latents", "FILE",
            "start from the tensor 'latents' of a safetensors file instead of the seed's noise"
        ) {
            $0.request.initialLatents = URL(fileURLWithPath: $1)
        },
        .value("--threads", "N", "how many CPU threads work (default: all)") {
            $0.threadCount = try ArgumentValue.integer($1, "--threads", in: 1...256)
        },
    ]

    static let outputOptions: [CommandOption<GenerateOptions>] = [
        .value(
            "--out", "PATH",
            "the picture's file (.png or .jpg), or a folder (default: a new file in this folder)"
        ) {
            $0.output = URL(fileURLWithPath: $1)
        },
        .value("--trace", "FILE", "write every stage's tensors to a safetensors file") {
            $0.request.trace = URL(fileURLWithPath: $1)
        },
        .toggle("--json", "progress and results as JSON lines") { $0.prefersJSON = true },
        .toggle("--quiet", "print only what was written, or why not") { $0.isQuiet = true },
        .toggle("--help", "this text") { $0.wantsHelp = true },
    ]

    private static func landmarks(_ text: String) throws -> [Landmark] {
        let numbers = text.split(separator: ",", omittingEmptySubsequences: false).map {
            Float($0.trimmingCharacters(in: .whitespaces))
        }
        let values = numbers.compactMap { $0 }.filter(\.isFinite)
        guard numbers.count == 10, values.count == 10 else {
            throw UsageError(
                "--landmarks takes ten numbers x,y,x,y,...: both eyes, the nose and both mouth corners, image left first."
            )
        }
        return stride(from: 0, to: 10, by: 2).map { Landmark(x: values[$0], y: values[$0 + 1]) }
    }

    /// `file.safetensors` or `file.safetensors:0.7`; a colon that no number follows belongs to the name.
    private static func lora(_ text: String) throws -> PortraitRequest.LoRAChoice {
        if let colon = text.lastIndex(of: ":"), let weight = Float(text[text.index(after: colon)...]) {
            guard weight.isFinite, abs(weight) <= 10 else {
                throw UsageError("--lora: the weight \(weight) is not between -10 and 10.")
            }
            return .init(file: String(text[..<colon]), weight: weight)
        }
        return .init(file: text, weight: 1)
    }
}
