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

/// One face being painted: from a template to the same template with another person's face, or whole head.
struct FacePainting {
    typealias ControlledStage = ([PreparedControl]) -> DenoisingStage
    /// So many portraits are painted at most until one is the person.
    private static let mostPortraits = 3

    let number: Int
    /// Who the face becomes; `nil` if nobody in particular.
    let person: Person?
    let template: TemplatePicture
    /// The part of the painted square that the face takes up.
    let share: Double
    /// Pixels on a side of the painted square.
    let side: Int
    /// Who cuts heads out; `nil` where the face alone is exchanged.
    let heads: HeadCutter?
    let painter: Painter
    /// The stage under ControlNets.
    let stage: ControlledStage
    /// The one that paints portraits, where these have a backdrop of their own.
    let backdropStage: ControlledStage?
    let controls: LoadedTemplateControls
    let walks: FaceWalks
    var random: any RandomSource

    /// A picture with this face painted anew, all else as it was.
    ///
    /// - Parameter image: the template, other faces of which may have been painted already.
    mutating func painted(in image: Image, on bench: inout Workbench) throws -> Image {
        let redrawing = try FaceRedrawing(number: number, of: template, in: image, share: share, side: side)
        let held = controls.prepared(for: redrawing, in: bench.workspace)
        func stages(_ stage: ControlledStage) -> FaceStages {
            FaceStages(stage: stage(held.map(\.prepared)), controls: held)
        }
        let drawing = stages(stage)
        let portrayal = try portrait(backdropStage.map(stages) ?? drawing, on: &bench)
        let portrait = portrayal.image
        guard let face = portrayal.face else {
            bench.clock.notice(
                "No face was found in the person's portrait; the template's face leads instead.")
            bench.clock.expectFurther(walks.fresh.stepCount - walks.redraw.stepCount)
            return try withFace(
                redrawing, over: redrawing.original, walks.fresh, drawing, in: image, on: &bench)
        }
        if let heads {
            let place = redrawing.face.detected.points
            if let old = try heads.finder.head(landmarks: place, in: image),
                let head = try heads.head(of: face, in: portrait)
            {
                return try withHead(head, insteadOf: old, redrawing, drawing, in: image, on: &bench)
            }
            bench.clock.notice("Where the head of face \(number) ends cannot be told; its hair stays.")
        }
        let pasted = try redrawing.pasting(portrait, landmarks: face.points)
        return try withFace(redrawing, over: pasted, walks.redraw, drawing, in: image, on: &bench)
    }

    /// A portrait that is the person, or the one of a few that is most like them.
    private mutating func portrait(_ stages: FaceStages, on bench: inout Workbench) throws -> Portrayal {
        var best = try portrayal(stages, on: &bench)
        for _ in 1..<Self.mostPortraits where !best.isPerson {
            let seen = best.likeness.map { " (\($0.sentence))" } ?? ""
            bench.clock.notice(
                "The portrait for face \(number) is not the person yet\(seen); another is painted.")
            bench.clock.expectFurther(walks.portrait.stepCount)
            let next = try portrayal(stages, on: &bench)
            if next.score > best.score { best = next }
        }
        return best
    }

    private mutating func portrayal(_ stages: FaceStages, on bench: inout Workbench) throws -> Portrayal {
        let image = try painted(stages, on: &bench)
        let face = try bench.faces(in: image).largest
        return Portrayal(
            image: image, face: face, likeness: try bench.likeness(of: face, in: image, to: person))
    }

    /// A portrait from noise, as large as the painted square.
    private mutating func painted(_ stages: FaceStages, on bench: inout Workbench) throws -> Image {
        let latents = side / painter.autoencoder.configuration.pixelsPerLatent
        let noise = random.normal(
            shape: [1, latents, latents, painter.unet.configuration.inputChannels], in: bench.workspace)
        let painted = try bench.finish(
            stages.of(walks.portrait).walk(
                from: noise, sampler: walks.portrait.sampler, random: random))
        return try Image(bench.decode(painted, with: painter), range: .signedUnit)
    }

