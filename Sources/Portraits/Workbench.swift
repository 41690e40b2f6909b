import Diffusion
import Foundation
import Imaging
import Networks
import Tensors
import Weights

/// What every kind of job works with: the model it asked for, its words and people, and the clock that tells of it.
struct Workbench {
    let workspace: Workspace
    let resources: ResourceLocator
    let request: PortraitRequest
    let model: ModelFiles
    let loras: LoRAPlan
    let clock: StageClock
    var trace: PortraitTrace
    private let search: FaceSearch
    /// There when a person is drawn and the encoder has a head.
    private var judge: LikenessJudge?

    /// Finds the model and what is merged into it.
    ///
    /// - Throws: what is wrong with the model's files, the profile or a LoRA.
    init(workspace: Workspace, resources: ResourceLocator, job: PortraitJob) throws {
        self.workspace = workspace
        self.resources = resources
        request = job.request
        model = try ModelFiles.find(job.request.models, resources: resources)
        loras = try LoRAPlan(for: job.request, model: model, resources: resources)
        clock = StageClock(events: job.events)
        trace = PortraitTrace(file: job.request.trace)
        search = FaceSearch(resources: resources, workspace: workspace)
        loras.notices.forEach(clock.notice)
        if let style = job.request.style, !style.isMade(for: model.profile) {
            let without = style.lora == nil ? "" : " Its LoRA is left out."
            clock.notice(
                "The style \(style.name) was written for \(style.baseModel) models; \(model.title) is another kind.\(without)"
            )
        }
    }

    /// Every person of the job, in order; nobody in particular when the identity has no weight.
    mutating func people(_ photos: [PersonPhotos], settings: inout PortraitSettings) throws -> [Person] {
        guard settings.identityWeight > 0,
            let files = try FaceModelFiles.find(request.models, base: model.location)
        else {
            settings.identityWeight = 0
            return []
        }
        settings.adapter = files.adapter.deletingPathExtension().lastPathComponent
        let faces = try clock.measure(.findingFace) {
            let stage = FaceStage(
                search: search, headFinder: try headFinder(for: files), workspace: workspace, clock: clock)
            return try photos.map { try stage.alignedFaces(of: $0) }
        }
        trace.record("face.aligned", images: faces[0].whole)
        if let heads = faces[0].heads { trace.record("face.heads", images: heads) }
        if request.promptPrefix == nil { settings.personWords = try words(for: faces) }
        return try clock.measure(.encodingIdentity) {
            let weights = try WeightFile.open(files.adapter.path)
            let encoderScope = WeightScope(try WeightFile.open(files.encoder.path), in: workspace)
            let encoder = try files.loadEncoder(encoderScope)
            let judge = try LikenessJudge(
                encoderScope, encoder: encoder, scale: files.likenessScale(of: model.profile))
            self.judge = judge
            let stage = try IdentityStage(
                encoder: encoder,
                resampler: FaceResampler(WeightScope(weights, in: workspace).scope("local_fac_prj")))
            return try faces.map { faces in
                let tokens = try stage.tokens(of: faces.encoded)
                // Pictures are judged with all that surrounds their faces; so is the person they are compared with.
                let wholeTokens = faces.heads == nil ? tokens : try stage.tokens(of: faces.whole)
                return Person(
                    embeddings: try stage.embeddings(of: tokens, trace: &trace),
                    identity: judge?.identity(ofTokens: wholeTokens) ?? [], adapterWeights: weights,
                    adapterKey: files.adapter.path)
            }
        }
    }

    private func headFinder(for files: FaceModelFiles) throws -> HeadFinder? {
        guard files.masksHead(by: model.profile) else { return nil }
        return try HeadFinder(folder: resources.mediaPipeModels.path, in: workspace)
    }

    /// What FairFace reads from the first photo of everybody; `nil` without its weights.
    private func words(for faces: [AlignedFaces]) throws -> [PersonWords]? {
        guard let file = AttributeReader.file(in: resources.userPerceptionModels) else { return nil }
        let words = try clock.measure(.readingPerson) {
            let reader = try AttributeReader(file: file, in: workspace)
            return try faces.map { try reader.words(for: $0.whole[0..<1]) }
        }
        let prefixes = words.map(\.prefix).joined(separator: "; ")
        clock.notice("\(AttributeReader.title) puts before the prompt: \(prefixes).")
        return words
    }

    /// The words as the denoiser takes them, for everybody of whom there are own ones, in order; else once.
    ///
    /// The settings become those of the first.
    mutating func texts(_ settings: inout PortraitSettings) throws -> [TextEmbeddings] {
        try texts(&settings, with: [""])[0]
    }

    /// The same for each of some additions to the prompt.
    mutating func texts(_ settings: inout PortraitSettings, with additions: [String]) throws
        -> [[TextEmbeddings]]
    {
        let prompts = (settings.personWords ?? [PersonWords(prefix: "")]).map(settings.prompts)
        (settings.prompt, settings.negativePrompt) = prompts[0]
        let texts = try clock.measure(.encodingText) {
            let sizes = try readConfiguration(
                CLIPTextConfiguration.self, from: model.textEncoder.configuration)
            let stage = TextStage(
                tokenizer: try CLIPTokenizer(folder: model.tokenizer),
                encoder: try CLIPTextModel(WeightScope(loras.textEncoder, in: workspace), sizes),
                clock: clock)
            return try additions.map { addition in
                try prompts.map { words in
                    try stage.embeddings(
                        of: PortraitSettings.joined([words.prompt, addition]), avoiding: words.negativePrompt)
                }
            }
        }
        trace.record("text.cond", texts[0][0].conditional)
        trace.record("text.uncond", texts[0][0].unconditional)
        return texts
    }

    /// The large networks, checked against the picture's size.
    func painter(
        from networks: inout NetworkCache, person: Person?, settings: PortraitSettings
    ) throws -> Painter {
        let painter = try clock.measure(.loadingModel) {
            try networks.painter(of: model, loras: loras, person: person)
        }
        try painter.check(settings)
        return painter
    }

    /// Pulls a walk to its end, telling of every step, and returns the latents it arrives at.
    mutating func finish(_ walk: consuming DenoisingLoop) throws -> Tensor {
        trace.record("latents.0", images: walk.latents)
        while let step = try walk.next() {
            trace.record("latents.\(walk.nextStep)", images: step.latents)
            clock.denoised(preview: LatentPreview(of: step.predictedOriginal))
        }
        return walk.latents
    }

    /// The picture of latents.
    mutating func decode(_ latents: Tensor, with painter: Painter) throws -> Tensor {
        let decoded = try painter.autoencoder.decode(latents)
        trace.record("image", picture: decoded)
        try trace.write()
        return decoded
    }

    /// The faces of a picture, from left to right, in its pixels.
    func faces(in image: Image) throws -> [DetectedFace] {
        let searched = SearchedPhoto(image)
        return try search.faces(in: searched).map { $0.scaled(by: 1 / searched.scale) }
    }

    /// How much a face of a picture is a person's; `nil` when nobody can judge it.
    func likeness(of face: DetectedFace?, in image: Image, to person: Person?) throws -> Likeness? {
        guard let judge, let face, let person else { return nil }
        let aligned = try FaceStage.alignedFace(of: image, landmarks: face.points, in: workspace)
        return try judge.likeness(of: aligned, to: person.identity)
    }

    /// Tells the user when a picture is not the person.
    func warn(of likeness: Likeness?) {
        guard let likeness, likeness.verdict == .different else { return }
        clock.notice(
            "Picture \(clock.picture): \(likeness.sentence). Another seed, --best-of 4 or a higher face weight may help."
        )
    }
}
