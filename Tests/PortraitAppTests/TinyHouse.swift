import Foundation
import TestSupport

/// The repository as the program's home, and a copy of the tiny model of random weights, to be damaged and changed.
struct TinyHouse {
    static let house = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    let folder: TemporaryDirectory
    let model: URL

    init() throws {
        setenv("FACECHAIN_HOME", Self.house.path, 1)
        folder = try TemporaryDirectory()
        model = URL(fileURLWithPath: folder.file("model"))
        try FileManager.default.copyItem(
            at: Self.house.appendingPathComponent("Tests/PortraitsTests/Fixtures/tiny"), to: model)
    }
}
