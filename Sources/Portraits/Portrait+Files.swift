import Diffusion
import Foundation
import Imaging

extension Portrait {
    /// Visually lossless for portraits.
    private static let jpegQuality = 95

    /// Writes the picture as PNG with its settings: the text `parameters` that web interfaces read, our own record as
    /// JSON, and the label of generated media. Whole or not at all; an existing file is replaced.
    ///
    /// Equal portraits give equal bytes: no time, path or host name goes into the file.
    public func writePNG(to file: URL) throws {
        try ImageFile.writePNG(
            image,
            texts: [
                PNGText(keyword: "parameters", text: settings.infotext.text),
                PNGText(keyword: "facechain", text: try settings.json()),
                PictureOrigin.trainedAlgorithmicMedia.pngText,
            ], to: file.path, ifExists: .replace)
    }

    /// Writes the picture as JPEG with the label of generated media; JPEG files carry no settings.
    public func writeJPEG(to file: URL) throws {
        try ImageFile.writeJPEG(
            image, quality: Self.jpegQuality, origin: .trainedAlgorithmicMedia, to: file.path,
            ifExists: .replace)
    }
}

extension PortraitSettings {
    /// The settings as the text that AUTOMATIC1111's web UI and its relatives read.
    var infotext: Infotext {
        var parameters: [Infotext.Parameter] = [
            .init("Steps", "\(steps)"),
            .init("Sampler", sampler.automatic1111Name),
            .init("CFG scale", "\(guidanceScale)"),
            .init("Seed", "\(seed)"),
            .init("Size", "\(width)x\(height)"),
            .init("Model hash", modelHash),
            .init("Model", model),
            .init("Face weight", "\(identityWeight)"),
        ]
        if !loras.isEmpty {
            parameters.append(.init("Lora", loras.map { "\($0.name):\($0.weight)" }.joined(separator: ", ")))
        }
        if let held = template?.controls {
            parameters.append(.init("Template controls", held.joined(separator: ", ")))
        }
        if let controls, !controls.isEmpty { parameters += Self.poseParameters(controls) }
        parameters.append(.init("Version", "facechain \(ProgramVersion.current)"))
        return Infotext(prompt: prompt, negativePrompt: negativePrompt, parameters: parameters)
    }

    /// Each parameter lists all ControlNets in order; whole walks and the model's own ControlNet are not mentioned.
    private static func poseParameters(_ controls: [Control]) -> [Infotext.Parameter] {
        func joined(_ texts: [String]) -> String { texts.joined(separator: ", ") }
        var parameters = [Infotext.Parameter("Pose weight", joined(controls.map { "\($0.weight)" }))]
        if controls.contains(where: { $0.start > 0 || $0.end < 1 }) {
            parameters.append(.init("Pose steps", joined(controls.map { "\($0.start)-\($0.end)" })))
        }
        if controls.contains(where: { $0.network != nil }) {
            parameters.append(.init("Pose ControlNet", joined(controls.map { $0.network ?? "controlnet" })))
        }
        return parameters
    }

    /// Our own record, one line with sorted keys.
    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
}
