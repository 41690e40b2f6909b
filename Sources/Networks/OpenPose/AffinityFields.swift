import Imaging
import Tensors

/// Two candidates that the affinity fields join.
struct Connection {
    /// Which candidate of the limb's first joint.
    let start: Int
    /// Which candidate of the limb's second joint.
    let end: Int
    let score: Double
}

/// Part affinity fields: at each pixel the direction of the limb that is there (arXiv:1611.08050, section 2.3).
struct AffinityFields {
    /// Places between two joints where the field is looked at.
    private static let sampleCount = 10
    /// A field that follows the limb this well speaks for it.
    private static let agreement = 0.05

    private let fields: Tensor

    /// - Parameter fields: [1, height, width, 38], as high as the picture.
    init(_ fields: Tensor) { self.fields = fields }

    /// The limbs of one kind: the best pair of candidates first, each candidate in one pair at most.
    func connections(along limb: Limb, _ candidates: [[BodySearch.Candidate]]) -> [Connection] {
        let (starts, ends) = (candidates[limb.start.rawValue], candidates[limb.end.rawValue])
        var possible: [Connection] = []
        fields.withUnsafeBuffer { values in
            for (startIndex, start) in starts.enumerated() {
                for (endIndex, end) in ends.enumerated() {
                    if let score = score(from: start, to: end, channel: limb.channel, values) {
                        possible.append(Connection(start: startIndex, end: endIndex, score: score))
                    }
                }
            }
        }
        var (freeStarts, freeEnds) = (Set(starts.indices), Set(ends.indices))
        return possible.sorted { $0.score > $1.score }.filter { connection in
            guard freeStarts.contains(connection.start), freeEnds.contains(connection.end) else {
                return false
            }
            freeStarts.remove(connection.start)
            freeEnds.remove(connection.end)
            return true
        }
    }

    /// How well the field follows the way between two candidates, or nil if it does not.
    ///
    /// The line integral of equation 11, as a sum; limbs longer than half the picture's height lose by it.
    private func score(
        from start: BodySearch.Candidate, to end: BodySearch.Candidate, channel: Int,
        _ values: UnsafeBufferPointer<Float>
    ) -> Double? {
        let (height, width) = (fields.shape[1], fields.shape[2])
        let (deltaX, deltaY) = (Double(end.x - start.x), Double(end.y - start.y))
        let length = max(0.001, (deltaX * deltaX + deltaY * deltaY).squareRoot())
        let agreements = (0..<Self.sampleCount).map { sample in
            // The step first, so that halves fall on the same side as in NumPy's `linspace`.
            func place(_ start: Int, _ delta: Double) -> Int {
                let last = Double(Self.sampleCount - 1)
                let place = Double(sample) == last ? delta : Double(sample) * (delta / last)
                return Int((place + Double(start)).rounded(.toNearestOrEven))
            }
            let position =
                (place(start.y, deltaY) * width + place(start.x, deltaX)) * fields.shape[3] + channel
            return Double(values[position]) * (deltaX / length)
                + Double(values[position + 1]) * (deltaY / length)
        }
        let score =
            agreements.reduce(0, +) / Double(Self.sampleCount) + min(0.5 * Double(height) / length - 1, 0)
        // More than eight of ten.
        let isFollowed = agreements.count { $0 > Self.agreement } > Self.sampleCount * 8 / 10
        return isFollowed && score > 0 ? score : nil
    }
}
