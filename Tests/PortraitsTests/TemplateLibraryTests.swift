import Foundation
import Imaging
import Portraits
import TestSupport
import Testing

@Suite struct TemplateLibraryTests {
    /// The detector finds as many faces as the description promises; a template is of no use otherwise.
    @Test func everyShippedTemplateShowsItsFaces() async throws {
        let folder = House.folder.appendingPathComponent("Templates")
        let resources = try House.resources()
        let templates = try TemplateLibrary(folders: [folder]).templates
        #expect(templates.count >= 8)
        #expect(Set(templates.map(\.description.faces)).isSuperset(of: [1, 2, 3, 4, 5]))
        let inspector = PhotoInspector(resources: resources)
        let styles = try StyleLibrary(folders: resources.styleFolders).styles.map(\.name)
        for template in templates {
            #expect(template.description.style.map(styles.contains) == true, "\(template.name)")
            let seen = try await inspector.inspect(template.picture)
            #expect(seen.faces.count == template.description.faces, "\(template.name)")
            let centers = seen.faces.map { $0.left + $0.width / 2 }
            #expect(centers == centers.sorted())
        }
    }

    @Test func aNameIsLookedUpAndAPathIsTakenAsItIs() throws {
        let folder = try TemporaryDirectory()
        let picture = folder.file("party.png")
        try ImageFile.writePNG(
            Image(width: 8, height: 8, channels: .rgb, filledWith: [0, 0, 0]), texts: [], to: picture,
            ifExists: .replace)
        let text = #"{"title":"Party","author":"Ada","licence":"CC0","faces":2}"#
        try Data(text.utf8).write(to: URL(fileURLWithPath: folder.file("party.json")))
        func found(_ name: String) throws -> URL {
            try TemplateLibrary.picture(name, folders: [URL(fileURLWithPath: folder.file("."))])
        }
        #expect(try found("party").lastPathComponent == "party.png")
        #expect(try found(picture).path == picture)
        #expect(try found("/nowhere/x.png").path == "/nowhere/x.png")
        let party = LibraryTemplate(picture: URL(fileURLWithPath: picture))
        #expect(party?.description.faces == 2 && party?.description.style == nil)
        // Files of others that are broken concern nobody who names a picture.
        try Data("{".utf8).write(to: URL(fileURLWithPath: folder.file("broken.json")))
        #expect(LibraryTemplate(picture: URL(fileURLWithPath: picture)) == party)
        #expect(LibraryTemplate(picture: URL(fileURLWithPath: folder.file("broken.png"))) == nil)
        try FileManager.default.removeItem(atPath: folder.file("broken.json"))
        try FileManager.default.removeItem(atPath: picture)
        #expect(throws: PortraitError.self) {
            try TemplateLibrary(folders: [URL(fileURLWithPath: folder.file("."))])
        }
    }
}
