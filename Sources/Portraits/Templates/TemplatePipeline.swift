import Diffusion
import Foundation
import Imaging
import Networks
import Tensors

/// One job from template to picture: every chosen face is redrawn as its person, the rest stays bit for bit.
///
/// template → faces → squares; for each chosen face: portrait of its person → laid over the face → drawn anew as far as
/// the strength says, so that light and style are the template's → a last light touch → blended into the template.
/// After the inpainting pipeline of modelscope/facechain (`facechain_inpaint_fact.py`); its face fusion is left out.
struct TemplatePipeline {
    /// Strength of the last pass, which joins what the first one drew (reference).
    private static let touchStrength = 0.1
    /// When the person's portrait shows no face to lay over the template's, the face is drawn from little more than noise.
    private static let strengthWithoutPortrait = 0.85

    private var bench: Workbench
    private let job: PortraitJob
    private let choice: TemplateChoice

    init(_ choice: TemplateChoice, workspace: Workspace, resources: ResourceLocator, job: PortraitJob) throws
    {
        bench = try Workbench(workspace: workspace, resources: resources, job: job)
        self.job = job
        self.choice = choice
    }

    mutating func run(with networks: inout NetworkCache) throws {
        var settings = try job.request.settled(for: bench.model, loras: bench.loras)
        let people = try job.request.people()
        let search = FaceSearch(resources: bench.resources, workspace: bench.workspace)
        let template = try bench.clock.measure(.findingFace) {
            try TemplatePicture(choice.picture, search: search)
        }
        let faces = try choice.faces.map { (number: $0.number, face: try template.face($0.number)) }
        let drawn = try bench.people(people, settings: &settings)
        let text = try bench.text(settings)
        // A template is redrawn in squares, whatever its own form.
        settings.height = settings.width
        let painter = try bench.painter(from: &networks, person: drawn.first, settings: settings)
        let passes = try Passes(settings, strength: choice.strength, schedule: painter.schedule)
        for picture in 1...job.request.count {
            bench.clock.picture = picture
            settings.seed = job.request.seed &+ UInt64(picture - 1)
            bench.clock.beginDenoising(of: faces.count * passes.stepCount)
            var image = template.image
            for (index, chosen) in faces.enumerated() {
                let redrawing = try FaceRedrawing(
                    chosen.face, of: template, in: image, number: chosen.number,
                    share: bench.model.profile.templateFaceShare ?? 0.7, side: settings.width)
                let stage = DenoisingStage(
                    painter: painter, text: text, face: drawn.isEmpty ? nil : drawn[index].embeddings,
                    settings: settings)
                image = try redraw(
                    redrawing, in: image, with: painter, stage: stage, search: search, passes: passes,
                    seed: settings.seed)
            }
            settings.width = image.width
            settings.height = image.height
            job.events.yield(
                .finished(Portrait(image: image, settings: settings, seconds: bench.clock.elapsedSeconds)))
            settings.width = passes.side
            settings.height = passes.side
        }
    }

    private mutating func redraw(
        _ redrawing: FaceRedrawing, in image: Image, with painter: Painter, stage: DenoisingStage,
        search: FaceSearch, passes: Passes, seed: UInt64
    ) throws -> Image {
        var random: any RandomSource = TorchRandom(seed: seed)
        let pasted = try portraitPasted(
            onto: redrawing, with: painter, stage: stage, search: search, passes: passes, random: &random)
        let mask = redrawing.latentMask(
            scale: painter.autoencoder.configuration.pixelsPerLatent,
            channels: painter.unet.configuration.inputChannels, in: bench.workspace)
        func latents(_ image: Image) throws -> Tensor {
            try painter.autoencoder.encode(image.tensor(range: .signedUnit, in: bench.workspace)).mean
        }
        var drawn = try latents(pasted ?? redrawing.original)
        for sampler in [pasted == nil ? passes.fresh : passes.redraw, passes.touch] {
            let noise = random.normal(shape: drawn.shape, in: bench.workspace)
            drawn = try bench.finish(
                stage.walk(redrawing: drawn, within: mask, noise: noise, sampler: sampler, random: random))
        }
        let painted = try bench.decode(drawn, with: painter)
        let reconstruction = try painter.autoencoder.decode(latents(redrawing.original))
        let square = try Image(
            redrawing.withoutDrift(painted, reconstruction: reconstruction), range: .signedUnit)
        return redrawing.square.replaced(in: image, by: square, mask: redrawing.blended)
    }

    /// The square with a portrait of the person laid over the face; `nil` where the portrait shows no face.
    private mutating func portraitPasted(
        onto redrawing: FaceRedrawing, with painter: Painter, stage: DenoisingStage, search: FaceSearch,
        passes: Passes, random: inout any RandomSource
    ) throws -> Image? {
        let side = passes.side / painter.autoencoder.configuration.pixelsPerLatent
        let noise = random.normal(
            shape: [1, side, side, painter.unet.configuration.inputChannels], in: bench.workspace)
        let latents = try bench.finish(stage.walk(from: noise, sampler: passes.portrait, random: random))
        let portrait = try Image(bench.decode(latents, with: painter), range: .signedUnit)
        guard let face = try search.faces(in: SearchedPhoto(portrait)).largest else {
            bench.clock.notice(
                "No face was found in the person's portrait; the template's face leads instead.")
            bench.clock.expectFurther(passes.fresh.timesteps.count - passes.redraw.timesteps.count)
            return nil
        }
        return try redrawing.pasting(portrait, landmarks: face.points)
    }

    /// The samplers of the walks for one face.
    private struct Passes {
        let side: Int
        let portrait: any Sampler
        let redraw: any Sampler
        let fresh: any Sampler
        let touch: any Sampler

        init(_ settings: PortraitSettings, strength: Float, schedule: NoiseSchedule) throws {
            func sampler(_ strength: Double) throws -> any Sampler {
                try settings.sampler.makeSampler(
                    schedule: schedule, stepCount: settings.steps,
                    startStep: SamplerKind.startStep(strength: strength, stepCount: settings.steps))
            }
            side = settings.width
            portrait = try sampler(1)
            redraw = try sampler(Double(strength))
            fresh = try sampler(max(Double(strength), TemplatePipeline.strengthWithoutPortrait))
            touch = try sampler(TemplatePipeline.touchStrength)
        }

        /// Steps for one face, as long as its portrait shows a face.
        var stepCount: Int { portrait.timesteps.count + redraw.timesteps.count + touch.timesteps.count }
    }
}
