import Diffusion
import Foundation
import Imaging
import Networks
import Tensors
import Weights

/// One job from photo to picture: the list of stages, and nothing of what happens inside them.
///
/// photo → aligned face → identity tokens → face embeddings; prompt → text states; noise → latents → picture.
struct PortraitPipeline {
    private var bench: Workbench
    private let job: PortraitJob

    init(workspace: Workspace, resources: ResourceLocator, job: PortraitJob) throws {
        bench = try Workbench(workspace: workspace, resources: resources, job: job)
        self.job = job
    }

    mutating func run(with networks: inout NetworkCache) throws {
        var settings = try job.request.settled(for: bench.model, loras: bench.loras)
        let person = try bench.people([job.request.person], settings: &settings).first
        let text = try bench.texts(&settings)[0]
        let poses = try bench.poses(settings)
        let painter = try bench.painter(from: &networks, person: person, settings: settings)
        let controls = try bench.controls(poses, from: &networks, for: painter)
        let stage = DenoisingStage(
            painter: painter, text: text, face: person?.embeddings, settings: settings, controls: controls)
        var selection = PortraitSelection(job.request)
        for picture in 1...selection.madeCount {
            bench.clock.picture = picture
            settings.seed = job.request.seed &+ UInt64(picture - 1)
            let latents = try paint(with: painter, stage: stage, settings: settings)
            let image = try bench.clock.measure(.decoding) {
                try Image(bench.decode(latents, with: painter), range: .signedUnit)
            }
            settings.likeness = try bench.likeness(
                of: bench.faces(in: image).largest, in: image, to: person)
            bench.warn(of: settings.likeness)
            let portrait = Portrait(
                image: image, settings: settings, seconds: bench.clock.elapsedSeconds)
            for kept in selection.add(portrait) { job.events.yield(.finished(kept)) }
        }
    }

    private mutating func paint(
        with painter: Painter, stage: DenoisingStage, settings: PortraitSettings
    ) throws -> Tensor {
        let sampler = try settings.sampler.makeSampler(schedule: painter.schedule, stepCount: settings.steps)
        var random: any RandomSource = TorchRandom(seed: settings.seed)
        let noise = try initialNoise(shape: painter.latentsShape(of: settings), random: &random)
        let walk = stage.walk(from: noise, sampler: sampler, random: random)
        bench.clock.beginDenoising(of: walk.stepCount)
        return try bench.finish(walk)
    }

    /// The seed's noise, or the user's own.
    private func initialNoise(shape: [Int], random: inout any RandomSource) throws -> Tensor {
        let drawn = random.normal(shape: shape, in: bench.workspace)
        guard let file = job.request.initialLatents else { return drawn }
        let source = try WeightFile.open(file.path)
        let wanted = [1, shape[3], shape[1], shape[2]]
        if let found = source.shape(of: "latents"), found != wanted {
            throw PortraitError.latentsShape(file: file.path, expected: wanted, found: found)
        }
        return try WeightScope(source, in: bench.workspace).tensor("latents", wanted).transposed([0, 2, 3, 1])
    }
}
