import Foundation
import Imaging
import Portraits
import TestSupport
import Testing

/// Finished pictures: kept, found again with their settings, and thrown away so that they can be taken back.
@Suite struct GalleryTests {
    private let folder: TemporaryDirectory

    init() throws { folder = try TemporaryDirectory() }

    private func settings(prompt: String) throws -> String {
        let text = String(decoding: try JSONEncoder().encode(prompt), as: UTF8.self)
        return """
            {"schema":1,"prompt":\(text),"negativePrompt":"","style":"ink","loras":[],"model":"m","modelHash":"h",\
            "adapter":null,"steps":4,"sampler":"euler","guidanceScale":5,"seed":7,"width":64,"height":64,\
            "photoCount":1,"identityWeight":0,"identityStart":0,"identityEnd":1}
            """
    }

    private func picture(_ name: String, record: String?) throws -> URL {
        let image = Image(width: 8, height: 8, channels: .rgb, filledWith: [10, 20, 30])
        let texts = record.map { [PNGText(keyword: "facechain", text: $0)] } ?? []
        let bytes = try ImageFile.encodePNG(image, texts: texts)
        return URL(fileURLWithPath: try folder.write(bytes, to: name))
    }

    @Test(arguments: ["a sailor", "ein Matrose auf hoher See – 海"])
    func settingsAreReadWithoutThePixels(prompt: String) throws {
        let file = try picture("a.png", record: settings(prompt: prompt))
        let whole = Array(try Data(contentsOf: file))
        #expect(PortraitSettings(recordedIn: file)?.prompt == prompt)
        // A file that breaks off, wherever, is no crash; what stands before the break counts.
        for count in 0..<whole.count {
            try Data(whole[..<count]).write(to: file)
            let found = PortraitSettings(recordedIn: file)
            #expect(found == nil || found?.prompt == prompt)
        }
    }

    @Test func picturesOfOthersAreListedWithoutSettings() throws {
        _ = try picture("other.png", record: nil)
        _ = try picture("broken.png", record: "{")
        try folder.write(Data("text".utf8), to: "note.txt")
        let items = Gallery(folder: URL(fileURLWithPath: folder.path)).items()
        #expect(Set(items.map(\.file.lastPathComponent)) == ["other.png", "broken.png"])
        #expect(items.allSatisfy { $0.settings == nil })
        #expect(Gallery(folder: URL(fileURLWithPath: folder.file("none"))).items().isEmpty)
    }

    @Test func theTrashKeepsEverythingApart() throws {
        let trash = Trash(dataHome: URL(fileURLWithPath: folder.file("data")))
        let date = Date(timeIntervalSince1970: 0)
        let first = try trash.put(try picture("a b.png", record: nil), at: date)
        let second = try trash.put(try picture("a b.png", record: nil), at: date)
        #expect(first.lastPathComponent == "a b.png" && second.lastPathComponent == "2 a b.png")
        let note = try String(
            contentsOfFile: folder.file("data/Trash/info/a b.png.trashinfo"), encoding: .utf8)
        #expect(note.hasPrefix("[Trash Info]\nPath=\(folder.path)/a%20b.png\nDeletionDate="))
        #expect(throws: (any Error).self) {
            try trash.put(URL(fileURLWithPath: folder.file("gone.png")), at: date)
        }
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder.file("data/Trash/info")).count == 2)
    }
}
