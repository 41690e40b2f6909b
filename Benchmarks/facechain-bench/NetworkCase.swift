import Foundation
import Networks
import Tensors
import Weights

/// Whole networks of a model folder, for one 512 × 512 image or the size named.
///
/// Weights are read when a case is prepared, which is not timed, and so is what a portrait computes once for all
/// steps: the keys and values of text and face.
extension Case {
    static func networks(model: URL) -> [Case] {
        [
            denoiser("unet", model: model, latentSide: 64, faceWeight: 0),
            denoiser("unet+fact", model: model, latentSide: 64, faceWeight: 0.5),
            autoencoder("vae-decode-64x64", model: model, input: [1, 64, 64, 4]) { try $0.decode($1) },
            autoencoder("vae-encode-512x512", model: model, input: [1, 512, 512, 3]) {
                try $0.encode($1).mean
            },
        ]
    }

    private static func denoiser(_ name: String, model: URL, latentSide: Int, faceWeight: Float) -> Case {
        Case(name: "\(name)-\(latentSide)x\(latentSide)", operations: .nan) { workspace in
            let folder = model.appendingPathComponent("unet")
            let configuration = try readConfiguration(
                UNetConfiguration.self, from: folder.appendingPathComponent("config.json"))
            let unet = try UNet2DConditionModel(
                weights(folder, "diffusion_pytorch_model", in: workspace), configuration)
            let latents = noise([1, latentSide, latentSide, configuration.inputChannels], in: workspace)
            let text = unet.condition(
                on: noise([1, 77, configuration.crossAttentionDimension], in: workspace))
            var face: FaceCondition?
            if faceWeight != 0 {
                let adapter = try FaceAdapter(
                    weights(model, "face_adapter", in: workspace), for: configuration)
                let tokens = noise([1, 16, adapter.tokenChannels], in: workspace)
                face = FaceCondition(adapter, tokens: tokens, scale: faceWeight)
            }
            let condition = face
            return { try unet(latents, timestep: 500, text: text, face: condition) }
        }
    }

    private static func autoencoder(
        _ name: String, model: URL, input shape: [Int],
        _ body: @escaping @Sendable (AutoencoderKL, Tensor) throws -> Tensor
    ) -> Case {
        Case(name: name, operations: .nan) { workspace in
            let folder = model.appendingPathComponent("vae")
            let configuration = try readConfiguration(
                AutoencoderConfiguration.self, from: folder.appendingPathComponent("config.json"))
            let autoencoder = try AutoencoderKL(
                weights(folder, "diffusion_pytorch_model", in: workspace), configuration)
            let input = noise(shape, in: workspace)
            return { try body(autoencoder, input) }
        }
    }

    private static func weights(
        _ folder: URL, _ name: String, in workspace: Workspace
    ) throws -> WeightScope {
        let file = folder.appendingPathComponent("\(name).safetensors")
        return WeightScope(try WeightFile.open(file.path), in: workspace)
    }
}
