import Diffusion
import Foundation
import Networks
import Tensors
import Weights

/// One job from photo to picture: the list of stages, and nothing of what happens inside them.
///
/// photo → aligned face → identity tokens → face embeddings; prompt → text states; noise → latents → picture.
struct PortraitPipeline {
    let workspace: Workspace
    let resources: ResourceLocator
    let job: PortraitJob
    private let clock: StageClock
    private var trace: PortraitTrace

    init(workspace: Workspace, resources: ResourceLocator, job: PortraitJob) {
        self.workspace = workspace
        self.resources = resources
        self.job = job
        clock = StageClock(events: job.events)
        trace = PortraitTrace(file: job.request.trace)
    }

    mutating func run(with networks: inout NetworkCache) throws {
        let model = try ModelFiles.find(job.request.models, resources: resources)
        let loras = try LoRAPlan(for: job.request, model: model, resources: resources)
        loras.notices.forEach(clock.notice)
        if let style = job.request.style, style.baseModel != model.profile.family {
            clock.notice(
                "The style \(style.name) was written for \(style.baseModel) models; \(model.title) is another kind."
            )
        }
        var settings = try job.request.settled(for: model, loras: loras)

        let person = try person(model: model, settings: &settings)
        let text = try text(model: model, loras: loras, settings: settings)
        let painter = try clock.measure(.loadingModel) {
            try networks.painter(of: model, loras: loras, person: person)
        }
        try painter.check(settings)
        for picture in 1...job.request.count {
            clock.picture = picture
            settings.seed = job.request.seed &+ UInt64(picture - 1)
            let latents = try denoise(with: painter, text: text, person: person, settings: settings)
            let image = try clock.measure(.decoding) {
                try DecodingStage(autoencoder: painter.autoencoder).image(of: latents, trace: &trace)
            }
            try trace.write()
            job.events.yield(
                .finished(Portrait(image: image, settings: settings, seconds: clock.elapsedSeconds)))
        }
    }

    /// Who is drawn; nobody in particular when the identity has no weight.
    private mutating func person(model: ModelFiles, settings: inout PortraitSettings) throws -> Person? {
        guard settings.identityWeight > 0,
            let files = try FaceModelFiles.find(job.request.models, base: model.location)
        else {
            settings.identityWeight = 0
            return nil
        }
        settings.adapter = files.adapter.deletingPathExtension().lastPathComponent
        let faces = try clock.measure(.findingFace) {
            try FaceStage(resources: resources, workspace: workspace, clock: clock).alignedFaces(
                of: job.request)
        }
        trace.record("face.aligned", images: faces)
        return try clock.measure(.encodingIdentity) {
            let weights = try WeightFile.open(files.adapter.path)
            let stage = try IdentityStage(
                encoder: files.loadEncoder(in: workspace),
                resampler: FaceResampler(WeightScope(weights, in: workspace).scope("local_fac_prj")))
            return Person(
                embeddings: try stage.embeddings(of: faces, trace: &trace), adapterWeights: weights,
                adapterKey: files.adapter.path)
        }
    }

    private mutating func text(
        model: ModelFiles, loras: LoRAPlan, settings: PortraitSettings
    ) throws -> TextEmbeddings {
        try clock.measure(.encodingText) {
            let sizes = try readConfiguration(
                CLIPTextConfiguration.self, from: model.textEncoder.configuration)
            let stage = TextStage(
                tokenizer: try CLIPTokenizer(folder: model.tokenizer),
                encoder: try CLIPTextModel(WeightScope(loras.textEncoder, in: workspace), sizes),
                clock: clock)
            return try stage.embeddings(of: settings, trace: &trace)
        }
    }

    private mutating func denoise(
        with painter: Painter, text: TextEmbeddings, person: Person?, settings: PortraitSettings
    ) throws -> Tensor {
        let stage = DenoisingStage(painter: painter, text: text, face: person?.embeddings, settings: settings)
        let sampler = try settings.sampler.makeSampler(schedule: painter.schedule, stepCount: settings.steps)
        var random: any RandomSource = TorchRandom(seed: settings.seed)
        let noise = try initialNoise(shape: painter.latentsShape(of: settings), random: &random)

        var walk = stage.walk(from: noise, sampler: sampler, random: random)
        trace.record("latents.0", images: walk.latents)
        clock.begin(.denoising, of: walk.stepCount)
        while let step = try walk.next() {
            trace.record("latents.\(walk.nextStep)", images: step.latents)
            clock.step(
                .denoising, walk.nextStep, of: walk.stepCount,
                preview: LatentPreview(of: step.predictedOriginal))
        }
        return walk.latents
    }

    /// The seed's noise, or the user's own.
    private func initialNoise(shape: [Int], random: inout any RandomSource) throws -> Tensor {
        let drawn = random.normal(shape: shape, in: workspace)
        guard let file = job.request.initialLatents else { return drawn }
        let source = try WeightFile.open(file.path)
        let wanted = [1, shape[3], shape[1], shape[2]]
        if let found = source.shape(of: "latents"), found != wanted {
            throw PortraitError.latentsShape(file: file.path, expected: wanted, found: found)
        }
        return try WeightScope(source, in: workspace).tensor("latents", wanted).transposed([0, 2, 3, 1])
    }
}
