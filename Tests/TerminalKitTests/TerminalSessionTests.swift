import Foundation
import Imaging
import TerminalKit
import TestSupport
import Testing

/// The picture that the test program shows, as it should look in a terminal with cells of 10 x 20 pixels.
private func expectedPicture(blue: Int = 60, in columns: Int, _ rows: Int) -> PixelImage {
    let image = shadedDisc(width: 120, height: 150, blue: blue)
    let scale = min(Double(columns * 10) / 120, Double(rows * 20) / 150)
    let height = Int((150 * scale).rounded())
    return image.resampled(toWidth: Int((120 * scale).rounded()), height: height - height % 6)
}

/// Each test plays a terminal to a real process.
@Suite(.serialized) struct TerminalSessionTests {
    private func expectNothingLeft(
        _ program: TerminalProgram, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        try await program.wait(for: "main screen", sourceLocation: sourceLocation) {
            isAsBefore($0.screen) && $0.isModeRestored
        }
        let screen = program.screen
        #expect(screen.pictureCells.isEmpty, sourceLocation: sourceLocation)
        #expect(screen.complaints == [], sourceLocation: sourceLocation)
    }

    /// The main screen, a visible cursor (25), no modes but those that every terminal has (7 wrap, 12 blink).
    private func isAsBefore(_ screen: EmulatedScreen) -> Bool {
        !screen.isAlternate && screen.modes.contains(25) && screen.modes.isSubset(of: [7, 12, 25])
            && screen.titleDepth == 0
    }

    private func sixelIsShown(_ program: TerminalProgram) -> Bool { !program.screen.pictureCells.isEmpty }

    private func blocksAreShown(_ program: TerminalProgram) -> Bool {
        program.screen.pictureCells.isEmpty
            && program.screen.text.contains { line in line.contains { "▘▝▀▖▌▞▛".contains($0) } }
    }

    // MARK: Pictures

    @Test func showsTextAndThePicture() async throws {
        let program = try TerminalProgram()
        try await program.wait(for: "picture", sixelIsShown)
        try await program.settle()
        let screen = program.screen
        #expect(screen.text[0] == "Header 0")
        #expect(screen.text[2].hasPrefix("│item 0 肖像"))
        let picture = try #require(screen.pictures.last)
        // The pane is 70 columns and 28 rows with its border; the picture is 416 x 520 -> 516 pixels.
        #expect(picture.place == CellPoint(column: 44, row: 2))
        #expect(peakSignalToNoise(try decodedSixel(picture.bytes), expectedPicture(in: 68, 26)) >= 25)
        #expect(screen.complaints == [])
        program.type("q")
        try await program.wait(for: "end") { $0.status == 0 }
        try await expectNothingLeft(program)
    }

