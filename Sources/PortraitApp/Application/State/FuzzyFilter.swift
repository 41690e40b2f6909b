/// What is typed behind `/`: words in any order, each found as a scattered subsequence; `!word` must not occur, and
/// `#tag` must be a tag.
package struct FuzzyFilter: Sendable, Equatable {
    private enum Term: Equatable {
        case words(String)
        case not(String)
        case tag(String)
    }

    private let terms: [Term]

    package init(_ query: String) {
        terms = query.lowercased().split(separator: " ").compactMap { word in
            switch word.first {
            case "!": word.count > 1 ? .not(String(word.dropFirst())) : nil
            case "#": .tag(String(word.dropFirst()))
            default: .words(String(word))
            }
        }
    }

    package var isEmpty: Bool { terms.isEmpty }

    /// How well an entry fits; nil if it does not. Higher is better.
    package func score(_ text: String, tags: [String] = []) -> Int? {
        let text = text.lowercased()
        var total = 0
        for term in terms {
            switch term {
            case .words(let word):
                guard let score = Self.score(of: word, in: text) else { return nil }
                total += score
            case .not(let word):
                if text.contains(word) || tags.contains(where: { $0.contains(word) }) { return nil }
            case .tag(let tag):
                guard tags.contains(where: { $0.lowercased().hasPrefix(tag) }) else { return nil }
            }
        }
        return total
    }

    /// The entries that fit, the best first; equal ones in their order.
    package func matches<Entry>(
        _ entries: [Entry], text: (Entry) -> String, tags: (Entry) -> [String] = { _ in [] }
    ) -> [Entry] {
        if isEmpty { return entries }
        let scored = entries.enumerated().compactMap { index, entry in
            score(text(entry), tags: tags(entry)).map { (index: index, score: $0, entry: entry) }
        }
        return scored.sorted { ($1.score, $0.index) < ($0.score, $1.index) }.map(\.entry)
    }

    /// A whole word counts most, then a part of one, then letters in order; gaps cost.
    private static func score(of word: String, in text: String) -> Int? {
        if let range = text.firstRange(of: word) {
            let startsWord =
                range.lowerBound == text.startIndex
                || !text[text.index(before: range.lowerBound)].isLetter
            return startsWord ? 200 : 100
        }
        var (position, gaps) = (text.startIndex, 0)
        for (index, letter) in word.enumerated() {
            guard let found = text[position...].firstIndex(of: letter) else { return nil }
            if index > 0 { gaps += text.distance(from: position, to: found) }
            position = text.index(after: found)
        }
        // Letters strewn over a whole sentence are no match that anybody means.
        return gaps <= word.count * 3 ? 50 - min(49, gaps) : nil
    }
}
