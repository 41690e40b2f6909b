import Foundation
import PortraitApp
import Portraits
import TerminalKit
import TestSupport
import Testing

/// The action table and what is derived from it.
@Suite struct ActionTests {
    @Test func namesKeysAndWordsAreInOrder() {
        let actions = ActionTable.actions
        #expect(Set(actions.map(\.name)).count == actions.count)
        for action in actions {
            #expect(!action.description.isEmpty && action.description.count <= 72, "\(action.name)")
            for key in action.defaultKeys {
                #expect(KeyChord(key)?.description == key, "\(action.name): \(key)")
            }
        }
        for (context, group) in Dictionary(grouping: actions, by: \.context) {
            let keys = group.flatMap(\.defaultKeys)
            #expect(Set(keys).count == keys.count, "a key has two meanings in \(context.title)")
        }
        #expect(KeyBindings.standard.complaints.isEmpty)
    }

    @Test func keysCanBeChangedAndMistakesAreSaid() {
        let bindings = KeyBindings(changes: ["generate": ["f5", "meta-x"], "qit": ["q"], "help": ["f5"]])
        #expect(bindings.complaints.count == 3)
        #expect(bindings.complaints[0].contains("no action 'qit'"))
        var state = AppFixture.state(changes: ["generate": ["f5"]])
        #expect(state.press("g").isEmpty)
        #expect(!state.press("f5").compactMap(\.startedRequest).isEmpty)
        #expect(state.shows("f5 generate"))
    }

    @Test func everyActionIsInTheManPage() {
        let page = ManPage.text
        for action in ActionTable.actions where !action.defaultKeys.isEmpty {
            #expect(
                page.contains("\\fI\(action.name.replacingOccurrences(of: "-", with: "\\-"))\\fR"),
                "\(action.name)")
        }
        #expect(page.hasPrefix(".TH FACECHAIN 1"))
    }

    /// `UPDATE_GOLDENS=1 swift test` writes the page anew.
    @Test func theManPageInTheRepositoryIsThis() throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Documentation/facechain.1")
        if ProcessInfo.processInfo.environment["UPDATE_GOLDENS"] == "1" {
            try Data((ManPage.text + "\n").utf8).write(to: file)
        }
        #expect(try String(contentsOf: file, encoding: .utf8) == ManPage.text + "\n")
    }

    @Test(arguments: [("bash", Completions.bash), ("zsh", Completions.zsh), ("fish", Completions.fish)])
    func completionsKnowAllCommandsAndOptions(shell: String, script: String) {
        for word in ["browse", "generate", "doctor", "completions", "photo", "sampler", "zsh"] {
            #expect(script.contains(word), "\(shell) lacks \(word)")
        }
    }

    @Test func configurationSaysWhatIsWrong() {
        let good = AppConfiguration.parse(
            Data(#"{"theme":"studio","mouse":false,"keys":{"quit":["Q"]}}"#.utf8), name: "config.json")
        #expect(
            good.complaints.isEmpty && good.configuration.theme == .studio && !good.configuration.usesMouse)
        func complaint(_ json: String) -> String? {
            AppConfiguration.parse(Data(json.utf8), name: "config.json").complaints.first
        }
        #expect(complaint(#"{"theme":"pink"}"#)?.contains("no theme 'pink'; choose one of terminal") == true)
        #expect(complaint(#"{"thme":"studio"}"#) == "config.json: there is no setting 'thme'.")
        #expect(complaint(#"{"mouse":"no"}"#)?.contains("'mouse' should be true or false") == true)
        #expect(complaint("{")?.contains("not valid JSON") == true)
    }

    @Test func whatWasChosenIsThereNextTime() throws {
        let folder = try TemporaryDirectory()
        let file = URL(fileURLWithPath: folder.file("state/state.json"))
        var state = AppFixture.state()
        state.press("1 G enter f v 5 p")
        try SavedState(state).write(to: file)
        var next = AppFixture.state()
        next.restore(try #require(SavedState.read(file))) { _ in true }
        #expect(next.choices == state.choices)
        #expect(next.browser.favourites == state.browser.favourites && next.browser.layout == .grid)
        #expect(next.focus == .settings)
        // A photo that is gone is said and replaced.
        next.restore(try #require(SavedState.read(file))) { _ in false }
        #expect(next.messages.last?.text.contains("is gone") == true)
        try Data("{".utf8).write(to: file)
        #expect(SavedState.read(file) == nil)
    }
}