    @Test func aLaterVersionTakesThePlaceAtOnce() async throws {
        let program = try TerminalProgram()
        try await program.wait(for: "picture", sixelIsShown)
        try await program.settle()
        let before = program.screen
        program.type("v")
        try await program.wait(for: "second picture") { $0.screen.pictures.count > before.pictures.count }
        let screen = program.screen
        #expect(screen.pictureCells == before.pictureCells)
        let picture = try #require(screen.pictures.last)
        #expect(
            peakSignalToNoise(try decodedSixel(picture.bytes), expectedPicture(blue: 80, in: 68, 26)) >= 25)
    }

    @Test func aPictureThatChangesFasterThanItIsEncodedIsSeen() async throws {
        let program = try TerminalProgram()
        try await program.wait(for: "picture", sixelIsShown)
        try await program.settle()
        let count = program.screen.pictures.count
        // New versions as long as the last one is not seen, so that the latest is seldom ready.
        var looks = 0
        try await program.wait(for: "three pictures among many versions") { program in
            looks += 1
            if looks % 5 == 0 { program.type("v") }
            return program.screen.pictures.count >= count + 3
        }
    }

    @Test func textOverAPictureComesAndGoes() async throws {
        let program = try TerminalProgram()
        try await program.wait(for: "picture", sixelIsShown)
        try await program.settle()
        let whole = program.screen.pictureCells
        program.type("p")
        try await program.settle()
        let uncovered = expectedCells(program.screen)
        #expect(uncovered.count < whole.count)
        #expect(program.screen.pictureCells == uncovered)
        // Another picture under the text comes in parts.
        let count = program.screen.pictures.count
        program.type("n")
        try await program.wait(for: "parts") { $0.screen.pictures.count >= count + 3 }
        #expect(program.screen.pictureCells == uncovered)
        program.type("p")
        try await program.wait(for: "whole picture") { $0.screen.pictureCells == whole }
        #expect(program.screen.complaints == [])
    }

    /// What ncurses and we send piece by piece adds up to what a terminal shows that is drawn at once.
    @Test func manyChangesLeaveNothingBehind() async throws {
        let program = try TerminalProgram(size: CellSize(columns: 72, rows: 18))
        // The terminal's answers are events too, and would take the last row from the mark that `settle` waits for.
        try await program.wait(for: "picture", sixelIsShown)
        var generator = RepeatableGenerator(seed: 5)
        let keys = ["\u{1B}[B", "\u{1B}[B", "\u{1B}[A", "p", "n", "v", "c"]
        for _ in 0..<8 {
            for _ in 0..<25 { program.type(keys[Int.random(in: 0..<keys.count, using: &generator)]) }
            try await settleWithPicture(program)
            try await compareWithRedraw(program)
        }
        #expect(program.screen.complaints == [])
    }

    @Test func sixtyResizes() async throws {
        let program = try TerminalProgram()
        var generator = RepeatableGenerator(seed: 6)
        for round in 0..<60 {
            program.resize(
                CellSize(
                    columns: Int.random(in: 30...250, using: &generator),
                    rows: Int.random(in: 8...70, using: &generator)))
            program.type(round % 3 == 0 ? "v" : "\u{1B}[B")
            if round % 10 == 0 { try await Task.sleep(for: .milliseconds(50)) }
        }
        program.resize(CellSize(columns: 90, rows: 25))
        try await program.wait(for: "last size") { $0.log.contains("resized 90 x 25") }
        try await settleWithPicture(program)
        #expect(program.screen.text[0].hasPrefix("Header"))
        try await compareWithRedraw(program)
        program.type("q")
        try await program.wait(for: "end") { $0.status == 0 }
        // While the window changes, a picture may be sent for the size before; that scrolls at worst.
        try await program.wait(for: "main screen") { !$0.screen.isAlternate && $0.isModeRestored }
    }

    /// The cells in which the test program's picture is to be seen.
    private func expectedCells(_ screen: EmulatedScreen) -> Set<CellPoint> {
        let size = screen.size
        let middle = CellRect(column: 0, row: 1, columns: size.columns, rows: size.rows - 2)
        let pane = middle.splitColumns(left: min(30, size.columns / 2)).right.inset(by: 1)
        let terminal = TerminalCapabilities(
            replies: TerminalReplies("\u{1B}[6;20;10t\u{1B}[?2;0;1000;1000S\u{1B}[?4c".utf8),
            columns: size.columns, rows: size.rows, windowSize: .init(width: 0, height: 0), environment: [:])
        let image = shadedDisc(width: 120, height: 150)
        guard let hole = CellFit(image, in: pane, on: size, terminal: terminal)?.hole else { return [] }
        let popup = CellRect(size).centered(CellSize(columns: 40, rows: 7))
        let hasPopup = screen.contains("─ Popup ─")
        return Set(
            hole.rowRange.flatMap { row in hole.columnRange.map { CellPoint(column: $0, row: row) } }
                .filter { !hasPopup || !popup.contains($0) })
    }

    private func settleWithPicture(_ program: TerminalProgram) async throws {
        try await program.settle()
        try await program.wait(for: "whole picture") { expectedCells($0.screen) == $0.screen.pictureCells }
    }

    private func compareWithRedraw(_ program: TerminalProgram) async throws {
        let before = program.screen
        let count = before.clearCount
        program.type("l")
        try await program.wait(for: "redraw") { $0.screen.clearCount > count }
        try await settleWithPicture(program)
        let after = program.screen
        #expect(before.pictureCells == after.pictureCells)
        // The last row names the last event. Under a picture lie blanks of two kinds, whichever was written last.
        func visible(_ screen: EmulatedScreen) -> [String] {
            screen.text.dropLast().map { $0.replacing("\u{A0}", with: " ") }
        }
        #expect(visible(before) == visible(after))
    }

    // MARK: Terminals that answer in their own ways

    @Test func aMuteTerminalShowsBlocksAndAnswersKeys() async throws {
        let program = try TerminalProgram(.mute, environment: ["COLORTERM": "truecolor"])
        try await program.wait(for: "blocks", blocksAreShown)
        program.type("\u{1B}[B")
        try await program.wait(for: "answer to a key") { $0.screen.text[0] == "Header 1" }
        program.type("\u{1B}")
        try await program.wait(for: "escape") { $0.log.contains("key escape") }
        program.type("q")
        try await program.wait(for: "end") { $0.status == 0 }
        try await expectNothingLeft(program)
    }

    @Test func lateAnswersStillCountAndAreNoKeys() async throws {
        var profile = TerminalProfile.vt340
        profile.delay = 1500
        let program = try TerminalProgram(profile)
        try await program.wait(for: "blocks", blocksAreShown)
        try await program.wait(for: "picture", sixelIsShown)
        try await program.settle()
        #expect(!program.log.contains { $0.hasPrefix("key") })
    }

    @Test func answersThatComeAfterTheEndDoNotReachTheShell() async throws {
        var profile = TerminalProfile.vt340
        profile.delay = 60
        let program = try TerminalProgram(profile)
        program.type("q")
        try await program.wait(for: "end") { $0.status == 0 }
        try await expectNothingLeft(program)
    }

    @Test(arguments: ["", "\u{1B}[", "\u{1B}]0;a title\u{7}", "\u{FFFD}\u{0}\u{1B}[?x", "\u{1B}P!|0\u{1B}\\"])
    func answersAreFoundByteByByteAmongOthers(_ garbage: String) async throws {
        var profile = TerminalProfile.vt340
        profile.isDripping = true
        profile.garbage = garbage
        let program = try TerminalProgram(profile)
        try await program.wait(for: "picture", sixelIsShown)
        try await program.settle()
        #expect(
            program.log.filter { $0.hasPrefix("key character") && !$0.contains("\u{FFFD}") }.allSatisfy {
                garbage.contains("\u{0}") && $0.contains(" ")
            })
    }

    @Test(arguments: [
        (TerminalProfile(attributes: "62;42;22"), "", "Latin-2 is no sixel"),
        (TerminalProfile(attributes: "63;4", registers: 16, grantsRegisters: false), "", "too few colours"),
        (TerminalProfile(attributes: "63;4", name: "tmux 3.3a"), "", "old tmux"),
        (TerminalProfile(attributes: "63;4"), "/tmp/tmux-0/default,1,0", "tmux of unknown version"),
        (TerminalProfile(attributes: "64;1;2", registers: nil), "", "no sixel"),
    ]) fileprivate func showsBlocksWhereSixelWouldFail(
        _ profile: TerminalProfile, _ tmux: String, _ why: String
    ) async throws {
        let program = try TerminalProgram(profile, environment: tmux.isEmpty ? [:] : ["TMUX": tmux])
        try await program.wait(for: "blocks, for \(why)", blocksAreShown)
        program.type("v")
        try await program.settle()
        #expect(program.screen.pictures.isEmpty)
        try await program.wait(for: "blocks, for \(why)", blocksAreShown)
    }

    @Test func recentTmuxShowsSixel() async throws {
        let profile = TerminalProfile(attributes: "1;2;4", name: "tmux 3.5a")
        let program = try TerminalProgram(profile, environment: ["TMUX": "/tmp/tmux-0/default,1,0"])
        try await program.wait(for: "picture", sixelIsShown)
    }

    @Test func colourRegistersAreRaisedAndPutBack() async throws {
        let program = try TerminalProgram(
            TerminalProfile(attributes: "63;4", name: "XTerm(379)", registers: 16))
        try await program.wait(for: "picture", sixelIsShown)
        #expect(program.profile.registers == 256)
        program.type("q")
        try await program.wait(for: "end") { $0.status == 0 }
        try await program.wait(for: "registers") { $0.profile.registers == 16 }
        try await expectNothingLeft(program)
    }

    @Test func kittyGetsPNG() async throws {
        let profile = TerminalProfile(attributes: "62", name: "kitty(0.26.5)", takesKittyPictures: true)
        let program = try TerminalProgram(profile)
        func transmissions() -> [[UInt8]] {
            program.screen.applicationCommands.filter { $0.starts(with: "Ga=T,f=100".utf8) }
        }
        try await program.wait(for: "picture") { _ in !transmissions().isEmpty }
        program.type("v")
        try await program.wait(for: "second picture") { _ in transmissions().count == 2 }
        try await program.settle()
        #expect(program.screen.applicationCommands.contains { $0.starts(with: "Ga=d,d=I,i=1".utf8) })
        var file: [UInt8] = []
        let commands = program.screen.applicationCommands
        let start = try #require(commands.lastIndex { $0.starts(with: "Ga=T".utf8) })
        for command in commands[start...]
        where command.starts(with: "Ga=T".utf8) || command.starts(with: "Gm=".utf8) {
            let payload = command.split(separator: UInt8(ascii: ";"), maxSplits: 1)[1]
            #expect(payload.count <= 4096)
            file += try #require(Data(base64Encoded: Data(payload)))
        }
        let folder = try TemporaryDirectory()
        let image = try ImageFile.read(try folder.write(file, to: "a.png")).flattened(onto: [0, 0, 0])
        let expected = shadedDisc(width: 120, height: 150, blue: 80).resampled(toWidth: 416, height: 520)
        #expect(peakSignalToNoise(image, expected) >= 60)
    }

    @Test func iTermGetsPNG() async throws {
        let program = try TerminalProgram(TerminalProfile(attributes: "62;4", name: "iTerm2 3.5.0"))
        try await program.wait(for: "picture") {
            $0.screen.commands.contains { $0.hasPrefix("1337;File=inline=1;size=") }
        }
        #expect(program.screen.pictures.isEmpty)
    }

    @Test func aLocaleWithoutUnicodeGetsASCII() async throws {
        let program = try TerminalProgram(.mute, environment: ["LC_ALL": "C", "NO_COLOR": "1"])
        try await program.wait(for: "picture") { $0.screen.contains("%%%") }
        #expect(program.screen.contains("+- List ---"))
        #expect(program.screen.text.allSatisfy { $0.unicodeScalars.allSatisfy(\.isASCII) })
        #expect(program.screen.contains("|item 0 ?"))
    }

    @Test(arguments: [
        "foot", "vt340", "no-such-terminal", "xterm-kitty", "linux", "vt100", "screen-256color",
    ])
    func unknownTerminalsGetThatWhichIsNearest(_ term: String) async throws {
        let program = try TerminalProgram(.mute, environment: ["TERM": term])
        try await program.wait(for: "text") { $0.screen.text[0] == "Header 0" }
        program.type("q")
        try await program.wait(for: "end") { $0.status == 0 }
        try await program.wait(for: "old mode") { $0.isModeRestored }
    }

    @Test func aTerminalWithoutScreensIsRefused() async throws {
        let program = try TerminalProgram(.mute, environment: ["TERM": "dumb"])
        try await program.wait(for: "end") { $0.status == 69 }
        // The end may be known before the last words are read.
        try await program.wait(for: "reason") {
            $0.screen.text.joined().contains("TERM is \"dumb\", a terminal without full screens.")
        }
    }

    // MARK: Events

    @Test func eventsArrive() async throws {
        let program = try TerminalProgram()
        try await program.wait(for: "picture", sixelIsShown)
        program.type("\u{1B}[<0;5;7M\u{1B}[I\u{1B}[200~/tmp/a b.png\u{1B}[201~äw")
        try await program.wait(for: "events") { program in
            ["mouse press 4 6", "focus true", "paste /tmp/a b.png", "key character(\"ä\")", "wake"]
                .allSatisfy(program.log.contains)
        }
        program.type("t")
        try await program.wait(for: "title") { $0.screen.title == "A title·]2;b" }
        program.type("N")
        try await program.wait(for: "bell") { $0.screen.bellCount == 1 }
        program.type("q")
        try await program.wait(for: "end") { $0.status == 0 }
        try await expectNothingLeft(program)
    }

    @Test func progressIsShownOnlyWhereItIsUnderstood() async throws {
        let ghostty = try TerminalProgram(TerminalProfile(attributes: "62;4", name: "ghostty 1.1"))
        try await ghostty.wait(for: "picture", sixelIsShown)
        ghostty.type("PNq")
        try await ghostty.wait(for: "end") { $0.status == 0 }
        try await ghostty.wait(for: "commands") { $0.screen.commands.contains("9;4;0") }
        #expect(ghostty.screen.commands.contains("9;4;1;25"))
        #expect(ghostty.screen.commands.contains("777;notify;Done;1 portrait"))
        let xterm = try TerminalProgram()
        try await xterm.wait(for: "picture", sixelIsShown)
        xterm.type("Pq")
        try await xterm.wait(for: "end") { $0.status == 0 }
        #expect(xterm.screen.commands == [])
    }

    // MARK: Ends

    @Test(arguments: [(SIGTERM, "terminate"), (SIGINT, "terminate"), (SIGHUP, "hangup")])
    func signalsEndTheProgramInOrder(_ signal: Int32, _ event: String) async throws {
        let program = try TerminalProgram()
        try await program.wait(for: "picture", sixelIsShown)
        program.type("ct")
        try await program.settle()
        program.signal(signal)
        try await program.wait(for: "end") { $0.status == -signal }
        #expect(program.log.contains(event))
        try await expectNothingLeft(program)
    }

    @Test func aProgramThatHangsCanBeEnded() async throws {
        let program = try TerminalProgram()
        try await program.wait(for: "picture", sixelIsShown)
        program.type("H")
        try await program.wait(for: "key") { $0.log.contains("key character(\"H\")") }
        for _ in 0..<50 where program.status == nil {
            program.signal(SIGTERM)
            try await Task.sleep(for: .milliseconds(200))
        }
        try await program.wait(for: "end") { $0.status == -SIGTERM }
        try await program.wait(for: "main screen") { isAsBefore($0.screen) && $0.isModeRestored }
    }

    @Test func exitRestoresTheTerminal() async throws {
        let program = try TerminalProgram()
        try await program.wait(for: "picture", sixelIsShown)
        program.type("E")
        try await program.wait(for: "end") { $0.status == 3 }
        try await program.wait(for: "main screen") { isAsBefore($0.screen) && $0.isModeRestored }
    }

    /// A fatal error and a stack overflow, each on the main thread and on another.
    @Test(arguments: [
        ("X", [SIGTRAP, SIGILL]), ("T", [SIGTRAP, SIGILL]), ("O", [SIGSEGV]), ("S", [SIGSEGV]),
    ])
    func aCrashLeavesAReadableTerminal(_ key: String, _ signals: [Int32]) async throws {
        let program = try TerminalProgram(environment: ["SWIFT_BACKTRACE": "enable=no"])
        try await program.wait(for: "picture", sixelIsShown)
        program.type("t\(key)")
        try await program.wait(for: "end") { $0.status != nil }
        #expect(signals.contains { program.status == -$0 })
        try await program.wait(for: "main screen") { isAsBefore($0.screen) && $0.isModeRestored }
        try await program.wait(for: "hint") {
            $0.screen.text.joined().contains("The program crashed. What it said is in")
        }
        if key == "X" { #expect(program.log.contains { $0.contains("A crash on purpose") }) }
    }

    @Test func aWindowThatClosesEndsTheProgram() async throws {
        let program = try TerminalProgram()
        try await program.wait(for: "picture", sixelIsShown)
        program.hangUp()
        try await program.wait(for: "end") { $0.status != nil }
    }

    @Test func aStopThatCannotBeSeenIsRepaired() async throws {
        let program = try TerminalProgram()
        try await program.wait(for: "picture", sixelIsShown)
        try await program.settle()
        let count = program.screen.pictures.count
        program.signal(SIGSTOP)
        program.signal(SIGCONT)
        try await program.wait(for: "resumption") { $0.log.contains("resumed") }
        try await program.wait(for: "picture") { $0.screen.pictures.count > count }
        program.type("q")
        try await program.wait(for: "end") { $0.status == 0 }
        try await expectNothingLeft(program)
    }

    /// With a shell that controls jobs, as users do it.
    @Test func stopsAndGoesOn() async throws {
        let program = try TerminalProgram(
            environment: ["PS1": "ready> ", "HISTFILE": ""],
            command: ["/bin/bash", "--norc", "--noediting", "-i"])
        let folder = try TemporaryDirectory()
        try await program.wait(for: "shell") { $0.screen.contains("ready>") }
        let start = "'\(try TerminalProgram.executable())' --show '\(program.logFile)'"
        program.type("stty -g > \(folder.file("before")); \(start)\n")
        try await program.wait(for: "picture", sixelIsShown)
        program.type("t")
        try await program.settle()
        program.type("\u{1A}")
        // Readline has a mode of its own for pastes.
        try await program.wait(for: "stop") { program in
            let screen = program.screen
            return screen.contains("Stopped") && !screen.isAlternate && screen.titleDepth == 0
                && screen.modes.isSubset(of: [7, 12, 25, 2004])
        }
        program.type("stty -g > \(folder.file("stopped"))\n")
        try await program.wait(for: "mode") { _ in
            FileManager.default.fileExists(atPath: folder.file("stopped"))
        }
        // It must not touch the terminal while it runs in the background.
        program.type("bg; echo back''ground\n")
        try await program.wait(for: "background") { $0.screen.contains("background") }
        program.type("fg\n")
        try await program.wait(for: "picture", sixelIsShown)
        #expect(program.screen.text[0] == "Header 0")
        #expect(program.screen.isAlternate && program.screen.titleDepth == 2)
        program.type("\u{1B}[B")
        try await program.wait(for: "answer to a key") { $0.screen.text[0] == "Header 1" }
        program.type("q")
        try await program.wait(for: "end") { !$0.screen.isAlternate && $0.screen.contains("closed") }
        program.type("stty -g > \(folder.file("after")); echo do''ne\n")
        try await program.wait(for: "shell") { $0.screen.contains("done") }
        let modes = try ["before", "stopped", "after"].map {
            try String(contentsOfFile: folder.file($0), encoding: .utf8)
        }
        #expect(!modes[0].isEmpty && modes[1] == modes[0] && modes[2] == modes[0])
        #expect(program.screen.complaints == [])
    }
}
