import Diffusion
import Foundation
import Imaging
import Networks
import Tensors

/// One job from template to picture: every chosen face is redrawn as its person, the rest stays bit for bit.
///
/// template → faces → squares; for each chosen face: portrait of its person → laid over the face → drawn anew as far as
/// the strength says, so that light and style are the template's → a last light touch → blended into the template.
/// With a model that exchanges heads: portrait → its head cut out → the template's taken away → the new one laid over →
/// toned as the model would draw it there.
/// ControlNets, where there are any, hold the posture and the edges around the face meanwhile.
/// After the inpainting pipeline of modelscope/facechain (`facechain_inpaint_fact.py`); its face fusion is left out.
struct TemplatePipeline {
    /// The part of the square that a face takes up, unless the model's profile says otherwise (reference).
    private static let faceShare = 0.7

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
        // Faces are redrawn in squares, whatever the template's own form.
        settings.height = settings.width
        let template = try bench.clock.measure(.findingFace) {
            try TemplatePicture(choice.picture, bench: bench)
        }
        let faces = try choice.faces.map { try template.face($0.number).detected }
        let controls = try TemplateControls(choice, model: bench.model, resources: bench.resources)
        settings.template?.controls = controls.kinds.isEmpty ? nil : controls.kinds.map(\.rawValue)
        let poses = try bench.poses(of: template, for: controls)
        let people = try bench.people(job.request.people(), settings: &settings)
        let backdrops = bench.model.profile.templateBackdrop.map { [$0] } ?? []
        let texts = try bench.texts(&settings, with: [""] + backdrops)
        let painter = try bench.painter(from: &networks, person: people.first, settings: settings)
        let loaded = try bench.loaded(controls, poses: poses, from: &networks, for: painter)
        let heads = try headCutter()
        let walks = try FaceWalks(settings, strength: choice.strength, schedule: painter.schedule)
        var selection = PortraitSelection(job.request)
        for picture in 1...selection.madeCount {
            bench.clock.picture = picture
            settings.seed = job.request.seed &+ UInt64(picture - 1)
            bench.clock.beginDenoising(of: faces.count * walks.stepCount)
            var image = template.image
            for (index, chosen) in choice.faces.enumerated() {
                let (place, person) = (
                    min(index, texts[0].count - 1), people.isEmpty ? nil : people[index]
                )
                func stage(_ text: TextEmbeddings) -> FacePainting.ControlledStage {
                    { [settings] held in
                        DenoisingStage(
                            painter: painter, text: text, face: person?.embeddings, settings: settings,
                            controls: held)
                    }
                }
                var painting = FacePainting(
                    number: chosen.number, person: settings.identityWeight > 0 ? person : nil,
                    template: template,
                    share: bench.model.profile.templateFaceShare ?? Self.faceShare, side: settings.width,
                    heads: heads, painter: painter,
                    stage: stage(texts[0][place]),
                    backdropStage: texts.dropFirst().first.map { stage($0[place]) }, controls: loaded,
                    walks: walks, random: TorchRandom(seed: settings.seed))
                image = try painting.painted(in: image, on: &bench)
            }
            let portrait = try finished(image, faces: faces, people: people, settings: settings)
            for kept in selection.add(portrait) { job.events.yield(.finished(kept)) }
        }
    }

    /// Who finds heads and cuts them out; `nil` for models that exchange faces alone.
    ///
    /// - Throws: `WeightsError` if a network cannot be read.
    private func headCutter() throws -> HeadCutter? {
        guard bench.model.profile.exchangesHeads ?? false else { return nil }
        return HeadCutter(
            finder: try DrawnHeadFinder(resources: bench.resources, in: bench.workspace),
            meshes: try MediaPipeFaceMesh(folder: bench.resources.mediaPipeModels.path, in: bench.workspace))
    }

    /// The picture with its record: its own size, and the likeness of the face that is least its person's.
    private func finished(
        _ image: Image, faces: [DetectedFace], people: [Person], settings: PortraitSettings
    ) throws -> Portrait {
        var settings = settings
        (settings.width, settings.height) = (image.width, image.height)
        // The redrawn faces lie where the template's lay.
        let scores = try zip(faces, people).compactMap { try bench.likeness(of: $0, in: image, to: $1) }
        settings.likeness = scores.min { $0.score < $1.score }
        bench.warn(of: settings.likeness)
        return Portrait(image: image, settings: settings, seconds: bench.clock.elapsedSeconds)
    }
}
