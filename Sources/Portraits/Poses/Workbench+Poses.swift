import Tensors

/// A posture, seen, and the files of the ControlNet that shall follow it.
struct SeenPose {
    let files: ControlNetFiles
    /// [1, height, width, 3] in 0…1.
    let picture: Tensor
    let settings: PortraitSettings.Control
}

extension Workbench {
    /// The skeletons that a job's ControlNets will see, in the request's order.
    ///
    /// - Throws: `ImagingError`, `PortraitError.noPose`, `.controlNetNotFound`, or what is wrong with a file.
    mutating func poses(_ settings: PortraitSettings) throws -> [SeenPose] {
        guard let controls = settings.controls else { return [] }
        let files = try request.activeControls.map {
            try ControlNetFiles.find($0.network, beside: model, shape: resources.stableDiffusionShape)
        }
        let pictures = try clock.measure(.findingPose) {
            let stage = PoseStage(
                search: PoseSearch(resources: resources, workspace: workspace),
                drawing: PoseDrawing(modelSide: model.profile.width), workspace: workspace, clock: clock)
            return try request.activeControls.map { try stage.picture(of: $0.pose, settings: settings) }
        }
        for (index, picture) in pictures.enumerated() { trace.record("pose.\(index + 1)", images: picture) }
        return zip(zip(files, pictures), controls).map { SeenPose(files: $0.0, picture: $0.1, settings: $1) }
    }

    /// The same with the networks loaded.
    ///
    /// - Throws: `ControlNetError` if one was made for another model, or what is wrong with a file.
    func controls(
        _ poses: [SeenPose], from networks: inout NetworkCache, for painter: Painter
    ) throws -> [PreparedControl] {
        guard !poses.isEmpty else { return [] }
        let loaded = try clock.measure(.loadingModel) {
            try networks.controlNets(poses.map(\.files), for: painter)
        }
        return zip(loaded, poses).map {
            PreparedControl(network: $0, picture: $1.picture, settings: $1.settings)
        }
    }
}
