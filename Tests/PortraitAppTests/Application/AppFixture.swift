import Foundation
import Imaging
import PortraitApp
import Portraits
import TerminalKit

/// An application as it is just after the start on a machine that has everything, without touching any file.
enum AppFixture {
    static let home = URL(fileURLWithPath: "/home/ada")
    static let example = "/usr/share/facechain/Examples/mira.png"

    static let profile = decode(
        ModelProfile.self,
        """
        {"family":"atelier","title":"Atelier","promptSuffix":"portrait","negativePrompt":"blurry","width":256,\
        "height":256,"steps":20,"guidanceScale":4,"sampler":"dpm++2m","identityWeight":0.8,\
        "masksHead":false}
        """)

    static let embedded = ModelSummary(
        title: "Atelier", location: nil, profile: profile, problem: nil, hasAdapter: true, hasEncoder: true)

    static let absent = ModelSummary(
        title: "Embedded model", location: nil, profile: .stableDiffusion15,
        problem: "it is not in this copy of facechain", hasAdapter: false, hasEncoder: false)

    static let styles = [
        style("ink", "Ink drawing", tags: "drawing"),
        style("clay", "Clay figure", tags: "illustration"),
        style("neon-night", "Neon night", tags: "light", "city"),
        style("film-noir", "Film noir", family: "stable-diffusion-v1", tags: "photography", "monochrome"),
        style(
            "watercolour", "Watercolour", lora: #"{"file":"watercolour.safetensors","weight":0.8}"#,
            tags: "painting"),
    ]

    static func style(
        _ name: String, _ title: String, family: String = "atelier", lora: String = "null", tags: String...
    ) -> Style {
        let tagList = tags.map { "\"\($0)\"" }.joined(separator: ",")
        return decode(
            Style.self,
            """
            {"name":"\(name)","title":"\(title)","prompt":"\(title.lowercased()), bold lines, flat washes",\
            "negativePrompt":"","baseModel":"\(family)","lora":\(lora),"tags":[\(tagList)]}
            """)
    }

    static let templates = [
        template("couple-sunset", "Two at sunset", faces: 2),
        template("five-studio", "Five in the studio", faces: 5),
        template("vintage-evening", "Evening lights, faded film", faces: 1, style: "neon-night"),
    ]

    private static func template(_ name: String, _ title: String, faces: Int, style: String? = nil)
        -> LibraryTemplate
    {
        let drawn = style.map { #","style":"\#($0)""# } ?? ""
        let description = decode(
            LibraryTemplate.Description.self,
            #"{"title":"\#(title)","author":"facechain","licence":"Apache-2.0","faces":\#(faces)\#(drawn)}"#)
        return LibraryTemplate(
            name: name, description: description,
            picture: URL(fileURLWithPath: "/usr/share/facechain/Templates/\(name).png"))
    }

    private static func decode<Value: Decodable>(_ type: Value.Type, _ json: String) -> Value {
        do {
            return try JSONDecoder().decode(type, from: Data(json.utf8))
        } catch {
            preconditionFailure("The fixture is broken: \(error)")
        }
    }

    static func state(
        columns: Int = 120, rows: Int = 36, models: [ModelSummary] = [embedded],
        changes: [String: [String]] = [:]
    ) -> AppState {
        let facts = AppFacts(
            folders: AppFolders(environment: ["HOME": home.path]),
            galleryFolder: home.appendingPathComponent(".local/share/facechain/gallery"),
            examplePhoto: example,
            coreCount: 4, styleFolder: "/usr/share/facechain/Styles", poseDetector: "OpenPose (body, hands)",
            attributeReader: "FairFace")
        var state = AppState(
            size: CellSize(columns: columns, rows: rows), facts: facts,
            bindings: KeyBindings(changes: changes),
            themeName: .terminal, models: models, seeds: SeedGenerator(state: 1))
        state.browser.styles = styles
        state.templates.library = templates
        state.choices.photos = [example]
        state.choices.style = "ink"
        state.person.inspections[example] = .done(inspection(faces: 1))
        state.gallery.isLoaded = true
        return state
    }

    static func inspection(
        faces: Int, hasHead: Bool = false, warnings: [PhotoInspection.Warning] = []
    ) -> PhotoInspection {
        let aligned = Image(width: 112, height: 112, channels: .rgb, filledWith: [128, 128, 128])
        return PhotoInspection(
            width: 512, height: 512,
            faces: (0..<faces).map { index in
                PhotoInspection.Face(
                    left: Double(index) * 150, top: 100, width: 120 + Double(index), height: 150,
                    aligned: aligned, head: hasHead ? aligned : nil, warnings: warnings)
            })
    }

    static func settings(seed: UInt64 = 7, style: String? = "ink") throws -> PortraitSettings {
        let record = """
            {"schema":1,"prompt":"a sailor, ink drawing, bold lines, flat washes, portrait","negativePrompt":"blurry",\
            "style":\(style.map { "\"\($0)\"" } ?? "null"),"loras":[],"model":"Atelier","modelHash":"abc",\
            "adapter":"face_adapter","steps":12,"sampler":"euler","guidanceScale":5,"seed":\(seed),"width":320,"height":256,\
            "photoCount":1,"identityWeight":0.6,"identityStart":0,"identityEnd":0.9}
            """
        return try JSONDecoder().decode(PortraitSettings.self, from: Data(record.utf8))
    }

    static func item(_ name: String, seed: UInt64 = 7) throws -> GalleryItem {
        GalleryItem(
            file: home.appendingPathComponent(".local/share/facechain/gallery/\(name).png"),
            date: Date(timeIntervalSince1970: 1_000_000), settings: try settings(seed: seed))
    }
}

extension AppState {
    /// Types keys as `KeyChord` writes them, separated by blanks.
    @discardableResult mutating func press(_ keys: String) -> [AppEffect] {
        keys.split(separator: " ").flatMap { notation -> [AppEffect] in
            guard let key = KeyChord.key(String(notation)) else { preconditionFailure("no key: \(notation)") }
            return update(&self, .key(key))
        }
    }

    /// Types text, character by character.
    mutating func type(_ text: String) {
        for character in text { _ = update(&self, .key(Key(.character(character)))) }
    }

    /// The screen's rows.
    var screen: [String] { draw(self, theme: .named(.terminal, isColorless: false)).frame.text() }

    /// Whether the screen shows a text.
    func shows(_ text: String) -> Bool { screen.contains { $0.contains(text) } }
}
