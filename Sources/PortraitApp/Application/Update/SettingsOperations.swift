import Foundation
import Portraits

extension AppState {
    /// ← and → on a line of the settings.
    mutating func adjust(_ row: SettingsRow, by steps: Int) {
        let profile = model.profile
        switch row {
        case .preset:
            let all = Preset.allCases
            let index = Preset.of(choices, profile: profile).flatMap { all.firstIndex(of: $0) }
            let next = index.map { ($0 + steps + all.count) % all.count } ?? 1
            all[next].apply(to: &choices, profile: profile)
        case .sampler:
            let names = PortraitSettings.samplerNames
            let index = names.firstIndex(of: choices.sampler ?? profile.sampler) ?? 0
            choices.sampler = names[(index + steps + names.count) % names.count]
        case .steps: choices.steps = stepped(choices.steps ?? profile.steps, by: steps, in: 1...200)
        case .guidance:
            choices.guidanceScale = stepped(
                choices.guidanceScale ?? profile.guidanceScale, by: steps, of: 0.5, in: 1...30)
        case .width: choices.width = stepped(choices.width ?? profile.width, by: steps * 64, in: 64...2048)
        case .height:
            choices.height = stepped(choices.height ?? profile.height, by: steps * 64, in: 64...2048)
        case .seed:
            choices.seed = choices.seed.map { steps > 0 ? $0 &+ 1 : $0 == 0 ? 0 : $0 - 1 } ?? seeds.next()
        case .count: choices.count = stepped(choices.count, by: steps, in: 1...100)
        case .identityWeight:
            choices.identity.weight = stepped(
                choices.identity.weight ?? profile.identityWeight, by: steps, of: 0.05, in: 0...2)
        case .identityStart:
            choices.identity.start = stepped(
                choices.identity.start, by: steps, of: 0.05, in: 0...choices.identity.end)
        case .identityEnd:
            choices.identity.end = stepped(
                choices.identity.end, by: steps, of: 0.05, in: choices.identity.start...1)
        case .threads:
            choices.threadCount = stepped(
                choices.threadCount ?? facts.coreCount, by: steps, in: 1...facts.coreCount)
        case .theme:
            let all = ThemeName.allCases
            let index = all.firstIndex(of: themeName) ?? 0
            themeName = all[(index + steps + all.count) % all.count]
        case .model: cycleModel(by: steps)
        case .promptPrefix: choices.promptPrefix = choices.promptPrefix == nil ? "" : nil
        case .prompt, .negativePrompt, .adapter: break
        }
    }

    private func stepped(_ value: Int, by steps: Int, in range: ClosedRange<Int>) -> Int {
        min(max(range.lowerBound, value + steps), range.upperBound)
    }

    /// Lands on multiples of the step, so that no 0.30000001 appears.
    private func stepped(_ value: Float, by steps: Int, of size: Float, in range: ClosedRange<Float>) -> Float
    {
        let moved = Double(((value / size).rounded() + Float(steps))) * Double(size)
        let clean = Float((moved * 100).rounded() / 100)
        return min(max(range.lowerBound, clean), range.upperBound)
    }

    private mutating func cycleModel(by steps: Int) {
        let index = models.firstIndex { $0.id == model.id } ?? 0
        choices.model = models[(index + steps + models.count) % models.count].location?.path
    }

    /// Back to the model's own value.
    mutating func reset(_ row: SettingsRow) {
        switch row {
        case .preset: Preset.standard.apply(to: &choices, profile: model.profile)
        case .prompt: choices.prompt = ""
        case .promptPrefix: choices.promptPrefix = nil
        case .negativePrompt: choices.negativePrompt = nil
        case .model: choices.model = nil
        case .adapter: choices.adapter = .besideModel
        case .sampler: choices.sampler = nil
        case .steps: choices.steps = nil
        case .guidance: choices.guidanceScale = nil
        case .width: choices.width = nil
        case .height: choices.height = nil
        case .seed: choices.seed = nil
        case .count: choices.count = 1
        case .identityWeight: choices.identity.weight = nil
        case .identityStart: choices.identity.start = 0
        case .identityEnd: choices.identity.end = 1
        case .threads: choices.threadCount = nil
        case .theme: themeName = .terminal
        }
    }

