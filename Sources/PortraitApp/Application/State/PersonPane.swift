import Portraits

/// What is known of the photos that were chosen.
package struct PersonPane: Sendable {
    /// How far the inspection of a photo is.
    package enum Inspection: Sendable, Equatable {
        case pending
        case done(PhotoInspection)
        case failed(String)
    }

    package var cursor = ListCursor()
    /// By path; templates are inspected too.
    package var inspections: [String: Inspection] = [:]

    package init() {}

    /// What was seen in a photo, if it has been looked at.
    package func inspection(of path: String) -> PhotoInspection? {
        guard case .done(let inspection) = inspections[path] else { return nil }
        return inspection
    }
}

extension AppState {
    /// Why the portrait cannot use a photo, or what may spoil it; nil when all is well or not known yet.
    package func photoProblem(_ path: String) -> (sentence: String, isFatal: Bool)? {
        switch person.inspections[path] {
        case .failed(let sentence): return (sentence, true)
        case nil, .pending: return nil
        case .done(let seen):
            guard let face = usedFace(of: path) else { return ("no face was found", true) }
            if let warning = seen.faces[face].warnings.first { return (warning.sentence, false) }
            if choices.faceNumber == nil, let choice = seen.choice { return (choice, false) }
            return wantsHeads && seen.faces[face].head == nil ? (PhotoInspection.wholeUse, false) : nil
        }
    }

    /// Whether the identity encoder sees heads alone; a model's profile speaks of the encoder beside it.
    private var wantsHeads: Bool {
        choices.encoder != nil || model.keepsIdentity && model.profile.masksHead ?? true
    }

    /// Whether the head alone of a photo's face is what the encoder sees.
    func usesHead(of path: String, face: Int) -> Bool {
        wantsHeads && person.inspection(of: path)?.faces[face].head != nil
    }

    /// The face of a photo that is used, counted from 0.
    package func usedFace(of path: String) -> Int? {
        guard let seen = person.inspection(of: path) else { return nil }
        guard let number = choices.faceNumber, choices.photos.contains(path) else { return seen.largestFace }
        return seen.faces.indices.contains(number - 1) ? number - 1 : nil
    }
}
