import Diffusion
import Foundation
import Imaging
import Networks
import Tensors

/// A walk of the denoiser: its sampler, and how strongly ControlNets count in it.
struct FaceWalk {
    let sampler: any Sampler
    let weights: TemplateControls.Weights

    var stepCount: Int { sampler.timesteps.count }
}

/// The walks that redraw one face.
struct FaceWalks {
    /// Strength of the last walk, which joins what the one before it drew (reference).
    private static let touchStrength = 0.1
    /// When the person's portrait shows no face to lay over the template's, the face is drawn from little more than noise.
    private static let strengthWithoutPortrait = 0.85

    /// From noise to a portrait of the person.
    let portrait: FaceWalk
    /// From the portrait's face, laid over the template's, to one that fits in.
    let redraw: FaceWalk
    /// The same where there is no such face.
    let fresh: FaceWalk
    /// The last touch.
    let touch: FaceWalk

    init(_ settings: PortraitSettings, strength: Float, schedule: NoiseSchedule) throws {
        func walk(_ strength: Double, _ weights: TemplateControls.Weights) throws -> FaceWalk {
            let sampler = try settings.sampler.makeSampler(
                schedule: schedule, stepCount: settings.steps,
                startStep: SamplerKind.startStep(strength: strength, stepCount: settings.steps))
            return FaceWalk(sampler: sampler, weights: weights)
        }
        portrait = try walk(1, .portrait)
        redraw = try walk(Double(strength), .redraw)
        fresh = try walk(max(Double(strength), Self.strengthWithoutPortrait), .redraw)
        touch = try walk(Self.touchStrength, .touch)
    }

    /// Steps for one face, as long as its portrait shows a face.
    var stepCount: Int { portrait.stepCount + redraw.stepCount + touch.stepCount }
}

/// One face being painted: from the template's square to the same square with another person's face.
struct FacePainting {
    /// The template's head, and who finds the portrait's, where whole heads are exchanged.
    typealias Heads = (template: HeadMask, finder: HeadFinder)

    private(set) var redrawing: FaceRedrawing
    let heads: Heads?
    let painter: Painter
    let stage: DenoisingStage
    /// The stage's ControlNets, in their order.
    let controls: [TemplateControl]
    let walks: FaceWalks
    var random: any RandomSource

    /// The painted square, without what the autoencoder changed by itself.
    mutating func square(on bench: inout Workbench) throws -> Image {
        let pasted = try portraitPasted(on: &bench)
        // What is painted on: where nothing is drawn anew, the autoencoder's loss is that of this picture. The template's
        // own would bring back the outline of a head that is gone.
        let ground = pasted ?? redrawing.original
        let given = try latents(of: ground, in: bench.workspace)
        let mask = redrawing.latentMask(
            scale: painter.autoencoder.configuration.pixelsPerLatent,
            channels: painter.unet.configuration.inputChannels, in: bench.workspace)
        var drawn = given
        for (index, control) in controls.enumerated() {
            bench.trace.record("pose.\(index + 1)", images: control.prepared.picture)
        }
        for walk in [pasted == nil ? walks.fresh : walks.redraw, walks.touch] {
            let noise = random.normal(shape: drawn.shape, in: bench.workspace)
            drawn = try bench.finish(
                stage(of: walk).walk(
                    redrawing: drawn, within: mask, noise: noise, sampler: walk.sampler, random: random))
        }
        let painted = try bench.decode(drawn, with: painter)
        let drift = AutoencoderDrift(of: ground, reconstruction: try painter.autoencoder.decode(given))
        return try Image(
            drift.removed(from: painted, within: redrawing.area.mask.inverted), range: .signedUnit)
    }

    /// The square with a portrait of the person laid over the face; `nil` where the portrait shows no face.
    private mutating func portraitPasted(on bench: inout Workbench) throws -> Image? {
        let scale = painter.autoencoder.configuration.pixelsPerLatent
        let noise = random.normal(
            shape: [
                1, redrawing.original.height / scale, redrawing.original.width / scale,
                painter.unet.configuration.inputChannels,
            ], in: bench.workspace)
        let latents = try bench.finish(
            stage(of: walks.portrait).walk(from: noise, sampler: walks.portrait.sampler, random: random))
        let portrait = try Image(bench.decode(latents, with: painter), range: .signedUnit)
        guard let face = try bench.faces(in: portrait).largest else {
            bench.clock.notice(
                "No face was found in the person's portrait; the template's face leads instead.")
            bench.clock.expectFurther(walks.fresh.stepCount - walks.redraw.stepCount)
            return nil
        }
        if let heads, let head = try heads.finder.mask(landmarks: face.points, in: portrait) {
            return try redrawing.pasting(
                portrait, landmarks: face.points, templateHead: heads.template, portraitHead: head)
        }
        return try redrawing.pasting(portrait, landmarks: face.points)
    }

    private func stage(of walk: FaceWalk) -> DenoisingStage {
        stage.weighing(controls.map { walk.weights[$0.kind] })
    }

    private func latents(of image: Image, in workspace: Workspace) throws -> Tensor {
        try painter.autoencoder.encode(image.tensor(range: .signedUnit, in: workspace)).mean
    }
}
