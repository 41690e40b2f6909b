/// Compares words, to suggest what was meant.
public enum Spelling {
    /// The number of single-character edits between two words (Levenshtein distance).
    public static func distance(_ first: String, _ second: String) -> Int {
        let second = Array(second)
        var previous = Array(0...second.count)
        for (i, character) in first.enumerated() {
            var current = [i + 1]
            for j in second.indices {
                let substitution = previous[j] + (character == second[j] ? 0 : 1)
                current.append(min(substitution, previous[j + 1] + 1, current[j] + 1))
            }
            previous = current
        }
        return previous[second.count]
    }
}
