import Foundation
import Portraits

extension AppState {
    /// The faces of the template picture.
    package var templateFaceCount: Int {
        choices.template.flatMap { person.inspection(of: $0.path) }?.faces.count ?? 0
    }

    /// The selected face of the template, if it is chosen.
    package var selectedTemplateFace: Choices.Template.Face? {
        templateFaceCount > 0 ? choices.template?[templates.faceCursor.index + 1] : nil
    }

    mutating func toggleTemplateFace() {
        guard templateFaceCount > 0 else { return }
        let number = templates.faceCursor.index + 1
        setTemplateFace(choices.template?[number] == nil ? Choices.Template.Face(number: number) : nil)
    }

    /// Gives the selected face a photo of whoever it is to become; further photos are the same person's.
    mutating func addTemplatePhoto(_ path: String) {
        guard templateFaceCount > 0 else { return }
        let number = templates.faceCursor.index + 1
        var face = choices.template?[number] ?? Choices.Template.Face(number: number)
        guard !face.photos.contains(path) else { return say("That photo is in the list already.") }
        face.photos.append(path)
        setTemplateFace(face)
        say("Face \(number) becomes the person of \(URL(fileURLWithPath: path).lastPathComponent).", .good)
    }

    /// Gives the selected face back to the person of pane 4.
    mutating func forgetTemplatePhotos() {
        guard var face = selectedTemplateFace else { return }
        face.photos = []
        setTemplateFace(face)
    }

    /// Puts what is to become of the selected face into the template's list, or takes it out.
    private mutating func setTemplateFace(_ face: Choices.Template.Face?) {
        let number = templates.faceCursor.index + 1
        let others = choices.template?.faces.filter { $0.number != number } ?? []
        choices.template?.faces = (others + [face].compactMap { $0 }).sorted { $0.number < $1.number }
    }

    mutating func changeTemplateStrength(by change: Float) {
        guard let template = choices.template else { return }
        choices.template?.strength = template.strength.movedInTenths(by: change, within: 0.1...1)
    }

    /// Takes a template; when it turns out to show a single face, that one is chosen.
    mutating func useTemplate(_ path: String) {
        choices.template = Choices.Template(path: path)
        templates.faceCursor = ListCursor()
        chooseOnlyTemplateFace()
    }

    /// Faces are drawn as the template is, unless another style is chosen afterwards.
    mutating func takeStyle(of template: LibraryTemplate) {
        guard let style = browser.styles.first(where: { $0.name == template.description.style }),
            style.name != choices.style, obstacle(to: style) == nil
        else { return }
        choices.style = style.name
        say("The style is now \(style.title), as the template is drawn.")
    }

    /// Goes back to the library, where the template stands if it is from there.
    mutating func removeTemplate() {
        let path = choices.template?.path
        choices.template = nil
        if let index = templates.library.firstIndex(where: { $0.picture.path == path }) {
            templates.cursor.move(to: index, in: templates.library.count)
        }
    }

    /// A template with one face leaves no choice.
    mutating func chooseOnlyTemplateFace() {
        guard templateFaceCount == 1, choices.template?.faces.isEmpty == true else { return }
        choices.template?.faces = [Choices.Template.Face(number: 1)]
    }

    mutating func changePoseWeight(by change: Float) {
        guard let pose = choices.pose else { return }
        choices.pose?.weight = pose.weight.movedInTenths(by: change, within: 0...2)
    }

    /// Only with a single photo: the number of a face means nothing in another photo.
    var hasSeveralFaces: Bool {
        guard choices.photos.count == 1, let seen = person.inspection(of: choices.photos[0]) else {
            return false
        }
        return seen.faces.count > 1
    }

    mutating func useNextFace() {
        guard let photo = choices.photos.first, let seen = person.inspection(of: photo) else { return }
        let next = ((usedFace(of: photo) ?? 0) + 1) % seen.faces.count
        choices.faceNumber = next + 1
        say("Face \(next + 1) of \(seen.faces.count), counted from the left, is used.")
    }

