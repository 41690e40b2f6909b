import Foundation
import Imaging
import TestSupport

/// The program in xterm with sixel, on a screen that nobody sees.
final class XtermSession {
    static let columns = 120
    static let rows = 36

    let folder: TemporaryDirectory
    private let display: String
    private var children: [pid_t] = []

    /// Opens the program with a home of its own.
    init(arguments: [String]) throws {
        folder = try TemporaryDirectory()
        display = ":\(Int.random(in: 1000...60000))"
        children.append(
            try Child.start(
                ["Xvfb", display, "-screen", "0", "1400x1000x24", "-nolisten", "tcp"],
                output: folder.file("xvfb.log")))
        try wait(for: "the X server") { (try? tool("xdotool", "getmouselocation")) != nil }
        let terminal = [
            "xterm", "-u8", "-tn", "xterm-256color", "-ti", "vt340", "-T", "starting",
            "-b", "0", "-bw", "0", "+sb",
            "-fa", "DejaVu Sans Mono", "-fs", "12", "-bg", "#1b1d23", "-fg", "#d6d9e0",
            "-geometry", "\(Self.columns)x\(Self.rows)+0+0",
            "-xrm", "XTerm*numColorRegisters: 256", "-e", TmuxSession.program.path,
        ]
        let home = [
            "HOME": folder.path, "LC_ALL": "C.UTF-8", "FACECHAIN_HOME": TmuxSession.house.path,
            "DISPLAY": display,
            "XDG_CONFIG_HOME": "", "XDG_STATE_HOME": "", "XDG_DATA_HOME": "", "XDG_CACHE_HOME": "",
        ]
        children.append(
            try Child.start(terminal + arguments, output: folder.file("xterm.log"), environment: home))
        try wait(for: "the window") { (try? tool("xdotool", "search", "--class", "xterm")) != nil }
        // Without a window manager the window under the pointer has the keyboard.
        try tool("xdotool", "mousemove", "100", "100")
        // The program names the window with its first frame; until it listens, keys are lost.
        try wait(for: "the program") { try tool("xdotool", "getwindowname", window).hasPrefix("facechain") }
    }

    deinit {
        for child in children.reversed() { kill(child, SIGKILL) }
        for child in children { _ = Child.wait(for: child) }
    }

    private var window: String {
        get throws {
            let windows = try tool("xdotool", "search", "--class", "xterm").split(separator: "\n")
            guard let window = windows.first else { throw TerminalProblem("there is no window") }
            return String(window)
        }
    }

    /// Presses keys by X's names, such as `g` and `Return`.
    func press(_ keys: String...) throws { for key in keys { try tool("xdotool", "key", key) } }

    /// What the window shows.
    func screenshot() throws -> Image {
        let file = folder.file("window.png")
        try tool("import", "-window", window, file)
        return try ImageFile.read(file)
    }

    /// What the window shows once nothing on it has changed for two seconds.
    func settledScreenshot() throws -> Image {
        var last = try screenshot()
        try wait(for: "a screen at rest") {
            Thread.sleep(forTimeInterval: 2)
            let next = try screenshot()
            defer { last = next }
            return next.pixels == last.pixels
        }
        return last
    }

    /// Waits until something holds, which it never will once the X server or xterm have ended.
    func wait(for what: String, until holds: () throws -> Bool) throws {
        let end = Date() + 300
        while Date() < end {
            if try holds() { return }
            guard !children.contains(where: Child.hasEnded) else {
                let logs = ["xvfb.log", "xterm.log"].compactMap {
                    try? String(contentsOfFile: folder.file($0), encoding: .utf8)
                }
                throw TerminalProblem("Ended before \(what): \(logs.joined(separator: "\n"))")
            }
            Thread.sleep(forTimeInterval: 0.1)
        }
        throw TerminalProblem("Waited in vain for \(what)")
    }

    @discardableResult private func tool(_ words: String...) throws -> String {
        try Child.run(words, answer: folder.file("answer"), environment: ["DISPLAY": display])
    }
}
