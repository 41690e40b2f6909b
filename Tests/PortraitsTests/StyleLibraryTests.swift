import Foundation
import Portraits
import TestSupport
import Testing
import Weights

@Suite struct StyleLibraryTests {
    @Test func shippedStylesAreWholeAndDistinct() throws {
        let library = try StyleLibrary(folders: [House.folder.appendingPathComponent("Styles")])
        let forStableDiffusion = library.styles.filter { $0.baseModel == "stable-diffusion-v1" }
        #expect(forStableDiffusion.count >= 40)
        #expect(library.styles.count { $0.baseModel == "atelier" } == 8)
        #expect(Set(library.styles.map(\.title)).count == library.styles.count)
        #expect(Set(library.styles.map(\.prompt)).count == library.styles.count)
        for style in library.styles {
            #expect(!style.title.isEmpty && !style.prompt.isEmpty && !style.tags.isEmpty, "\(style.name)")
            #expect(style.name == style.name.lowercased() && !style.name.contains(" "), "\(style.name)")
        }
    }

    @Test func everyStyleOfTheEmbeddedModelBringsALoRAThatFitsIt() throws {
        let resources = try House.resources()
        let model = House.folder.appendingPathComponent("Models/atelier")
        func weights(_ path: String) throws -> any WeightSource {
            try WeightFile.open(model.appendingPathComponent(path).path)
        }
        let unet = try weights("unet/diffusion_pytorch_model.safetensors")
        let textEncoder = try weights("text_encoder/model.safetensors")
        for style in try StyleLibrary(folders: resources.styleFolders).styles
        where style.baseModel == "atelier" {
            let file = try #require(style.lora.flatMap { resources.lora(named: $0.file) }, "\(style.name)")
            let lora = try LoRAFile(WeightFile.open(file.path))
            let merge = try LoRAMerge([(lora, 1)], unet: unet, textEncoder: textEncoder)
            #expect(merge.reports.map(\.unappliedNames) == [[]], "\(style.name)")
        }
    }

    @Test func misspeltNamesAreAnsweredWithTheNearest() throws {
        let library = try StyleLibrary(folders: [House.folder.appendingPathComponent("Styles")])
        let error = #expect(throws: PortraitError.self) { try library.style(named: "film-noire") }
        #expect(error?.description.contains("did you mean film-noir") == true)
    }

    @Test func laterFoldersReplaceAndBrokenFilesAreNamed() throws {
        let folder = try TemporaryDirectory()
        let own = URL(fileURLWithPath: folder.file("film-noir.json"))
        try Data(
            #"{"name":"film-noir","title":"Mine","prompt":"p","negativePrompt":"","baseModel":"atelier","tags":["a"]}"#
                .utf8
        )
        .write(to: own)
        let folders = [House.folder.appendingPathComponent("Styles"), URL(fileURLWithPath: folder.path)]
        #expect(try StyleLibrary(folders: folders).style(named: "film-noir").title == "Mine")

        try Data(#"{"name":"broken","title":3}"#.utf8).write(
            to: URL(fileURLWithPath: folder.file("broken.json")))
        let error = #expect(throws: PortraitError.self) { try StyleLibrary(folders: folders) }
        #expect(error?.description.contains("broken.json is not a style: 'title' should be text") == true)
    }
}
