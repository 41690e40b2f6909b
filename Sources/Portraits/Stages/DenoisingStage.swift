import Diffusion
import Networks
import Tensors

/// Noise → clean latents, guided by words, face and poses.
struct DenoisingStage {
    private let unet: UNet2DConditionModel
    private let guidance: Guidance
    private let window: ConditioningWindow
    private let text: TextCondition
    private let face: FaceCondition?
    private var guides: [ControlGuide]

    /// Prepares what stays the same in all steps: the keys and values of text and face in every block, and what
    /// ControlNets see.
    init(
        painter: Painter, text: TextEmbeddings, face: FaceEmbeddings?, settings: PortraitSettings,
        controls: [PreparedControl] = []
    ) {
        let guidance = Guidance(scale: settings.guidanceScale)
        /// Both branches go through the network as one batch, unconditional first, so that weights are read once.
        func branches(_ unconditional: Tensor, _ conditional: Tensor) -> Tensor {
            guidance.isActive ? concatenated([unconditional, conditional], axis: 0) : conditional
        }
        unet = painter.unet
        self.guidance = guidance
        window = ConditioningWindow(
            scale: settings.identityWeight, start: Double(settings.identityStart),
            end: Double(settings.identityEnd))
        let words = branches(text.unconditional, text.conditional)
        self.text = unet.condition(on: words)
        guides = controls.map { ControlGuide($0, text: words) }
        self.face =
            if let adapter = painter.adapter, let face {
                FaceCondition(
                    adapter, tokens: branches(face.unconditional, face.conditional),
                    scale: settings.identityWeight)
            } else {
                nil
            }
    }

    /// The same with other weights of its ControlNets, in their order.
    func weighing(_ weights: [Float]) -> DenoisingStage {
        var stage = self
        stage.guides = zip(guides, weights).map { $0.weighing($1) }
        return stage
    }

    /// The walk from noise to the latents of a picture, to be pulled step by step.
    ///
    /// - Parameter noise: standard normal numbers, [1, height / 8, width / 8, channels].
    func walk(from noise: Tensor, sampler: any Sampler, random: any RandomSource) -> DenoisingLoop {
        let stepCount = sampler.timesteps.count
        return DenoisingLoop(sampler: sampler, noise: noise, random: random) { latents, timestep, step in
            try prediction(latents, timestep: timestep, step: step, of: stepCount)
        }
    }

    /// The walk that redraws part of a picture, to be pulled step by step.
    ///
    /// - Parameters:
    ///   - original: the picture's latents, [1, height / 8, width / 8, channels].
    ///   - mask: 1 where it is redrawn, of the same shape.
    ///   - sampler: begun where the strength says.
    func walk(
        redrawing original: Tensor, within mask: Tensor, noise: Tensor, sampler: any Sampler,
        random: any RandomSource
    ) -> DenoisingLoop {
        let stepCount = sampler.timesteps.count
        return DenoisingLoop(
            sampler: sampler, redrawing: original, within: mask, noise: noise, random: random
        ) { latents, timestep, step in
            try prediction(latents, timestep: timestep, step: step, of: stepCount)
        }
    }

    private func prediction(
        _ latents: Tensor, timestep: Float, step: Int, of stepCount: Int
    ) throws -> Tensor {
        let face = window.scale(atStep: step, of: stepCount) == 0 ? nil : face
        let branches = guidance.isActive ? concatenated([latents, latents], axis: 0) : latents
        let control = try guides.residuals(branches, timestep: timestep, step: step, of: stepCount)
        let predicted = try unet(branches, timestep: timestep, text: text, face: face, control: control)
        guard guidance.isActive else { return predicted }
        return guidance.combined(unconditional: predicted[0..<1], conditional: predicted[1..<2])
    }
}
