import Foundation
import TestSupport
import Testing

/// What must not hurt the terminal while a portrait is made: windows torn about, signals, no memory, a crash.
@Suite(.serialized) struct RoughTreatmentTests {
    @Test func sixtyResizesLeaveNoGarbage() throws {
        let terminal = try TmuxSession.open()
        try terminal.startLongJob()
        var generator = RepeatableGenerator(seed: 60)
        for _ in 0..<60 {
            try terminal.resize(
                columns: .random(in: 30...250, using: &generator),
                rows: .random(in: 8...70, using: &generator))
        }
        try terminal.resize(columns: 120, rows: 36)
        try terminal.waitFor("Painting: ")
        try terminal.cancelJob()
        // The message goes after a while; what is there then must be what a complete redraw shows.
        try terminal.wait(until: { !terminal.screen.contains("was cancelled.") }, for: "the message's end")
        let before = terminal.screen
        try terminal.resize(columns: 119, rows: 35)
        try terminal.wait(until: { terminal.screen != before }, for: "another size")
        try terminal.resize(columns: 120, rows: 36)
        try terminal.press("C-l")
        try terminal.wait(until: { terminal.screen == before }, for: "the same screen as before:\n\(before)")
        try terminal.press("q")
        try terminal.expectEnd()
    }

    @Test func suspendingLendsTheTerminalToTheShell() throws {
        let terminal = try TmuxSession.open()
        try terminal.startLongJob()
        try terminal.press("C-z")
        try terminal.waitFor("the program is suspended")
        #expect(try terminal.contents(of: "suspended") == terminal.contents(of: "before"))
        try terminal.expectShellsScreen()
        try terminal.press("Enter")
        try terminal.waitFor("Painting: ")
        try terminal.cancelJob()
        try terminal.press("q")
        try terminal.expectEnd()
    }

    @Test(arguments: [SIGTERM, SIGHUP])
    func signalsEndTheProgramAtOnce(signal: Int32) throws {
        let terminal = try TmuxSession.open()
        try terminal.startLongJob()
        kill(try terminal.process, signal)
        try terminal.expectEnd(code: 128 + signal)
    }

    @Test func aCrashGivesTheTerminalBack() throws {
        let terminal = try TmuxSession.open()
        try terminal.startLongJob()
        kill(try terminal.process, SIGSEGV)
        try terminal.expectEnd(code: 128 + SIGSEGV)
        #expect(terminal.screen.contains("The program crashed. What it said is in"))
    }

    @Test func whenMemoryRunsOutTheProgramSaysSo() throws {
        let terminal = try TmuxSession.open()
        try terminal.startLongJob(steps: 4)
        try terminal.waitFor("is finished.")
        // From here on the process may grow by 16 MB: less than the layers of a picture of 2048 x 2048 need.
        let process = try terminal.process
        let size = try String(contentsOfFile: "/proc/\(process)/statm", encoding: .utf8).split(separator: " ")
        let bytes = try #require(Int(size[0])) * sysconf(Int32(_SC_PAGESIZE)) + 16 << 20
        try Child.run(
            ["prlimit", "--pid", "\(process)", "--as=\(bytes)"], answer: terminal.folder.file("limit"))
        try terminal.set(row: 9, to: "2048")
        try terminal.set(row: 10, to: "2048")
        try terminal.press("g")
        try terminal.waitFor("the program has ended")
        let code = try terminal.contents(of: "code")
        try terminal.expectEnd(code: Int32(code) ?? -1)
        #expect(code != "0")
        let log = try terminal.contents(of: ".local/state/facechain/facechain.log")
        #expect(log.contains("out of memory"))
    }
}
