import Foundation
import Weights

/// The LoRAs of a job, found and opened, and the model's weights with them merged.
struct LoRAPlan {
    /// What is written into the picture: those with an effect.
    let record: [PortraitSettings.LoRA]
    /// Sentences for the user: keys that found no place.
    let notices: [String]
    /// The same for the same LoRAs at the same weights.
    let key: String
    let unet: any WeightSource
    let textEncoder: any WeightSource

    /// - Throws: `PortraitError.loraNotFound`, or what is wrong with a file.
    init(for request: PortraitRequest, model: ModelFiles, resources: ResourceLocator) throws {
        let style = request.style.flatMap { $0.isMade(for: model.profile) ? $0 : nil }
        let ofStyle = style?.lora.map { PortraitRequest.LoRAChoice(file: $0.file, weight: $0.weight) }
        // At weight 0 a LoRA is as if it were not there, in the picture and in its record.
        let choices = ([ofStyle].compactMap { $0 } + request.loras).filter { $0.weight != 0 }
        let files = try choices.map { try Self.find($0.file, resources: resources) }
        let loras = try zip(choices, files).map { choice, file in
            (file: try LoRAFile(WeightFile.open(file.path)), weight: choice.weight)
        }
        let merge = try LoRAMerge(loras, unet: model.unet.weights, textEncoder: model.textEncoder.weights)
        notices = merge.reports.filter { !$0.unappliedNames.isEmpty }.map(\.description)
        record = zip(choices, files).map { choice, file in
            PortraitSettings.LoRA(name: file.deletingPathExtension().lastPathComponent, weight: choice.weight)
        }
        key = zip(choices, files).map { "\($1.path):\($0.weight)" }.joined(separator: "|")
        unet = merge.unet
        textEncoder = merge.textEncoder
    }

    private static func find(_ name: String, resources: ResourceLocator) throws -> URL {
        guard let file = resources.lora(named: name) else {
            let folders =
                name.contains("/")
                ? [URL(fileURLWithPath: name).deletingLastPathComponent()] : resources.loraFolders
            throw PortraitError.loraNotFound(name: name, searched: folders.map(\.path))
        }
        return file
    }
}
