import Glibc
import Tensors

/// Finds the weights in a folder as diffusers and transformers lay one out.
enum WeightFolder {
    /// File names in the order of preference: safetensors before pickles, full precision before half, whole files
    /// before shards.
    private static let candidates = [
        "diffusion_pytorch_model.safetensors", "model.safetensors",
        "diffusion_pytorch_model.safetensors.index.json", "model.safetensors.index.json",
        "diffusion_pytorch_model.fp16.safetensors", "model.fp16.safetensors",
        "diffusion_pytorch_model.bin", "pytorch_model.bin",
        "diffusion_pytorch_model.bin.index.json", "pytorch_model.bin.index.json",
        "diffusion_pytorch_model.fp16.bin", "pytorch_model.fp16.bin",
    ]

    /// Opens the first of the known files that is there.
    ///
    /// - Throws: ``WeightsError/noWeightsInFolder(_:)``, or what is wrong with the file.
    static func open(_ folder: String) throws -> any WeightSource {
        let files = candidates.map { "\(folder)/\($0)" }
        guard let file = files.first(where: { access($0, F_OK) == 0 }) else {
            throw WeightsError.noWeightsInFolder(folder)
        }
        return file.hasSuffix(".index.json") ? try ShardedWeights(index: file) : try WeightFile.open(file)
    }

    static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }
}
