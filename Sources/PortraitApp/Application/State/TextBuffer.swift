/// Text being typed, with its cursor.
package struct TextBuffer: Sendable, Equatable {
    package private(set) var characters: [Character]
    /// The number of characters before the cursor.
    package private(set) var cursor: Int

    /// A buffer with the cursor at the end.
    package init(_ text: String = "") {
        characters = Array(text)
        cursor = characters.count
    }

    package var text: String { String(characters) }
    package var isEmpty: Bool { characters.isEmpty }

    package mutating func insert(_ text: String) {
        let new = Array(text)
        characters.insert(contentsOf: new, at: cursor)
        cursor += new.count
    }

    package mutating func deleteBackward() {
        guard cursor > 0 else { return }
        cursor -= 1
        characters.remove(at: cursor)
    }

    package mutating func deleteForward() {
        guard cursor < characters.count else { return }
        characters.remove(at: cursor)
    }

    package mutating func deleteToStart() {
        characters.removeFirst(cursor)
        cursor = 0
    }

    package mutating func deleteToEnd() { characters.removeLast(characters.count - cursor) }

    package mutating func deleteWordBackward() {
        let end = cursor
        moveWordBackward()
        characters.removeSubrange(cursor..<end)
    }

    package mutating func move(by count: Int) { move(to: cursor + count) }
    package mutating func move(to position: Int) { cursor = min(max(0, position), characters.count) }

    package mutating func moveWordBackward() {
        while cursor > 0, characters[cursor - 1].isWhitespace { cursor -= 1 }
        while cursor > 0, !characters[cursor - 1].isWhitespace { cursor -= 1 }
    }

    package mutating func moveWordForward() {
        while cursor < characters.count, characters[cursor].isWhitespace { cursor += 1 }
        while cursor < characters.count, !characters[cursor].isWhitespace { cursor += 1 }
    }
}
