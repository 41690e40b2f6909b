import Foundation
import PortraitApp
import Portraits
import TerminalKit
import TestSupport
import Testing

/// What the screen looks like, cell by cell. `UPDATE_GOLDENS=1 swift test` writes the files anew, to be looked at.
@Suite struct GoldenTests {
    private static let sizes = [(120, 36), (80, 24), (60, 16), (40, 10)]
    private static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Fixtures/goldens")

    private static let screens: [(name: String, keys: String)] = [
        ("start", ""), ("grid", "v"), ("template", "2"), ("template-faces", "2 down enter"),
        ("person", "4"), ("settings", "5"), ("queue", "7"),
        ("gallery", "8"), ("help", "?"), ("palette", ":"), ("checklist", "c"), ("quit-while-running", "g q"),
        ("editor", "5 down enter"), ("painting", "g"),
    ]

    @Test(arguments: screens.map(\.name), sizes.map { "\($0.0)x\($0.1)" })
    func screen(name: String, size: String) throws {
        let (columns, rows) = try #require(Self.sizes.first { "\($0.0)x\($0.1)" == size })
        let keys = try #require(Self.screens.first { $0.name == name }).keys
        var state = AppFixture.state(columns: columns, rows: rows)
        state.graphics = "sixel, 256 colours"
        if name == "gallery" {
            _ = update(
                &state, .galleryLoaded([try AppFixture.item("ink-7"), try AppFixture.item("ink-8", seed: 8)]))
        }
        state.press(keys)
        if name == "painting" { Self.paint(&state) }
        if name == "template-faces", let path = state.choices.template?.path {
            _ = update(&state, .photoInspected(path: path, .success(AppFixture.inspection(faces: 5))))
            state.press("down space")
        }
        _ = update(&state, .clock(60))
        try Self.compare(state.screen, with: "\(name)-\(size)")
    }

    @Test func theAbsenceOfTheEmbeddedModelIsSaid() throws {
        let state = AppFixture.state(models: [AppFixture.absent])
        try Self.compare(state.screen, with: "no-model-120x36")
    }

    /// `NO_COLOR` leaves the same characters; what is selected is reversed, what has the keyboard is bold.
    @Test func withoutColoursNothingIsLost() {
        let state = AppFixture.state()
        let plain = draw(state, theme: .named(.terminal, isColorless: true)).frame
        #expect(plain.text() == state.screen)
        let styles = (0..<plain.size.rows).flatMap { plain[row: $0].map(\.style) }
        #expect(styles.allSatisfy { $0.foreground == .standard && $0.background == .standard })
        #expect(styles.contains(where: \.isReversed) && styles.contains(where: \.isBold))
    }

    @Test func aWindowThatIsTooSmallIsSaid() {
        let state = AppFixture.state(columns: 30, rows: 8)
        #expect(state.shows("facechain needs 40x10"))
        #expect(state.shows("this window: 30x8"))
    }

    private static func paint(_ state: inout AppState) {
        let reports: [(PortraitStage, Int, Int, Double)] = [
            (.findingFace, 1, 1, 0.4), (.encodingIdentity, 1, 1, 0.2), (.encodingText, 1, 1, 0.1),
            (.loadingModel, 1, 1, 2.5), (.denoising, 6, 20, 1.5), (.denoising, 7, 20, 1.5),
        ]
        for (stage, step, count, seconds) in reports {
            let report = PortraitProgress(
                stage: stage, picture: 1, step: step, of: count, elapsedSeconds: 14, stepSeconds: seconds,
                preview: nil)
            _ = update(&state, .job(1, .progress(report)))
        }
        _ = update(&state, .memory(bytes: 812_000_000))
    }

    private static func compare(_ rows: [String], with name: String) throws {
        let file = folder.appendingPathComponent("\(name).txt")
        let text = rows.map { $0.replacing(#/\s+$/#, with: "") }.joined(separator: "\n") + "\n"
        if ProcessInfo.processInfo.environment["UPDATE_GOLDENS"] == "1" {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
        let golden = try String(contentsOf: file, encoding: .utf8)
        #expect(text == golden, "\(name) looks different:\n\(text)")
    }
}
