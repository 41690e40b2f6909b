import Foundation
import Imaging
import Portraits
import TestSupport
import Testing

/// The five main screens as a newcomer sees them: embedded model, example person, a terminal with sixel.
///
/// With `FACECHAIN_SCREENSHOTS` set to a folder, the pictures of the README are written there.
@Suite struct ScreenshotTests {
    private static let screens = [
        (key: "1", name: "style"), ("4", "person"), ("5", "settings"), ("6", "preview"), ("8", "gallery"),
    ]

    @Test func theMainScreensShowTheirPictures() throws {
        let terminal = try XtermSession(arguments: [])
        let gallery = Gallery(
            folder: URL(fileURLWithPath: terminal.folder.file(".local/share/facechain/gallery")))
        try terminal.press("g")
        try terminal.wait(for: "a portrait") { !gallery.items().isEmpty }
        var seen: [Image] = []
        for (key, name) in Self.screens {
            try terminal.press(key)
            let picture = try terminal.settledScreenshot()
            #expect(!seen.contains { $0.pixels == picture.pixels }, "\(name) looks like a screen before it")
            // Text and frames alone have a dozen colours; a picture has as many as there are registers.
            #expect(colors(of: picture) > 60, "\(name) shows no picture")
            seen.append(picture)
            if let folder = ProcessInfo.processInfo.environment["FACECHAIN_SCREENSHOTS"] {
                try ImageFile.writePNG(picture, texts: [], to: "\(folder)/\(name).png", ifExists: .replace)
            }
        }
    }

    private func colors(of picture: Image) -> Int {
        let channels = picture.channels.rawValue
        return Set(
            stride(from: 0, to: picture.pixels.count, by: channels).map { Array(picture.pixels[$0..<$0 + 3]) }
        ).count
    }
}