    /// The face drawn anew on a square, without what the autoencoder changed by itself, in its place.
    ///
    /// - Parameter ground: what is painted on. Where nothing is drawn anew, the autoencoder's loss is that of this picture.
    private mutating func withFace(
        _ redrawing: FaceRedrawing, over ground: Image, _ walk: FaceWalk, _ stages: FaceStages,
        in image: Image, on bench: inout Workbench
    ) throws -> Image {
        let (painted, reconstruction) = try redrawn(
            ground, where: redrawing.area.redrawn, walk, stages, on: &bench)
        let drift = AutoencoderDrift(of: ground, reconstruction: reconstruction)
        let square = try Image(
            drift.removed(from: painted, within: redrawing.area.mask.inverted), range: .signedUnit)
        return redrawing.square.replaced(in: image, by: square, mask: redrawing.area.blended)
    }

    /// The person's head in place of the template's, in the tones that the model gives it there.
    ///
    /// The model draws at its own size and is given back what it has painted before, so edges and small things would be
    /// worse for it. Light and colours change slowly: these are taken.
    private mutating func withHead(
        _ head: HeadCutout, insteadOf old: DrawnHead, _ redrawing: FaceRedrawing, _ stages: FaceStages,
        in image: Image,
        on bench: inout Workbench
    ) throws -> Image {
        let exchanged = try HeadExchange(of: redrawing.face, in: image, head: old)
            .exchanged(for: head, in: image)
        let square = redrawing.square
        func seen(_ mask: Mask) -> Mask {
            Mask(width: side, height: side) { mask.value(at: exchanged.square.painted(square.template($0))) }
        }
        let (painted, reconstruction) = try redrawn(
            redrawing.seen(in: exchanged.image), where: seen(exchanged.changed), walks.redraw, stages,
            on: &bench)
        let tones = Tones(change: painted - reconstruction, of: seen(exchanged.person))
        return tones.given(to: exchanged.image, in: square) {
            exchanged.person.value(at: exchanged.square.painted($0))
        }
    }

    /// A picture after the walk and the last touch, and what the autoencoder makes of it, [1, side, side, 3] in -1…1.
    private mutating func redrawn(
        _ ground: Image, where mask: Mask, _ walk: FaceWalk, _ stages: FaceStages,
        on bench: inout Workbench
    ) throws -> (painted: Tensor, reconstruction: Tensor) {
        let given = try painter.autoencoder.encode(
            ground.tensor(range: .signedUnit, in: bench.workspace)
        ).mean
        let cells = mask.shrunken(by: painter.autoencoder.configuration.pixelsPerLatent)
        let channels = painter.unet.configuration.inputChannels
        let open = Tensor(
            cells.values.flatMap { [Float](repeating: $0, count: channels) },
            shape: [1, cells.height, cells.width, channels], in: bench.workspace)
        for (index, control) in stages.controls.enumerated() {
            bench.trace.record("pose.\(index + 1)", images: control.prepared.picture)
        }
        var drawn = given
        for walk in [walk, walks.touch] {
            let noise = random.normal(shape: drawn.shape, in: bench.workspace)
            drawn = try bench.finish(
                stages.of(walk).walk(
                    redrawing: drawn, within: open, noise: noise, sampler: walk.sampler, random: random))
        }
        return (try bench.decode(drawn, with: painter), try painter.autoencoder.decode(given))
    }
}

/// A portrait from noise, its face, and how much that is the person's, if anybody can tell.
private struct Portrayal {
    let image: Image
    let face: DetectedFace?
    let likeness: Likeness?

    var score: Float { likeness?.score ?? -1 }
    /// Nobody objects: a face is there, and the person's unless nobody can tell.
    var isPerson: Bool { face != nil && likeness.map { $0.verdict == .same } ?? true }
}

/// The denoising of one face, with ControlNets that count differently in each walk.
private struct FaceStages {
    let stage: DenoisingStage
    let controls: [TemplateControl]

    func of(_ walk: FaceWalk) -> DenoisingStage { stage.weighing(controls.map { walk.weights[$0.kind] }) }
}

/// Cuts heads out of portraits.
struct HeadCutter {
    let finder: DrawnHeadFinder
    let meshes: MediaPipeFaceMesh

    /// The head of a face; `nil` where the person is not seen well.
    ///
    /// - Throws: `ImagingError.degenerateLandmarks`, `CancellationError`.
    func head(of face: DetectedFace, in portrait: Image) throws -> HeadCutout? {
        guard let head = try finder.head(landmarks: face.points, in: portrait) else { return nil }
        let outline = try FaceOutline(of: face, mesh: meshes.mesh(of: face, in: portrait))
        return HeadCutout(of: portrait, face: face, outline: outline, head: head)
    }
}
