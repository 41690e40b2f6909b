import Foundation
import Synchronization
import TerminalKit
import Testing

@Suite struct TerminalRepliesTests {
    /// First attributes as real terminals send them: xterm plain and as VT340, st with sixel, rxvt, one with
    /// Latin-2 (42) only.
    @Test(arguments: [
        ("\u{1B}[?64;1;2;6;9;15;16;17;18;21;22;28c", false), ("\u{1B}[?63;1;2;4;6;9;15;16;22;28c", true),
        ("\u{1B}[?12;4c", true), ("\u{1B}[?1;2c", false), ("\u{1B}[?62;42;22c", false), ("\u{1B}[?4c", true),
    ]) func sixelIsAttributeFour(_ reply: String, _ showsSixel: Bool) {
        let replies = TerminalReplies(reply.utf8)
        #expect(replies.deviceAttributes != nil)
        #expect(replies.showsSixel == showsSixel)
    }

    @Test func findsRepliesAmongTypedText() {
        let replies = TerminalReplies("ab\u{1B}[A\u{1B}[6;20;10tq\u{1B}[?1;0;1024S\u{1B}[?63;4cx".utf8)
        #expect(replies.cellSize == .init(width: 10, height: 20))
        #expect(replies.colorRegisters == 1024)
        #expect(replies.showsSixel)
    }

    @Test(arguments: [
        "", "\u{1B}", "\u{1B}[", "\u{1B}[?", "\u{1B}[?4", "\u{1B}[c", "\u{1B}[?1;3S", "\u{1B}[?1;2;16S",
    ])
    func incompleteAndFailedRepliesSayNothing(_ bytes: String) {
        #expect(TerminalReplies(bytes.utf8) == TerminalReplies([UInt8]()))
    }

    @Test func overlongNumbersAreHarmless() {
        let replies = TerminalReplies("\u{1B}[6;99999999999999999999;10t\u{1B}[?;;4c".utf8)
        #expect(replies.showsSixel)
        let terminal = TerminalCapabilities(
            replies: replies, columns: 0, rows: 0, windowSize: .init(width: 0, height: 0), environment: [:])
        #expect(terminal.cellSize == .init(width: 10, height: 20))
    }

    @Test(
        arguments: [
            ("", 800, 480, [:], 10, 20), ("", 804, 484, [:], 10, 20), ("", 0, 0, [:], 10, 20),
            ("", 960, 432, [:], 12, 18), ("\u{1B}[6;22;11t", 804, 484, [:], 11, 22),
            ("\u{1B}[6;2;8t", 960, 432, [:], 12, 18), ("", 640, 480, ["SSH_CONNECTION": "a b"], 10, 20),
            ("", 640, 480, [:], 8, 20),
        ] as [(String, Int, Int, [String: String], Int, Int)])
    func cellSizeIsTheMostTrustworthy(
        _ reply: String, _ width: Int, _ height: Int, _ environment: [String: String], _ cellWidth: Int,
        _ cellHeight: Int
    ) {
        let terminal = TerminalCapabilities(
            replies: TerminalReplies(reply.utf8), columns: 80, rows: 24,
            windowSize: .init(width: width, height: height), environment: environment)
        #expect(terminal.cellSize == .init(width: cellWidth, height: cellHeight))
    }
}

/// A pseudo-terminal whose far side plays a terminal.
private final class PseudoTerminal: Sendable {
    struct Failed: Error {}

    let near: Int32
    private let far: Int32

    init() throws {
        far = open("/dev/ptmx", O_RDWR | O_NOCTTY)
        // What unlockpt and ptsname do; Swift's Glibc module has neither of them.
        let (lock, number): (UInt, UInt) = (0x4004_5431, 0x8004_5430)
        var (unlocked, index): (Int32, Int32) = (0, 0)
        guard far >= 0, ioctl(far, lock, &unlocked) == 0, ioctl(far, number, &index) == 0 else {
            throw Failed()
        }
        near = open("/dev/pts/\(index)", O_RDWR | O_NOCTTY)
        guard near >= 0 else { throw Failed() }
        var size = winsize(ws_row: 24, ws_col: 80, ws_xpixel: 800, ws_ypixel: 480)
        guard ioctl(near, UInt(TIOCSWINSZ), &size) == 0 else { throw Failed() }
    }

    deinit {
        close(near)
        close(far)
    }

    /// Waits for the questions, then answers byte by byte; on a thread of its own, for the tests keep Swift's busy.
    func answer(_ text: String) -> Conversation {
        let conversation = Conversation()
        let far = far
        Thread.detachNewThread {
            var question = ""
            var byte: UInt8 = 0
            while !question.hasSuffix("c"), read(far, &byte, 1) == 1 {
                question.unicodeScalars.append(Unicode.Scalar(byte))
            }
            for var byte in text.utf8 { _ = write(far, &byte, 1) }
            conversation.end(question: question)
        }
        return conversation
    }

    /// What the terminal was asked.
    final class Conversation: Sendable {
        private let heard = Mutex("")
        private let isOver = DispatchSemaphore(value: 0)

        func end(question: String) {
            heard.withLock { $0 = question }
            isOver.signal()
        }

        /// The questions, once they have been answered.
        var question: String {
            isOver.wait()
            return heard.withLock { $0 }
        }
    }

    /// The terminal's mode as bytes.
    var mode: [UInt8] {
        var mode = termios()
        _ = tcgetattr(near, &mode)
        return withUnsafeBytes(of: mode) { Array($0) }
    }

    /// Bytes waiting to be read.
    var waitingCount: Int32 {
        var count: Int32 = -1
        _ = ioctl(near, UInt(FIONREAD), &count)
        return count
    }
}

@Suite struct TerminalQueryTests {
    @Test func asksAndRestoresTheMode() throws {
        let terminal = try PseudoTerminal()
        let before = terminal.mode
        let conversation = terminal.answer("\u{1B}[6;22;11t\u{1B}[?1;0;256S\u{1B}[?63;1;4c")
        let found = TerminalQuery.capabilities(
            of: terminal.near, timeoutMilliseconds: 20_000, environment: [:])
        #expect(conversation.question == TerminalReplies.questions)
        #expect(found.graphics == .sixel)
        #expect(found.columns == 80 && found.rows == 24)
        #expect(found.cellSize == .init(width: 11, height: 22))
        #expect(found.colorRegisters == 256)
        #expect(terminal.mode == before)
        #expect(terminal.waitingCount == 0)
    }

    @Test(arguments: ["", "garbage", "\u{1B}[?63;1;4"])
    func aMuteTerminalShowsBlocks(_ reply: String) throws {
        let terminal = try PseudoTerminal()
        let before = terminal.mode
        let conversation = terminal.answer(reply)
        let found = TerminalQuery.capabilities(of: terminal.near, timeoutMilliseconds: 100, environment: [:])
        _ = conversation.question
        #expect([.blocks, .ascii].contains(found.graphics))
        #expect(found.cellSize == .init(width: 10, height: 20))
        #expect(terminal.mode == before)
    }
}
