import Foundation
import PortraitApp
import Testing

/// What a user sees for arguments that are wrong: the exit code, and nothing made.
@Suite struct CommandLineTests {
    init() {
        let house = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        setenv("FACECHAIN_HOME", house.path, 1)
    }

    private static let cases: [([String], Int32)] = [
        (["generate"], 2),
        (["generate", "--phto", "x.jpg"], 2),
        (["generate", "--photo"], 2),
        (["generate", "--photo", "x.jpg", "--steps", "many"], 2),
        (["generate", "--photo", "x.jpg", "--size", "512x"], 2),
        (["generate", "--photo", "x.jpg", "--landmarks", "1,2,3"], 2),
        (["generate", "--photo", "x.jpg", "--out", "portrait.gif"], 2),
        (["generate", "--photo", "x.jpg", "--pose-weight", "1"], 2),
        (["pose"], 2),
        (["pose", "x.png", "y.png"], 2),
        (["pose", "x.png", "--out", "y.jpg"], 2),
        (["pose", "/no/such/x.png"], 1),
        (["generate", "--photo", "x.jpg", "--pose", "y.png", "--pose-end", "2"], 2),
        (["paint"], 2),
        (["generate", "--photo", "x.jpg", "--style", "no-such-style"], 1),
        (["generate", "--photo", "x.jpg", "--out", "/no/such/folder/p.png"], 1),
        (["generate", "--help"], 0),
        (["help"], 0),
        ([], 2),
        (["browse", "--theme", "pink"], 2),
        (["completions", "tcsh"], 2),
        (["completions", "fish"], 0),
        (["man"], 0),
        (["paths"], 0),
        (["doctor", "--json"], 0),
        (["styles"], 0),
    ]

    @Test(arguments: cases)
    func exitCodes(arguments: [String], code: Int32) async {
        #expect(await FaceChain.run(arguments) == code)
    }
}
