import Portraits

/// The lines of the settings pane.
package enum SettingsRow: String, Sendable, CaseIterable {
    case preset, prompt, promptPrefix, negativePrompt, model, adapter, sampler, steps, guidance, width, height
    case seed, count, identityWeight, identityStart, identityEnd, threads, theme

    package var title: String {
        switch self {
        case .preset: "Preset"
        case .prompt: "Prompt"
        case .promptPrefix: "Age, gender"
        case .negativePrompt: "Avoid"
        case .model: "Model"
        case .adapter: "Face adapter"
        case .sampler: "Sampler"
        case .steps: "Steps"
        case .guidance: "Guidance"
        case .width: "Width"
        case .height: "Height"
        case .seed: "Seed"
        case .count: "Pictures"
        case .identityWeight: "Likeness"
        case .identityStart: "  from"
        case .identityEnd: "  until"
        case .threads: "Threads"
        case .theme: "Theme"
        }
    }

    /// What a line is for, shown while it is selected.
    package var explanation: String {
        switch self {
        case .preset: "Draft is quick, best is slow; standard is what the model's makers advise."
        case .prompt: "Your own words, put before the style's."
        case .promptPrefix:
            "The person in words, before the prompt: as FairFace reads the photo, yours, or none."
        case .negativePrompt: "What should not be in the picture."
        case .model: "The base model that paints."
        case .adapter: "Carries the face into the model; without it nobody in particular is painted."
        case .sampler: "The way from noise to picture."
        case .steps: "More steps take longer; after 30 or so little changes."
        case .guidance: "How strictly words and face are followed; 1 is not at all, and twice as fast."
        case .width, .height: "Pixels; the model was trained at its own size."
        case .seed: "The same seed gives the same picture; random draws a new one each time."
        case .count: "How many pictures one job makes, with consecutive seeds."
        case .identityWeight: "How strongly the face is kept; 0 is not at all."
        case .identityStart: "The part of the way after which the face begins to count."
        case .identityEnd: "The part of the way after which it no longer counts."
        case .threads: "Cores used for painting."
        case .theme: "The colours of this screen."
        }
    }
}

/// The settings pane.
package struct SettingsForm: Sendable {
    package var cursor = ListCursor()

    package init() {}

    package var row: SettingsRow { SettingsRow.allCases[cursor.index] }
}

/// Bundles of steps and size.
package enum Preset: String, Sendable, CaseIterable {
    case draft, standard, best

    /// Steps as a part of the profile's.
    private var stepFactor: Double {
        switch self {
        case .draft: 0.4
        case .standard: 1
        case .best: 1.6
        }
    }

    /// Sets steps, guidance, sampler and size; the rest stays.
    package func apply(to choices: inout Choices, profile: ModelProfile) {
        let steps = max(4, Int((Double(profile.steps) * stepFactor).rounded()))
        choices.steps = self == .standard ? nil : steps
        (choices.sampler, choices.guidanceScale, choices.width, choices.height) = (nil, nil, nil, nil)
    }

    /// The preset these choices are; nil if they are the user's own.
    package static func of(_ choices: Choices, profile: ModelProfile) -> Preset? {
        allCases.first { preset in
            var copy = choices
            preset.apply(to: &copy, profile: profile)
            return copy == choices
        }
    }
}

extension AppState {
    /// What a line shows, and whether it is the model's own advice.
    package func value(of row: SettingsRow) -> (text: String, isDefault: Bool) {
        let profile = model.profile
        func number<Number>(_ chosen: Number?, _ advised: Number) -> (String, Bool) {
            ("\(chosen ?? advised)", chosen == nil)
        }
        switch row {
        case .preset: return (Preset.of(choices, profile: profile)?.rawValue ?? "own", false)
        case .prompt:
            return choices.prompt.isEmpty ? ("none; the style's words alone", true) : (choices.prompt, false)
        case .negativePrompt:
            let advised = profile.negativePrompt.isEmpty ? "nothing" : profile.negativePrompt
            return (choices.negativePrompt ?? advised, choices.negativePrompt == nil)
        case .promptPrefix: return (promptPrefixText, choices.promptPrefix == nil)
        case .model: return (model.title, choices.model == nil)
        case .adapter: return adapterValue
        case .sampler: return number(choices.sampler, profile.sampler)
        case .steps: return number(choices.steps, profile.steps)
        case .guidance: return number(choices.guidanceScale, profile.guidanceScale)
        case .width: return number(choices.width, profile.width)
        case .height: return number(choices.height, profile.height)
        case .seed: return (choices.seed.map { "\($0)" } ?? "random", choices.seed == nil)
        case .count: return ("\(choices.count)", choices.count == 1)
        case .identityWeight: return number(choices.identity.weight, profile.identityWeight)
        case .identityStart: return (percent(choices.identity.start), choices.identity.start == 0)
        case .identityEnd: return (percent(choices.identity.end), choices.identity.end == 1)
        case .threads: return number(choices.threadCount, facts.coreCount)
        case .theme: return (themeName.rawValue, themeName == .terminal)
        }
    }

    private var promptPrefixText: String {
        guard let prefix = choices.promptPrefix else {
            return facts.attributeReader.map { "read by \($0)" } ?? "none (no FairFace)"
        }
        return prefix.isEmpty ? "none" : prefix
    }

    private var adapterValue: (String, Bool) {
        switch choices.adapter {
        case .besideModel: (model.hasAdapter ? "the model's own" : "none beside the model", true)
        case .file(let path): (path, false)
        case .none: ("none: nobody in particular", false)
        }
    }

    private func percent(_ fraction: Float) -> String { "\(Int((fraction * 100).rounded())) %" }
}
