import Foundation
import Testing

extension TmuxSession {
    /// The program on the smallest model there is, ready for keys.
    static func open(columns: Int = 120, rows: Int = 36) throws -> TmuxSession {
        let model = house.appendingPathComponent("Tests/PortraitsTests/Fixtures/tiny").path
        let terminal = try TmuxSession(columns: columns, rows: rows, arguments: ["--model", model])
        try terminal.waitFor("● ready")
        return terminal
    }

    /// Changes steps and size in the settings and starts a portrait that goes on until something ends it: small as the model
    /// is, a fast machine would have 900 steps of 64 x 64 behind it in two seconds.
    func startLongJob(steps: Int = 900) throws {
        try set(row: 7, to: "\(steps)")
        for row in [9, 10] { try set(row: row, to: "256") }
        try press("g")
        try waitFor("Painting: ")
    }

    /// Cancels the running portrait.
    func cancelJob() throws {
        try press("C-c")
        try waitFor("Cancel the job")
        try press("y")
        try waitFor("was cancelled.")
    }

    /// Types a new value for one of the settings.
    func set(row: Int, to value: String) throws {
        try press("5", "Home")
        for _ in 0..<row { try press("j") }
        try press("Enter", "C-u")
        try type(value)
        try press("Enter")
    }

    /// Waits for the program's end and checks that the shell finds its terminal as it was.
    func expectEnd(code: Int32 = 0) throws {
        try waitFor("the program has ended")
        let ended = try contents(of: "code")
        #expect(ended == "\(code)")
        #expect(try contents(of: "after") == contents(of: "before"))
        try expectShellsScreen()
    }

    /// Checks that the shell's own screen is there, with its cursor, and nothing of the program on it.
    func expectShellsScreen() throws {
        #expect(try state("alternate #{alternate_on}, cursor #{cursor_flag}") == "alternate 0, cursor 1")
        #expect(try state("mouse #{mouse_any_flag}, keypad #{keypad_flag}") == "mouse 0, keypad 0")
        #expect(!screen.contains("Style"))
    }
}
