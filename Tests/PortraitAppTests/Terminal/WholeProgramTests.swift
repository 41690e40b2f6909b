import Foundation
import PortraitApp
import Portraits
import TestSupport
import Testing

/// The real program in a real terminal, from the first start to the last key.
@Suite(.serialized) struct WholeProgramTests {
    @Test func fromTheFirstStartToAPortraitAndBack() throws {
        let terminal = try TmuxSession.open()
        try choose(terminal)
        try generate(terminal)
        try recallAndDelete(terminal)
        try terminal.press("q")
        try terminal.expectEnd()
        let saved = try #require(
            SavedState.read(URL(fileURLWithPath: terminal.folder.file(".local/state/facechain/state.json"))))
        #expect(saved.choices.style == "film-noir" && saved.choices.prompt == "a captain at sea")
    }

    private func choose(_ terminal: TmuxSession) throws {
        try terminal.press("1", "/")
        try terminal.type("film noir")
        try terminal.waitFor("Style /film noir")
        try terminal.press("Enter", "Enter")
        try terminal.waitFor("1 Style Film noir")
        try terminal.press("4")
        try terminal.waitFor("512x512, 1 face")
        try terminal.press("5", "j", "Enter")
        try terminal.waitFor("Prompt: your own words")
        try terminal.type("a captain at sea")
        try terminal.press("Enter")
        try terminal.waitFor("Prompt       a captain at sea")
        try terminal.press("p", "p")
        try terminal.waitFor("Steps        4")
    }

    private func generate(_ terminal: TmuxSession) throws {
        try terminal.press("g")
        try terminal.waitFor("is finished.")
        try terminal.press("6")
        try terminal.waitFor("film-noir, seed")
        let gallery = URL(fileURLWithPath: terminal.folder.file(".local/share/facechain/gallery"))
        let item = try #require(Gallery(folder: gallery).items().first)
        let settings = try #require(item.settings)
        #expect(settings.style == "film-noir" && settings.steps == 4 && settings.width == 64)
        #expect(settings.prompt.hasPrefix("a captain at sea, "))
    }

    private func recallAndDelete(_ terminal: TmuxSession) throws {
        try terminal.press("5", "d", "8")
        try terminal.waitFor("1 picture")
        try terminal.press("r")
        try terminal.waitFor("All settings are recalled")
        try terminal.press("8", "Enter")
        try terminal.waitFor("4 steps, 64x64, tiny")
        try terminal.escape(from: "4 steps, 64x64, tiny")
        try terminal.press("d")
        try terminal.waitFor("to the trash?")
        try terminal.press("y")
        try terminal.waitFor("No pictures yet")
        let trash = terminal.folder.file(".local/share/Trash/files")
        #expect(try FileManager.default.contentsOfDirectory(atPath: trash).count == 1)
    }

    @Test func everyPaneAndWindowOpens() throws {
        let terminal = try TmuxSession.open()
        for (key, text) in [
            ("2", "Two at sunset"), ("3", "No pose"), ("4", "Likeness"),
            ("5", "Face adapter"),
            ("7", "No jobs yet"), ("8", "No pictures yet"), ("1", "No style"), ("c", "What is there"),
        ] {
            try terminal.press(key)
            try terminal.waitFor(text)
        }
        try terminal.escape(from: "What is there")
        try terminal.press("?")
        try terminal.waitFor("Help: what can be done here")
        try terminal.type("messages")
        try terminal.press("Enter")
        try terminal.waitFor("Messages")
        try terminal.escape(from: "Messages")
        try terminal.press("4", "a")
        try terminal.waitFor("A photo of the person")
        try terminal.escape(from: "A photo of the person")
        try terminal.press("C-p")
        try terminal.type("leave")
        try terminal.waitFor("Leave; asks first")
        try terminal.press("Enter")
        try terminal.expectEnd()
    }

    @Test func windowsOfAllSizes() throws {
        let terminal = try TmuxSession.open()
        for (columns, rows, text) in [
            (80, 24, "Queue"), (60, 16, "Style"), (40, 10, "Style"), (30, 8, "facechain needs 40x10"),
            (250, 70, "makes a portrait."), (120, 36, "makes a portrait."),
        ] {
            try terminal.resize(columns: columns, rows: rows)
            try terminal.waitFor(text)
        }
        try terminal.press("q")
        try terminal.expectEnd()
    }

    /// The program in the middle of a portrait, wanting to know whether it shall really end.
    private func painterAskedToLeave() throws -> TmuxSession {
        let terminal = try TmuxSession.open()
        try terminal.startLongJob()
        try terminal.press("q")
        try terminal.waitFor("is still being painted")
        return terminal
    }

    @Test func leavingInTheMiddleOfAPortraitIsNoCrash() throws {
        let terminal = try painterAskedToLeave()
        try terminal.press("y")
        try terminal.expectEnd()
    }

    @Test func leavingWhileAPortraitIsMadeAsks() throws {
        let terminal = try painterAskedToLeave()
        try terminal.press("n")
        try terminal.cancelJob()
        try terminal.press("q")
        try terminal.expectEnd()
    }
}