    mutating func removeSelectedPhoto() {
        guard choices.photos.indices.contains(person.cursor.index) else { return }
        choices.photos.remove(at: person.cursor.index)
        choices.faceNumber = nil
        person.cursor.clamp(to: choices.photos.count)
    }

    mutating func useExamplePerson() {
        guard let photo = facts.examplePhoto else { return }
        (choices.photos, choices.faceNumber) = ([photo], nil)
        say("The example person is used.")
    }

    /// Adds a photo; the example person makes way for it.
    mutating func addPhoto(_ path: String) {
        if choices.photos == [facts.examplePhoto].compactMap({ $0 }), path != facts.examplePhoto {
            choices.photos = []
        }
        guard !choices.photos.contains(path) else { return say("That photo is in the list already.") }
        choices.photos.append(path)
        choices.faceNumber = nil
        person.inspections[path] = nil
        pictures.forget { key in
            switch key {
            case .file(path, _), .face(path, _, _), .numberedFaces(path, _), .part(path, _, _), .posed(path):
                true
            default: false
            }
        }
        person.cursor.move(to: .max, in: choices.photos.count)
        say("\(URL(fileURLWithPath: path).lastPathComponent) shows the person from now on.", .good)
    }

    /// Text pasted or files dropped outside a text field: paths of photos are used.
    mutating func dropFiles(_ text: String) -> [AppEffect] {
        let paths = DroppedPaths.parse(text).map { facts.folders.url(ofPath: $0).path }
        let photos = paths.filter { FilePicker.Purpose.photo.accepts($0) }
        guard !photos.isEmpty else {
            say("What was pasted is no path of a PNG or JPEG picture.", .warning)
            return []
        }
        switch focus {
        case .template where templateFaceCount > 0 && selectedTemplateFace != nil:
            photos.forEach { addTemplatePhoto($0) }
        case .template: useTemplate(photos[0])
        case .pose: choices.pose = Choices.Pose(path: photos[0])
        default:
            focus(on: .person)
            photos.forEach { addPhoto($0) }
        }
        return []
    }
}

extension Float {
    /// The number a key's step further, on whole tenths.
    fileprivate func movedInTenths(by change: Float, within range: ClosedRange<Float>) -> Float {
        min(max(range.lowerBound, ((self + change) * 10).rounded() / 10), range.upperBound)
    }
}

extension FilePicker.Purpose {
    /// Whether a file's name ends as it should.
    package func accepts(_ name: String) -> Bool {
        extensions.contains((name as NSString).pathExtension.lowercased())
    }
}

/// The paths in what terminals paste when files are dropped: quoted, with backslashes, or as `file://` addresses.
package enum DroppedPaths {
    package static func parse(_ text: String) -> [String] {
        words(text).compactMap { word in
            guard word.hasPrefix("file://") else { return word }
            // The host, if any, lies between the slashes.
            guard let slash = word.dropFirst(7).firstIndex(of: "/") else { return nil }
            return String(word[slash...]).removingPercentEncoding
        }
    }

    /// Splits as a shell does; a whole line that is one unquoted path with blanks stays together.
    private static func words(_ text: String) -> [String] {
        let line = text.trimmingCharacters(in: .whitespacesAndNewlines)
        let isPlain = !line.contains { $0 == "'" || $0 == "\"" || $0 == "\\" || $0.isNewline }
        if isPlain, line.hasPrefix("/") || line.hasPrefix("~"), !line.contains(" /"), !line.contains(" ~") {
            return [line]
        }
        var (words, word, quote, isEscaped) = ([] as [String], "", nil as Character?, false)
        for character in line {
            if isEscaped {
                word.append(character)
                isEscaped = false
            } else if character == "\\", quote != "'" {
                isEscaped = true
            } else if character == quote {
                quote = nil
            } else if quote == nil, character == "'" || character == "\"" {
                quote = character
            } else if quote == nil, character.isWhitespace {
                if !word.isEmpty { words.append(word) }
                word = ""
            } else {
                word.append(character)
            }
        }
        return word.isEmpty ? words : words + [word]
    }
}
