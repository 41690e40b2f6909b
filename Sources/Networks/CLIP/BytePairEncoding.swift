/// Byte-pair encoding of one word, with CLIP's mark `</w>` on a word's last symbol.
///
/// Source: Sennrich and others 2016, https://arxiv.org/abs/1508.07909, algorithm 1.
struct BytePairEncoding: Sendable {
    /// What two neighbouring tokens merge into; a lower rank was learned earlier and merges first.
    struct Merge: Sendable {
        let rank: Int
        let token: Int
    }

    /// Two neighbouring tokens.
    struct Pair: Hashable, Sendable {
        let left: Int
        let right: Int
    }

    /// The token of each byte inside a word.
    let innerTokens: [Int]
    /// The token of each byte at the end of a word.
    let finalTokens: [Int]
    let merges: [Pair: Merge]

    /// The tokens of a word, given as UTF-8.
    func encode(_ word: [UInt8]) -> [Int] {
        guard let last = word.last else { return [] }
        var tokens = word.dropLast().map { innerTokens[Int($0)] } + [finalTokens[Int(last)]]
        // Ranks are kept beside the tokens: a long word then costs no hash look-ups but for new neighbours.
        var ranks = (0..<tokens.count - 1).map { rank(of: tokens, at: $0) }
        while let lowest = ranks.min(), lowest < Int.max, let index = ranks.firstIndex(of: lowest),
            let merge = merges[Pair(left: tokens[index], right: tokens[index + 1])]
        {
            tokens[index] = merge.token
            tokens.remove(at: index + 1)
            ranks.remove(at: index)
            if index > 0 { ranks[index - 1] = rank(of: tokens, at: index - 1) }
            if index < ranks.count { ranks[index] = rank(of: tokens, at: index) }
        }
        return tokens
    }

    private func rank(of tokens: [Int], at index: Int) -> Int {
        merges[Pair(left: tokens[index], right: tokens[index + 1])]?.rank ?? Int.max
    }
}
