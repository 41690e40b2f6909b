import Foundation
import Imaging
import Networks
import Tensors
import Weights

/// How much a picture's face is the person's: the cosine between identity vectors, and what it means.
public struct Likeness: Sendable, Codable, Equatable {
    /// What a score means in words.
    public enum Verdict: String, Sendable {
        case same, similar, different

        /// What people read.
        public var title: String {
            switch self {
            case .same: "the same person"
            case .similar: "similar"
            case .different: "somebody else"
            }
        }
    }

    /// Scores from which faces count as the same and as similar: they belong to the encoder.
    public struct Scale: Sendable, Codable, Equatable {
        /// From here on it is the same person.
        public var same: Float
        /// From here on the faces are alike.
        public var similar: Float

        /// TransFace as published: pairs of the same person lie around 0.5 and above, strangers below 0.2 in all but about
        /// one of a thousand cases (the operating points usual for ArcFace-trained networks on IJB-C).
        public static let transFace = Scale(same: 0.4, similar: 0.25)
    }

    /// -1…1; 1 is the same vector.
    public let score: Float
    private let scale: Scale

    init(score: Float, scale: Scale) {
        (self.score, self.scale) = (score, scale)
    }

    /// The score in words.
    public var verdict: Verdict {
        score >= scale.same ? .same : score >= scale.similar ? .similar : .different
    }

    /// Such as "likeness 0.62: the same person".
    public var sentence: String {
        "likeness \(String(format: "%.2f", score)): \(verdict.title)"
    }
}

/// Judges pictures by the identity encoder and its head.
struct LikenessJudge {
    private let encoder: TransFaceEncoder
    private let head: TransFaceHead
    private let scale: Likeness.Scale

    /// A judge, if the encoder's file has the head.
    ///
    /// - Throws: `WeightsError` if the head's tensors are of the wrong shape.
    init?(_ scope: WeightScope, encoder: TransFaceEncoder, scale: Likeness.Scale) throws {
        guard TransFaceHead.isPresent(in: scope) else { return nil }
        self.encoder = encoder
        head = try TransFaceHead(scope, tokenCount: encoder.tokenCount, width: encoder.width)
        self.scale = scale
    }

    /// The identity of a person: the mean direction of the vectors of all faces.
    ///
    /// - Parameter tokens: what the encoder says of them, [n, tokens, width].
    func identity(ofTokens tokens: Tensor) -> [Float] {
        let vectors = head.embedding(of: tokens)
        let length = vectors.shape[1]
        let values = vectors.values
        var sum = [Float](repeating: 0, count: length)
        for row in 0..<vectors.shape[0] {
            let vector = Self.normalized(Array(values[row * length..<(row + 1) * length]))
            for index in sum.indices { sum[index] += vector[index] }
        }
        return Self.normalized(sum)
    }

    /// How much an aligned face [1, 112, 112, 3] is that person's.
    func likeness(of face: Tensor, to identity: [Float]) throws -> Likeness {
        let vector = self.identity(ofTokens: try encoder.tokens(face))
        return Likeness(score: zip(vector, identity).map(*).reduce(0, +), scale: scale)
    }

    private static func normalized(_ vector: [Float]) -> [Float] {
        let norm = vector.map { $0 * $0 }.reduce(0, +).squareRoot()
        return norm > 0 ? vector.map { $0 / norm } : vector
    }
}
