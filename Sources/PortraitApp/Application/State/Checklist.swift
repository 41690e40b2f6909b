import Foundation
import Portraits

/// A line of the checklist: something that is there, missing, or would be nice to have.
package struct ChecklistItem: Sendable, Equatable {
    package enum Status: Sendable, Equatable { case ready, missing, advice, pending }

    package let status: Status
    package let title: String
    package let detail: String
}

extension AppState {
    /// What is there and what is missing for a portrait, in the order of the work.
    package var checklist: [ChecklistItem] {
        [
            modelItem, adapterItem, personItem(choices.neededPhotos), styleItem, templateItem, poseItem,
            galleryItem, graphicsItem, releasedWeightsItem,
        ]
    }

    /// Sentences for what keeps a plain portrait of these photos from being made.
    func blockers(for photos: [String]) -> [String] {
        sentences(of: [modelItem, adapterItem, personItem(photos), styleItem])
    }

    /// Sentences for what keeps the chosen job from being started.
    var blockers: [String] { blockers(for: choices.neededPhotos) + sentences(of: [templateItem, poseItem]) }

    /// Whether `g` would make a portrait now.
    package var isReady: Bool { blockers.isEmpty }

    private func sentences(of missing: [ChecklistItem]) -> [String] {
        missing.filter { $0.status == .missing }.map { "\($0.title): \($0.detail)." }
    }

    private var modelItem: ChecklistItem {
        if let problem = model.problem {
            let cure =
                model.location == nil
                ? "; choose a Stable Diffusion 1.5 model in Settings, or put one into \(facts.folders.shortened(facts.folders.data.path))/models"
                : ""
            return ChecklistItem(status: .missing, title: model.title, detail: problem + cure)
        }
        return ChecklistItem(status: .ready, title: "Model", detail: model.title)
    }

    private var adapterItem: ChecklistItem {
        switch choices.adapter {
        case .none:
            return ChecklistItem(
                status: .advice, title: "Face adapter",
                detail: "switched off: nobody in particular is painted")
        case .file(let path):
            return ChecklistItem(status: .ready, title: "Face adapter", detail: facts.folders.shortened(path))
        case .besideModel:
            guard model.problem == nil else {
                return ChecklistItem(status: .pending, title: "Face adapter", detail: "comes with the model")
            }
            if model.hasAdapter && model.hasEncoder {
                return ChecklistItem(status: .ready, title: "Face adapter", detail: "beside the model")
            }
            let part =
                model.hasAdapter
                ? "identity encoder (face_encoder.safetensors or .pt)"
                : "face adapter (face_adapter.safetensors or .ckpt)"
            return ChecklistItem(
                status: .missing, title: "Face adapter",
                detail: "no \(part) beside the model; choose one in Settings, or none")
        }
    }

    private func personItem(_ photos: [String]) -> ChecklistItem {
        guard !photos.isEmpty else {
            return ChecklistItem(status: .missing, title: "Person", detail: "no photo yet; press 4, then a")
        }
        for photo in photos {
            let name = URL(fileURLWithPath: photo).lastPathComponent
            if let problem = photoProblem(photo) {
                return ChecklistItem(
                    status: problem.isFatal ? .missing : .advice, title: "Person",
                    detail: "\(name): \(problem.sentence)")
            }
        }
        let isExample = photos == [facts.examplePhoto].compactMap { $0 }
        let names = photos.map { URL(fileURLWithPath: $0).lastPathComponent }.joined(separator: ", ")
        return ChecklistItem(
            status: .ready, title: "Person", detail: isExample ? "the example person, \(names)" : names)
    }

    private var styleItem: ChecklistItem {
        guard let style = chosenStyle else {
            return ChecklistItem(status: .advice, title: "Style", detail: "none: your own words alone")
        }
        switch obstacle(to: style) {
        case nil:
            return ChecklistItem(status: .ready, title: "Style", detail: style.title)
        case .missingLoRA(let file):
            return ChecklistItem(
                status: .missing, title: "Style",
                detail:
                    "\(style.title) needs \(file) in \(facts.folders.shortened(facts.folders.data.path))/loras"
            )
        case .otherModel(let family):
            return ChecklistItem(
                status: .advice, title: "Style",
                detail: "\(style.title) was written for \(Self.readable(family: family))")
        }
    }

    private var poseItem: ChecklistItem {
        guard let pose = choices.pose else {
            return ChecklistItem(status: .ready, title: "Pose", detail: "none: the model chooses")
        }
        guard model.hasControlNet else {
            return ChecklistItem(
                status: .missing, title: "Pose",
                detail:
                    "\(model.title) has no ControlNet (a folder 'controlnet' beside it); press 3, then d for no pose"
            )
        }
        return ChecklistItem(
            status: .ready, title: "Pose", detail: URL(fileURLWithPath: pose.path).lastPathComponent)
    }

    private var galleryItem: ChecklistItem {
        ChecklistItem(
            status: .ready, title: "Gallery", detail: facts.folders.shortened(facts.galleryFolder.path))
    }

    private var graphicsItem: ChecklistItem {
        ChecklistItem(status: .ready, title: "Pictures", detail: graphics)
    }

    private var releasedWeightsItem: ChecklistItem {
        let own = models.filter { $0.profile.family == "stable-diffusion-v1" && $0.location != nil }
        if let best = own.first(where: \.keepsIdentity) {
            return ChecklistItem(status: .ready, title: "Released weights", detail: best.title)
        }
        return ChecklistItem(
            status: .advice, title: "Released weights",
            detail:
                "Stable Diffusion 1.5 with the FACT adapter paints at 512x512 and knows all styles; see README, Models"
        )
    }

    private var templateItem: ChecklistItem {
        func item(_ status: ChecklistItem.Status, _ detail: String) -> ChecklistItem {
            ChecklistItem(status: status, title: "Template", detail: detail)
        }
        guard let template = choices.template else { return item(.ready, "none: a new picture is painted") }
        let name = templates.title(of: template.path)
        switch person.inspections[template.path] {
        case nil, .pending: return item(.pending, "looking for faces in \(name)")
        case .failed(let sentence): return item(.missing, sentence)
        case .done(let seen):
            if seen.faces.isEmpty { return item(.missing, "no face was found in \(name)") }
            if template.faces.isEmpty {
                return item(.missing, "choose a face of \(name): press 2, then Space")
            }
            let list = template.faces.map { String($0.number) }.joined(separator: ", ")
            let word = template.faces.count == 1 ? "face" : "faces"
            return item(.ready, "\(name), \(word) \(list) of \(seen.faces.count)")
        }
    }
}
