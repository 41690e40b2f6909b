import TerminalKit
import Testing

@Suite struct FrameTests {
    private func frame(_ columns: Int, _ rows: Int) -> Frame {
        Frame(size: CellSize(columns: columns, rows: rows))
    }

    private func at(_ column: Int, _ row: Int) -> CellPoint { CellPoint(column: column, row: row) }

    @Test func textIsCutAtTheEdges() {
        var frame = frame(6, 3)
        #expect(frame.write("abcdef", at: at(2, 0)) == 4)
        #expect(frame.write("abcdef", at: at(-2, 1)) == 6)
        #expect(frame.write("abcdef", at: at(1, 2), width: 3) == 3)
        frame.write("out", at: at(0, -1))
        frame.write("out", at: at(0, 3))
        frame.write("out", at: at(6, 0))
        #expect(frame.text() == ["  abcd", "cdef  ", " abc  "])
    }

    @Test func wideCharactersStayWhole() {
        var frame = frame(7, 4)
        #expect(frame.write("肖像肖像", at: at(0, 0)) == 6)
        #expect(frame.write("肖像", at: at(1, 1), width: 3) == 2)
        frame.write("肖像", at: at(-1, 2))
        frame.write("肖像肖", at: at(0, 3))
        frame.write("x", at: at(1, 3))
        frame.write("y", at: at(4, 3))
        #expect(frame.text() == ["肖像肖 ", " 肖    ", " 像    ", " x像y  "])
    }

    @Test func marksJoinTheirCharacter() {
        var frame = frame(4, 1)
        #expect(frame.write("e\u{301}u\u{308}!", at: at(0, 0)) == 3)
        #expect(frame.text() == ["e\u{301}u\u{308}! "])
    }

    @Test func foreignTextIsHarmless() {
        var frame = frame(10, 1)
        frame.write("\u{1B}[2J\na\u{202E}b", at: at(0, 0))
        #expect(frame.text() == ["·[2J ab   "])
    }

    @Test func boxesHaveTitlesWhereThereIsRoom() {
        var frame = frame(12, 7)
        frame.box(CellRect(column: 0, row: 0, columns: 12, rows: 3), title: "A long title")
        frame.box(CellRect(column: 0, row: 3, columns: 5, rows: 2), title: "x")
        frame.box(CellRect(column: 0, row: 5, columns: 1, rows: 2), title: "x")
        #expect(
            frame.text() == [
                "┌─ A lon… ─┐", "│          │", "└──────────┘", "┌───┐       ", "└───┘       ",
                "            ",
                "            ",
            ])
    }

    @Test func whatIsDrawnLaterLiesAbove() {
        let image = PixelImage(width: 1, height: 1, rgba: [1, 2, 3, 255])
        var frame = frame(6, 3)
        frame.write("under", at: at(0, 1))
        frame.place(
            FramePicture(
                id: "a", version: 1, image: image, rect: CellRect(column: 1, row: 0, columns: 9, rows: 3)))
        frame.write("over", at: at(0, 1))
        #expect(frame.text() == [" ▒▒▒▒▒", "over▒▒", " ▒▒▒▒▒"])
        #expect(frame.pictures.count == 1)
    }

    @Test func rectanglesDivide() {
        let rect = CellRect(column: 2, row: 3, columns: 10, rows: 6)
        #expect(rect.inset(by: 1) == CellRect(column: 3, row: 4, columns: 8, rows: 4))
        #expect(rect.inset(by: 4).isEmpty)
        let (left, right) = rect.splitColumns(left: 4)
        #expect(left.columnRange == 2..<6 && right.columnRange == 6..<12)
        let (top, bottom) = rect.splitRows(bottom: 99)
        #expect(top.isEmpty && bottom == rect)
        #expect(
            rect.centered(CellSize(columns: 4, rows: 20)) == CellRect(column: 5, row: 3, columns: 4, rows: 6))
        #expect(rect.contains(at(11, 8)) && !rect.contains(at(12, 8)))
        #expect(rect.intersection(CellRect(column: 20, row: 0, columns: 5, rows: 5)).isEmpty)
        #expect(CellSize(columns: -3, rows: 2).columns == 0)
    }

    @Test func memoryScreenKeepsFrames() {
        let screen = MemoryScreen(size: CellSize(columns: 3, rows: 1))
        var frame = Frame(size: screen.size)
        frame.write("hi", at: at(0, 0))
        screen.present(frame)
        #expect(screen.text == ["hi "] && screen.frames == [frame])
    }
}
