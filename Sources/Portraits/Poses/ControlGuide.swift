import Diffusion
import Networks
import Tensors

/// A ControlNet and what it follows.
struct PreparedControl {
    let network: ControlNet
    /// [1, height, width, 3] in 0…1.
    let picture: Tensor
    let settings: PortraitSettings.Control
}

/// A ControlNet at work: what it needs in every step, computed once, and the steps in which it takes part.
struct ControlGuide {
    private let network: ControlNet
    private let condition: ControlCondition
    private var window: ConditioningWindow

    /// - Parameter text: the text states of all branches of guidance; as in diffusers'
    ///   `StableDiffusionControlNetPipeline`, the network works in each of them.
    init(_ control: PreparedControl, text: Tensor) {
        network = control.network
        condition = network.condition(on: text, picture: control.picture)
        window = ConditioningWindow(
            scale: control.settings.weight, start: Double(control.settings.start),
            end: Double(control.settings.end))
    }

    /// The same with another weight.
    func weighing(_ weight: Float) -> ControlGuide {
        var guide = self
        guide.window.scale = weight
        return guide
    }

    /// What it adds at a step; `nil` outside of its window.
    fileprivate func residuals(
        _ latents: Tensor, timestep: Float, step: Int, of count: Int
    ) throws -> ControlResiduals? {
        let scale = window.scale(atStep: step, of: count)
        guard scale != 0 else { return nil }
        return try network(latents, timestep: timestep, condition: condition, scale: scale)
    }
}

extension [ControlGuide] {
    /// What all of them together add at a step; `nil` if none takes part.
    ///
    /// - Parameter latents: of all branches of guidance, as the UNet gets them.
    func residuals(
        _ latents: Tensor, timestep: Float, step: Int, of count: Int
    ) throws -> ControlResiduals? {
        try reduce(nil) { sum, guide in
            guard let answer = try guide.residuals(latents, timestep: timestep, step: step, of: count) else {
                return sum
            }
            return sum.map { $0 + answer } ?? answer
        }
    }
}
