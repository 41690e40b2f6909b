import Foundation

/// PyTorch's CPU generator: the Mersenne Twister MT19937 (Matsumoto and Nishimura, ACM TOMACS 8(1), 1998) and the
/// three ways in which `torch.randn` turns its words into normal numbers.
///
/// `TorchRandom(seed: s)` draws what PyTorch draws after `torch.manual_seed(s)`, to the last bits of float32 (its
/// vectorised logarithm and ours round differently).
public struct TorchRandom: RandomSource, Equatable {
    private var words: [UInt32]
    private var nextWord = Self.wordCount
    /// The second number of a Box–Muller pair that a short draw left over.
    private var leftover: Double?

    private static let wordCount = 624
    private static let middle = 397
    /// The length from which PyTorch fills a tensor in blocks of this size.
    private static let block = 16
    /// Rounded to nearest, as in C; Swift's `Float.pi` is rounded towards zero.
    private static let twoPi = Float(2 * Double.pi)

    /// - Parameter seed: as for `torch.manual_seed`; MT19937 is seeded with the low 32 bits.
    public init(seed: UInt64) {
        words = [UInt32(truncatingIfNeeded: seed)]
        words.reserveCapacity(Self.wordCount)
        for index in 1..<Self.wordCount {
            let previous = words[index - 1]
            words.append(1_812_433_253 &* (previous ^ (previous >> 30)) &+ UInt32(index))
        }
    }

    /// The numbers of `torch.randn(count)`.
    public mutating func normal(count: Int) -> [Float] {
        count < Self.block ? (0..<count).map { _ in Float(normalDouble()) } : normalBlocks(count: count)
    }

    /// One number in double precision, as PyTorch makes them for fewer than 16 numbers.
    ///
    /// They come in pairs (Box and Muller, Annals of Mathematical Statistics 29(2), 1958); the other one is kept for
    /// the next call.
    private mutating func normalDouble() -> Double {
        if let leftover {
            self.leftover = nil
            return leftover
        }
        let angle = 2 * .pi * uniformDouble()
        let radius = (-2 * log1p(-uniformDouble())).squareRoot()
        leftover = radius * sin(angle)
        return radius * cos(angle)
    }

    /// Numbers as PyTorch makes 16 or more: uniform ones, turned into normal ones block by block of 16.
    ///
    /// Number j and number j + 8 of a block are a pair. A remainder is not a block of its own: the last 16 numbers
    /// are drawn once more and overwrite what was there.
    private mutating func normalBlocks(count: Int) -> [Float] {
        var values = (0..<count).map { _ in uniformFloat() }
        for start in stride(from: 0, through: count - Self.block, by: Self.block) {
            Self.boxMuller(&values, at: start)
        }
        if count % Self.block != 0 {
            let start = count - Self.block
            for index in start..<count { values[index] = uniformFloat() }
            Self.boxMuller(&values, at: start)
        }
        return values
    }

    private static func boxMuller(_ values: inout [Float], at start: Int) {
        for index in start..<start + block / 2 {
            // 1 - u lies in (0, 1], so that the logarithm is finite.
            let radius = (-2 * log(1 - values[index])).squareRoot()
            let angle = twoPi * values[index + block / 2]
            values[index] = radius * cos(angle)
            values[index + block / 2] = radius * sin(angle)
        }
    }

    /// 24 random bits as a number in 0 ..< 1.
    private mutating func uniformFloat() -> Float {
        Float(word() & 0xFF_FFFF) * 0x1p-24
    }

    /// 53 random bits as a number in 0 ..< 1.
    private mutating func uniformDouble() -> Double {
        let high = UInt64(word())
        let low = UInt64(word())
        return Double((high << 32 | low) & (1 << 53 - 1)) * 0x1p-53
    }

    private mutating func word() -> UInt32 {
        if nextWord == Self.wordCount { regenerate() }
        var value = words[nextWord]
        nextWord += 1
        value ^= value >> 11
        value ^= (value << 7) & 0x9D2C_5680
        value ^= (value << 15) & 0xEFC6_0000
        return value ^ (value >> 18)
    }

    private mutating func regenerate() {
        for index in 0..<Self.wordCount {
            let following = words[(index + 1) % Self.wordCount]
            let mixed = (words[index] & 0x8000_0000) | (following & 0x7FFF_FFFF)
            let twisted = (mixed >> 1) ^ (mixed & 1 == 0 ? 0 : 0x9908_B0DF)
            words[index] = words[(index + Self.middle) % Self.wordCount] ^ twisted
        }
        nextWord = 0
    }
}
