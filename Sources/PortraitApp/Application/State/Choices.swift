import Foundation
import Portraits

/// Everything chosen for the next portrait, as it is kept between sessions.
///
/// `nil` means "as the model's profile says".
package struct Choices: Sendable, Codable, Equatable {
    /// A picture whose faces are to be painted over.
    package struct Template: Sendable, Codable, Equatable {
        /// A face to be painted over.
        package struct Face: Sendable, Codable, Equatable {
            /// Counted from the left, 1-based.
            package var number: Int
            /// Whose it becomes; empty is the person of pane 4.
            package var photos: [String] = []

            package init(number: Int, photos: [String] = []) {
                self.number = number
                self.photos = photos
            }
        }

        package var path: String
        /// In the order of their numbers.
        package var faces: [Face] = []
        package var strength = TemplateChoice.defaultStrength

        package init(path: String) {
            self.path = path
        }

        /// Leaves out what an older version wrote in another form.
        package init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            path = try values.decode(String.self, forKey: .path)
            faces = (try? values.decode([Face].self, forKey: .faces)) ?? []
            strength =
                try values.decodeIfPresent(Float.self, forKey: .strength) ?? TemplateChoice.defaultStrength
        }

        /// The chosen face with that number.
        package subscript(number: Int) -> Face? { faces.first { $0.number == number } }
    }

    /// A picture of somebody whose posture is to be taken.
    package struct Pose: Sendable, Codable, Equatable {
        package var path: String
        package var weight: Float = 1
    }

    /// Where the face adapter comes from.
    package enum Adapter: Sendable, Codable, Equatable {
        /// The one beside the model.
        case besideModel
        /// This file.
        case file(String)
        /// None: nobody in particular is painted.
        case none
    }

    /// A style's name; nil is none.
    package var style: String?
    /// The user's own weights for LoRAs of styles, by style.
    package var styleWeights: [String: Float] = [:]
    /// LoRAs beside the style's own.
    package var loras: [PortraitRequest.LoRAChoice] = []
    package var photos: [String] = []
    /// Which face of the photo, counted from the left, 1-based; nil is the largest.
    package var faceNumber: Int?
    package var template: Template?
    package var pose: Pose?
    package var prompt = ""
    /// The person's age and gender in words; empty is none, nil as the photo shows it.
    package var promptPrefix: String?
    package var negativePrompt: String?
    /// A model's folder or file; nil is the embedded model.
    package var model: String?
    package var adapter = Adapter.besideModel
    /// The identity encoder's file; nil is the one beside the adapter or the model.
    package var encoder: String?
    package var sampler: String?
    package var steps: Int?
    package var guidanceScale: Float?
    package var width: Int?
    package var height: Int?
    /// nil draws a new seed for each job.
    package var seed: UInt64?
    package var count = 1
    package var identity = PortraitRequest.Identity()
    /// nil is one thread a core.
    package var threadCount: Int?

    package init() {}

    /// The job these choices describe.
    ///
    /// - Parameters:
    ///   - styles: where the style's words and LoRA are looked up.
    ///   - seed: used unless a seed was chosen.
    package func request(styles: [Style], seed newSeed: UInt64) -> PortraitRequest {
        var request = PortraitRequest(
            photos: photos.map { URL(fileURLWithPath: $0) }, seed: seed ?? newSeed)
        request.faceNumber = faceNumber
        request.style = styles.first { $0.name == style }.map(weighted)
        request.loras = loras
        request.prompt = prompt
        request.promptPrefix = promptPrefix
        request.negativePrompt = negativePrompt
        request.models.base = model.map { URL(fileURLWithPath: $0) }
        request.models.encoder = encoder.map { URL(fileURLWithPath: $0) }
        switch adapter {
        case .besideModel: request.models.adapter = .besideModel
        case .file(let path): request.models.adapter = .file(URL(fileURLWithPath: path))
        case .none: request.models.adapter = .none
        }
        request.steps = steps
        request.guidanceScale = guidanceScale
        request.sampler = sampler
        request.width = width
        request.height = height
        request.count = count
        request.identity = identity
        request.controls =
            pose.map {
                [PoseControl(.picture(URL(fileURLWithPath: $0.path)), weight: $0.weight)]
            } ?? []
        request.template = template.map { template in
            let faces = template.faces.map {
                TemplateChoice.Face(number: $0.number, person: person(of: $0))
            }
            return TemplateChoice(
                picture: URL(fileURLWithPath: template.path), faces: faces, strength: template.strength)
        }
        return request
    }

    /// Whose a template's face becomes.
    private func person(of face: Template.Face) -> PersonPhotos {
        let isOwn = !face.photos.isEmpty
        return PersonPhotos(
            photos: (isOwn ? face.photos : photos).map { URL(fileURLWithPath: $0) },
            faceNumber: isOwn ? nil : faceNumber)
    }

    /// All photos that the job needs, each once: the person's, or those of a template's faces.
    package var neededPhotos: [String] {
        guard let template, !template.faces.isEmpty else { return photos }
        return template.faces.flatMap { $0.photos.isEmpty ? photos : $0.photos }
            .reduce(into: []) { needed, photo in
                if !needed.contains(photo) { needed.append(photo) }
            }
    }

    private func weighted(_ style: Style) -> Style {
        guard let weight = styleWeights[style.name] else { return style }
        var style = style
        style.lora?.weight = weight
        return style
    }

    /// Takes over what a finished picture was made with.
    ///
    /// The person stays: pictures do not say whose photo they were made from.
    package mutating func recall(_ settings: PortraitSettings, styles: [Style], models: [ModelSummary]) {
        let style = styles.first { $0.name == settings.style }
        let model = models.first { $0.title == settings.model }
        let profile = model?.profile ?? .stableDiffusion15
        self.style = style?.name
        if let model { self.model = model.location?.path }
        let words = settings.personWords?.first ?? PersonWords(prefix: "")
        prompt = settings.prompt.removingPrefix(words.prefix).removingSuffix(profile.promptSuffix)
            .removingSuffix(style?.prompt ?? "")
        // What was read from a photo is read from the next one; the person stays, as the setting does.
        if settings.personWords != nil, words.reader == nil { promptPrefix = words.prefix }
        negativePrompt = settings.negativePrompt.removingSuffix(words.avoided)
            .removingSuffix(style?.negativePrompt ?? "")
        if negativePrompt == profile.negativePrompt { negativePrompt = nil }
        recallLoRAs(of: settings, style: style)
        sampler = settings.samplerName
        steps = settings.steps
        guidanceScale = settings.guidanceScale
        // A template's picture has the template's size, whatever the model painted in.
        (width, height) = settings.template == nil ? (settings.width, settings.height) : (nil, nil)
        seed = settings.seed
        count = 1
        identity = PortraitRequest.Identity(
            weight: settings.adapter == nil ? nil : settings.identityWeight,
            start: settings.identityStart, end: settings.identityEnd)
    }

    /// The record lists the style's own LoRA among the others.
    private mutating func recallLoRAs(of settings: PortraitSettings, style: Style?) {
        var names = settings.loras
        if let style, let own = style.lora {
            let stem = URL(fileURLWithPath: own.file).deletingPathExtension().lastPathComponent
            if let index = names.firstIndex(where: { $0.name == stem }) {
                styleWeights[style.name] = names.remove(at: index).weight
            }
        }
        loras = names.map { PortraitRequest.LoRAChoice(file: $0.name, weight: $0.weight) }
    }
}

extension String {
    /// The text without a first part that was joined by a comma, or without anything if it is that part.
    fileprivate func removingPrefix(_ part: String) -> String {
        if part.isEmpty { return self }
        if self == part { return "" }
        return hasPrefix("\(part), ") ? String(dropFirst(part.count + 2)) : self
    }

    /// The text without a last part that was joined by a comma, or without anything if it is that part.
    fileprivate func removingSuffix(_ part: String) -> String {
        let part = part.trimmingCharacters(in: .whitespacesAndNewlines)
        if part.isEmpty { return self }
        if self == part { return "" }
        return hasSuffix(", \(part)") ? String(dropLast(part.count + 2)) : self
    }
}
