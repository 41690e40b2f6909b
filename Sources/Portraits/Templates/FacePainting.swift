import Diffusion
import Foundation
import Imaging
import Networks
import Tensors

/// The samplers of the walks that redraw one face.
struct FaceWalks {
    /// Strength of the last walk, which joins what the one before it drew (reference).
    private static let touchStrength = 0.1
    /// When the person's portrait shows no face to lay over the template's, the face is drawn from little more than noise.
    private static let strengthWithoutPortrait = 0.85

    /// From noise to a portrait of the person.
    let portrait: any Sampler
    /// From the portrait's face, laid over the template's, to one that fits in.
    let redraw: any Sampler
    /// The same where there is no such face.
    let fresh: any Sampler
    /// The last touch.
    let touch: any Sampler

    init(_ settings: PortraitSettings, strength: Float, schedule: NoiseSchedule) throws {
        func sampler(_ strength: Double) throws -> any Sampler {
            try settings.sampler.makeSampler(
                schedule: schedule, stepCount: settings.steps,
                startStep: SamplerKind.startStep(strength: strength, stepCount: settings.steps))
        }
        portrait = try sampler(1)
        redraw = try sampler(Double(strength))
        fresh = try sampler(max(Double(strength), Self.strengthWithoutPortrait))
        touch = try sampler(Self.touchStrength)
    }

    /// Steps for one face, as long as its portrait shows a face.
    var stepCount: Int { portrait.timesteps.count + redraw.timesteps.count + touch.timesteps.count }
}

/// One face being painted: from the template's square to the same square with another person's face.
struct FacePainting {
    let redrawing: FaceRedrawing
    let painter: Painter
    let stage: DenoisingStage
    let walks: FaceWalks
    var random: any RandomSource

    /// The painted square, without what the autoencoder changed by itself.
    mutating func square(on bench: inout Workbench) throws -> Image {
        let pasted = try portraitPasted(on: &bench)
        let mask = redrawing.latentMask(
            scale: painter.autoencoder.configuration.pixelsPerLatent,
            channels: painter.unet.configuration.inputChannels, in: bench.workspace)
        var drawn = try latents(of: pasted ?? redrawing.original, in: bench.workspace)
        for sampler in [pasted == nil ? walks.fresh : walks.redraw, walks.touch] {
            let noise = random.normal(shape: drawn.shape, in: bench.workspace)
            drawn = try bench.finish(
                stage.walk(redrawing: drawn, within: mask, noise: noise, sampler: sampler, random: random))
        }
        let painted = try bench.decode(drawn, with: painter)
        let reconstruction = try painter.autoencoder.decode(
            latents(of: redrawing.original, in: bench.workspace))
        return try Image(redrawing.withoutDrift(painted, reconstruction: reconstruction), range: .signedUnit)
    }

    /// The square with a portrait of the person laid over the face; `nil` where the portrait shows no face.
    private mutating func portraitPasted(on bench: inout Workbench) throws -> Image? {
        let scale = painter.autoencoder.configuration.pixelsPerLatent
        let noise = random.normal(
            shape: [
                1, redrawing.original.height / scale, redrawing.original.width / scale,
                painter.unet.configuration.inputChannels,
            ], in: bench.workspace)
        let latents = try bench.finish(stage.walk(from: noise, sampler: walks.portrait, random: random))
        let portrait = try Image(bench.decode(latents, with: painter), range: .signedUnit)
        guard let face = try bench.faces(in: portrait).largest else {
            bench.clock.notice(
                "No face was found in the person's portrait; the template's face leads instead.")
            bench.clock.expectFurther(walks.fresh.timesteps.count - walks.redraw.timesteps.count)
            return nil
        }
        return try redrawing.pasting(portrait, landmarks: face.points)
    }

    private func latents(of image: Image, in workspace: Workspace) throws -> Tensor {
        try painter.autoencoder.encode(image.tensor(range: .signedUnit, in: workspace)).mean
    }
}
