import Foundation
import Imaging
import Networks
import Tensors

/// ControlNets that hold the template's posture and edges while a face of it is redrawn.
///
/// What they look at, and how strongly they count in each walk, is the reference's (modelscope/facechain,
/// `facechain_inpaint_fact.py`), but for one thing: OpenPose's face map is drawn only where its weights are there to read
/// one, and then from the template, not from the pasted portrait. ControlNets for bodies do without.
struct TemplateControls {
    /// What a ControlNet looks at.
    enum Kind: String {
        /// The skeleton of the face's person.
        case pose
        /// The template's edges outside of the face.
        case canny
    }

    /// How strongly the ControlNets count in a walk.
    struct Weights {
        static let portrait = Weights(pose: 1, canny: 0)
        static let redraw = Weights(pose: 1, canny: 0.2)
        static let touch = Weights(pose: 0.8, canny: 0.8)

        let pose: Float
        let canny: Float

        subscript(kind: Kind) -> Float { kind == .pose ? pose : canny }
    }

    let files: [(kind: Kind, files: ControlNetFiles)]

    /// Finds the ControlNets of a job: those that were named, and the model's own.
    ///
    /// - Throws: `PortraitError.controlNetNotFound` for one that was named, or what is wrong with a file.
    init(_ choice: TemplateChoice, model: ModelFiles, resources: ResourceLocator) throws {
        func found(_ location: URL?) throws -> ControlNetFiles {
            try ControlNetFiles.find(location, beside: model, shape: resources.stableDiffusionShape)
        }
        let own = ControlNetFiles.place(beside: model.location).path
        let pose: ControlNetFiles? =
            switch choice.poseNetwork {
            case .file(let file): try found(file)
            case .besideModel: FileManager.default.fileExists(atPath: own) ? try found(nil) : nil
            case .none: nil
            }
        let canny = try choice.cannyNetwork.map(found)
        files = [(Kind.pose, pose), (.canny, canny)].compactMap { kind, files in
            files.map { (kind: kind, files: $0) }
        }
    }

    /// Which there are, in order.
    var kinds: [Kind] { files.map(\.kind) }
}

/// A ControlNet with what it looks at while a face is redrawn.
struct TemplateControl {
    let kind: TemplateControls.Kind
    let prepared: PreparedControl
}

/// A job's ControlNets, loaded, and the postures they follow.
struct LoadedTemplateControls {
    private static let cannyThresholds = (low: 100, high: 200)

    let networks: [(kind: TemplateControls.Kind, network: ControlNet)]
    /// Of the template's people, in its pixels.
    let poses: [BodyPose]
    let drawing: PoseDrawing

    /// The ControlNets with what they look at while a face is redrawn, at full weight.
    func prepared(for redrawing: FaceRedrawing, in workspace: Workspace) -> [TemplateControl] {
        networks.map { kind, network in
            let picture = kind == .pose ? skeleton(of: redrawing) : edges(around: redrawing)
            let prepared = PreparedControl(
                network: network, picture: picture.tensor(range: .unit, in: workspace),
                settings: .init(pose: nil, network: nil, weight: 1, start: 0, end: 1))
            return TemplateControl(kind: kind, prepared: prepared)
        }
    }

    private func skeleton(of redrawing: FaceRedrawing) -> Image {
        let original = redrawing.original
        return drawing.skeleton(
            of: [redrawing.skeleton(from: poses)], in: original, width: original.width,
            height: original.height)
    }

    private func edges(around redrawing: FaceRedrawing) -> Image {
        let (low, high) = Self.cannyThresholds
        let edges = redrawing.original.cannyEdges(low: low, high: high)
        return Image(width: edges.width, height: edges.height, channels: .rgb, filledWith: [0, 0, 0])
            .blended(over: edges, mask: redrawing.area.redrawn)
    }
}

extension FaceRedrawing {
    /// The face's person in pixels of `original`: the body that belongs to the face, if one was seen, with the eyes and the
    /// nose where the face has them.
    fileprivate func skeleton(from poses: [BodyPose]) -> BodyPose {
        let own = poses.first { pose in
            pose[.nose].map { face.detected.box.contains($0.position) } ?? false
        }
        var pose = own ?? BodyPose(points: BodyPose.Joint.allCases.map { _ in nil })
        for (joint, point) in zip([BodyPose.Joint.rightEye, .leftEye, .nose], face.detected.points) {
            pose.points[joint.rawValue] = Keypoint(position: point, confidence: 1)
        }
        func painted(_ points: [Keypoint?]) -> [Keypoint?] {
            points.map { point in
                point.map { Keypoint(position: square.painted($0.position), confidence: $0.confidence) }
            }
        }
        return BodyPose(
            points: painted(pose.points), hands: pose.hands.map(painted), face: painted(pose.face))
    }
}

extension FaceBox {
    fileprivate func contains(_ point: Point) -> Bool {
        (Double(left)...Double(right)).contains(point.x) && (Double(top)...Double(bottom)).contains(point.y)
    }
}

extension Workbench {
    /// The postures of a template's people, if a ControlNet asks for them.
    ///
    /// - Throws: `WeightsError` if a network cannot be read, `CancellationError`.
    func poses(of template: TemplatePicture, for controls: TemplateControls) throws -> [BodyPose] {
        guard controls.kinds.contains(.pose) else { return [] }
        return try clock.measure(.findingPose) {
            try PoseSearch(resources: resources, workspace: workspace).poses(in: template.image).poses
        }
    }

    /// The same controls with their networks.
    ///
    /// - Throws: `ControlNetError` if one was made for another model, or what is wrong with a file.
    func loaded(
        _ controls: TemplateControls, poses: [BodyPose], from networks: inout NetworkCache,
        for painter: Painter
    ) throws -> LoadedTemplateControls {
        let loaded =
            try controls.files.isEmpty
            ? []
            : clock.measure(.loadingModel) {
                try networks.controlNets(controls.files.map(\.files), for: painter)
            }
        return LoadedTemplateControls(
            networks: zip(controls.kinds, loaded).map { (kind: $0, network: $1) }, poses: poses,
            drawing: PoseDrawing(modelSide: model.profile.width))
    }
}
