/// What can be wrong with a portrait job that is not a file format's own error.
public enum PortraitError: Error, Equatable {
    case resourcesNotFound(searched: [String])
    case unreadableStyle(file: String, reason: String)
    case unreadableTemplate(file: String, reason: String)
    case unknownStyle(name: String, suggestions: [String])
    case unreadableProfile(file: String, reason: String)
    case unknownSampler(name: String, known: [String])
    case noPhoto
    case noFace(photo: String)
    case noFaceInTemplate(template: String)
    case noFaceChosen(template: String)
    case faceNumberOutOfRange(photo: String, number: Int, count: Int)
    case valueOutOfRange(name: String, value: String, allowed: String)
    case sizeNotMultiple(width: Int, height: Int, multiple: Int)
    case modelNotFound(path: String)
    case modelIncomplete(folder: String, missing: String)
    case noPose(picture: String)
    case alreadySkeleton(picture: String)
    case controlNetNotFound(path: String, isNamed: Bool, family: String)
    case adapterNotFound(model: String)
    case encoderNotFound(model: String)
    case loraNotFound(name: String, searched: [String])
    case latentsShape(file: String, expected: [Int], found: [Int])
    case mismatch(part: String, expected: Int, otherPart: String, found: Int)
}

extension PortraitError: CustomStringConvertible {
    /// One or two sentences for the person at the keyboard.
    public var description: String {
        switch self {
        case .resourcesNotFound(let searched):
            "The folders 'Models' and 'Styles' that belong to facechain were not found (looked in "
                + "\(searched.prefix(3).joined(separator: ", "))); set FACECHAIN_HOME to the folder that holds them."
        case .unreadableStyle(let file, let reason):
            "\(file) is not a style: \(reason)."
        case .unreadableTemplate(let file, let reason):
            "\(file) does not describe a template: \(reason)."
        case .unknownStyle(let name, let suggestions):
            "There is no style '\(name)'"
                + (suggestions.isEmpty ? "" : "; did you mean \(suggestions.joined(separator: ", "))?")
                + " 'facechain styles' lists them all."
        case .unreadableProfile(let file, let reason):
            "\(file) is not a model profile: \(reason)."
        case .unknownSampler(let name, let known):
            "There is no sampler '\(name)'; choose one of \(known.joined(separator: ", "))."
        case .noPhoto:
            "A portrait needs a photo of the person: give one with --photo FILE."
        case .noFace(let photo):
            "\(photo): no face was found. Use a photo that shows the face from the front, large and well lit, "
                + "or give the five points with --landmarks."
        case .noFaceInTemplate(let template):
            "\(template): no face was found, so there is nobody whose place a person could take."
        case .noFaceChosen(let template):
            "\(template): choose a face to redraw and whose it becomes: --face N=PHOTO."
        case .faceNumberOutOfRange(let photo, let number, let count):
            "\(photo) has \(count == 1 ? "1 face" : "\(count) faces"), so there is no face \(number); "
                + "faces are numbered from left to right, from 1."
        case .valueOutOfRange(let name, let value, let allowed):
            "\(name) is \(value) and must be \(allowed)."
        case .sizeNotMultiple(let width, let height, let multiple):
            "The size \(width)x\(height) does not fit this model: width and height must be multiples of \(multiple)."
        case .modelNotFound(let path):
            "\(path) does not exist; --model takes a diffusers folder or a checkpoint file."
        case .modelIncomplete(let folder, let missing):
            "\(folder) is not a complete model: \(missing) is missing."
        case .alreadySkeleton(let picture):
            "\(picture) already is a drawing of skeletons. 'generate --pose' follows it as it is."
        case .noPose(let picture):
            "\(picture): nobody was found whose pose could be followed. Use a picture that shows a whole person, or a "
                + "skeleton in OpenPose's colours on black."
        case .controlNetNotFound(let path, isNamed: true, _):
            "\(path) does not exist; --controlnet takes a ControlNet's folder or file."
        case .controlNetNotFound(let path, isNamed: false, let family):
            "A pose needs a ControlNet, and there is none at \(path). "
                + (family == "stable-diffusion-v1"
                    ? "Download lllyasviel/control_v11p_sd15_openpose from Hugging Face (or control_v11p_sd15_openpose of "
                        + "damo/face_chain_control_model from ModelScope) to there, or name its place with --controlnet."
                    : "Use a model that has one, or name one that was made for this model with --controlnet.")
        case .adapterNotFound(let model):
            "\(model) has no face adapter beside it (face_adapter.safetensors or .ckpt); give one with --adapter FILE, "
                + "or --adapter none to draw without the photo's identity."
        case .encoderNotFound(let model):
            "\(model) has no identity encoder beside it (face_encoder.safetensors or .pt); give one with --encoder FILE."
        case .loraNotFound(let name, let searched):
            "The LoRA '\(name)' was not found; looked in \(searched.joined(separator: ", "))."
        case .latentsShape(let file, let expected, let found):
            "\(file): tensor 'latents' has shape \(found), and \(expected) is needed for this picture size."
        case .mismatch(let part, let expected, let otherPart, let found):
            "The \(part) works with \(expected) channels and the \(otherPart) with \(found): these files do not belong together."
        }
    }
}
