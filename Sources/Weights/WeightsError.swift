/// Why weights could not be read or do not fit.
///
/// `origin` is a file or folder as the user knows it; `name` is a tensor's name in it.
public enum WeightsError: Error, Equatable, Sendable {
    case cannotRead(file: String, reason: String)
    case cannotWrite(file: String, reason: String)
    case foreignFormat(file: String, ForeignFormat)
    case safetensors(file: String, SafetensorsFault)
    case zip(file: String, ZipFault)
    case pickle(file: String, PickleFault)
    case torch(file: String, TorchFault)
    case tflite(file: String, TFLiteFault)
    case noWeights(file: String, StateDictionaryFault)
    case noWeightsInFolder(String)
    case shardIndex(file: String, reason: String)
    case wrongArchitecture(origin: String, found: String)
    case notControlNet(origin: String, found: String)
    case lora(origin: String, LoRAFault)
    case missingTensor(origin: String, name: String)
    case wrongShape(origin: String, name: String, expected: [Int], found: [Int])
    case notFinite(origin: String, name: String, count: Int)
    case unreadTensors(origin: String, names: [String])
    case unsupportedElementType(origin: String, name: String, type: String)
    case notIntegers(origin: String, name: String, type: String)
}

extension WeightsError: CustomStringConvertible {
    /// One sentence, or two, for the person at the keyboard.
    public var description: String {
        switch self {
        case .cannotRead(let file, let reason):
            "\(file) cannot be read: \(reason)."
        case .cannotWrite(let file, let reason):
            "\(file) cannot be written: \(reason)."
        case .safetensors(let file, let fault):
            "\(file) is not a valid safetensors file: \(fault.description)"
        case .foreignFormat(let file, let format):
            "\(file) is not a file of weights that can be used: \(format.description)"
        case .zip(let file, let fault):
            "\(file) is a damaged PyTorch file: \(fault.description)"
        case .pickle(let file, let fault):
            "\(file) was refused: \(fault.description)"
        case .torch(let file, let fault):
            "\(file) is a PyTorch file that cannot be read: \(fault.description)"
        case .tflite(let file, let fault):
            "\(file) is not a TFLite model that can be run here: \(fault.description)"
        case .noWeights(let file, let fault):
            "\(file) holds no usable weights: \(fault.description)"
        case .noWeightsInFolder(let folder):
            "\(folder) holds no weights: no diffusion_pytorch_model or model file in .safetensors or .bin form."
        case .shardIndex(let file, let reason):
            "\(file) is not a usable index of weight files: \(reason)."
        case .wrongArchitecture(let origin, let found):
            "\(origin) is \(found). A Stable Diffusion 1.x model is needed here."
        case .notControlNet(let origin, let found):
            "\(origin) is not a ControlNet but \(found)."
        case .lora(let origin, let fault):
            "\(origin) \(fault.description)"
        case .missingTensor(let origin, let name):
            "\(origin) has no tensor \(quoted(name)). It is incomplete or belongs to another kind of model."
        case .wrongShape(let origin, let name, let expected, let found):
            "\(origin): tensor \(quoted(name)) should have the shape \(expected) but has \(found). "
                + "It belongs to another kind of model."
        case .notFinite(let origin, let name, let count):
            "\(origin): tensor \(quoted(name)) holds \(count) values that are infinite or not a number. "
                + "The file is damaged or was saved by a training run that had failed."
        case .unreadTensors(let origin, let names):
            "\(origin) holds tensors that this model does not have: \(listed(names))."
        case .unsupportedElementType(let origin, let name, let type):
            "\(origin): tensor \(quoted(name)) is stored as \(type), which cannot be used here. "
                + "Save the file with 16- or 32-bit floats."
        case .notIntegers(let origin, let name, let type):
            "\(origin): tensor \(quoted(name)) is stored as \(type), not as whole numbers of up to 63 bits."
        }
    }
}