    /// Enter on a line of the settings.
    mutating func editSelectedSetting() -> [AppEffect] {
        let row = settings.row
        switch row {
        case .preset, .theme: adjust(row, by: 1)
        case .sampler: overlays.append(.choice(samplerList))
        case .model: overlays.append(.choice(modelList))
        case .adapter: overlays.append(.choice(adapterList))
        case .prompt:
            edit(.prompt, title: "Prompt: your own words", text: choices.prompt)
        case .negativePrompt:
            edit(
                .negativePrompt, title: "What should not be in the picture",
                text: choices.negativePrompt ?? model.profile.negativePrompt)
        case .promptPrefix:
            edit(
                .setting(row), title: "The person in words, or none; empty: from the photo",
                text: choices.promptPrefix ?? "")
        case .seed:
            edit(.setting(row), title: "Seed; empty is random", text: choices.seed.map { "\($0)" } ?? "")
        default:
            edit(
                .setting(row), title: row.title.trimmingCharacters(in: .whitespaces),
                text: value(of: row).text.replacingOccurrences(of: " %", with: ""))
        }
        return []
    }

    private mutating func edit(_ purpose: TextEditor.Purpose, title: String, text: String) {
        overlays.append(.editor(TextEditor(purpose: purpose, title: title, buffer: TextBuffer(text))))
    }

    private var samplerList: ChoiceList {
        let names = PortraitSettings.samplerNames
        let own = ChoiceList.Entry(
            title: "as the model advises", detail: model.profile.sampler, value: .name(nil))
        let current = names.firstIndex { $0 == choices.sampler }.map { $0 + 1 } ?? 0
        return ChoiceList(
            purpose: .sampler, title: "Sampler",
            entries: [own] + names.map { .init(title: $0, detail: "", value: .name($0)) },
            cursor: ListCursor(current))
    }

    private var modelList: ChoiceList {
        let known = models.map { model in
            ChoiceList.Entry(
                title: model.title, detail: model.problem.map { "not usable: \($0)" } ?? Self.readable(model),
                value: .name(model.location?.path))
        }
        return ChoiceList(
            purpose: .model, title: "Model",
            entries: known + [.init(title: "another folder or file…", detail: "", value: .pickFile)],
            cursor: ListCursor(models.firstIndex { $0.id == model.id } ?? 0))
    }

    private static func readable(_ model: ModelSummary) -> String {
        let size = "\(model.profile.width)x\(model.profile.height)"
        return model.keepsIdentity ? "\(size), with face adapter" : "\(size), no face adapter beside it"
    }

    private var adapterList: ChoiceList {
        ChoiceList(
            purpose: .adapter, title: "Face adapter",
            entries: [
                .init(
                    title: "the one beside the model", detail: model.hasAdapter ? "" : "there is none",
                    value: .name(nil)),
                .init(title: "none", detail: "nobody in particular is painted", value: .nothing),
                .init(title: "a file…", detail: "", value: .pickFile),
            ])
    }

    /// Enter in a list of choices.
    mutating func chooseEntry() -> [AppEffect] {
        guard case .choice(let list) = overlay, list.entries.indices.contains(list.cursor.index) else {
            return []
        }
        closeOverlay()
        switch (list.purpose, list.entries[list.cursor.index].value) {
        case (.sampler, .name(let name)): choices.sampler = name
        case (.model, .name(let path)): choices.model = path
        case (.model, .pickFile): return pickFile(for: .model)
        case (.adapter, .name): choices.adapter = .besideModel
        case (.adapter, .nothing): choices.adapter = .none
        case (.adapter, .pickFile): return pickFile(for: .adapter)
        default: break
        }
        return []
    }
}
