import Foundation
import Imaging
import Networks
import Tensors
import Weights

/// What of a picture is one drawn person's head, and what stands before it or is another's.
package struct DrawnHead {
    /// The part of the picture that was looked at; all else shows nothing of the head.
    let square: TemplateSquare
    /// How much of each pixel of the square, as it was looked at, is the head's.
    let head: Mask
    /// How much of each is another's head, or somebody who stands before this one.
    let before: Mask
    /// How much of each is another's face.
    let faces: Mask
    /// Where the picture is about to end: buns that its edge cuts are taken for nothing there.
    let edge: Mask

    init(square: TemplateSquare, head: Mask, before: Mask, faces: Mask, edge: Mask) {
        (self.square, self.head, self.before, self.faces, self.edge) = (square, head, before, faces, edge)
    }

    /// What is known of each pixel of a whole square picture.
    package init(head: Mask, before: Mask, faces: Mask) {
        let end = Float(head.width) - 0.5
        self.init(
            square: TemplateSquare(
                around: FaceBox(left: -0.5, top: -0.5, right: end, bottom: end), share: 1,
                paintedSide: head.width),
            head: head, before: before, faces: faces, edge: head.map { _ in 0 })
    }

    /// How much of what is at a point of the picture is the head's.
    package func share(ofHeadAt point: Point) -> Float { head.value(at: square.painted(point)) }

    /// How much of it is another's head, or somebody before this one.
    package func share(ofOthersAt point: Point) -> Float { before.value(at: square.painted(point)) }

    /// How much of it is another's face.
    package func share(ofFacesAt point: Point) -> Float { faces.value(at: square.painted(point)) }

    /// The head and the others, 0 or 1, along the edges that are to be seen in a picture of the square.
    ///
    /// The network looks at fewer pixels than pictures have. What it is sure of stays; in between every pixel goes to what
    /// it is joined to without an edge. Beside others' faces, of which no pixel may be taken for the head's, it is never sure
    /// enough, and what may be such a face and is not joined to the head is others'.
    ///
    /// - Parameters:
    ///   - picture: opaque, of any size.
    ///   - place: from its pixels to those of the picture in which the head was found.
    package func outlined(in picture: Image, place: (Point) -> Point) -> (head: Mask, before: Mask) {
        func seen(_ share: (Point) -> Float) -> Mask {
            Mask(width: picture.width, height: picture.height) { share(place($0)) }
        }
        let (own, others) = (seen(share(ofHeadAt:)), seen(share(ofOthersAt:)))
        let neither = Mask(
            width: own.width, height: own.height, values: zip(own.values, others.values).map { 1 - $0 - $1 }
        ).subtracting(seen { edge.value(at: square.painted($0)) })
        let faces = seen(share(ofFacesAt:)).map { $0 > Self.doubt ? 1 : 0 }
        let sure = own.subtracting(faces.dilated(radius: Self.doubtful))
        let seeds = [sure, others, neither].map { share in share.map { $0 > Self.sureness ? 1 : 0 } }
        let regions = SeededRegions(of: picture, seeds: seeds, cost: .squaredChange)
        let head = regions.mask(of: 0)
        return (head, regions.mask(of: 1).union(faces.subtracting(head)))
    }

    /// What the network says with more than this is not asked again.
    private static let sureness: Float = 0.9
    /// So near, in pixels, to what shows another's face with this probability a head's pixels are asked again.
    private static let (doubtful, doubt): (Int, Float) = (8, 0.05)
}

/// Finds drawn people's heads, hair and hats and all, with a network that learned it in the rendered world
/// (`Training/training/head_segmenter.py`).
package struct DrawnHeadFinder {
    /// The side of the square that is looked at, in parts of the larger of the distances between the eyes and from eyes to
    /// mouth, as in training.
    private static let surroundings = 7.5
    /// Pixels of the network's input on a side, as in training.
    private static let side = 192
    /// Where less of the middle is the head's, nobody's head is seen there.
    private static let leastSeen: Float = 0.5
    /// So near to the picture's edge, in the network's pixels, nothing is surely no head's.
    private static let edge = 4

    private let network: DrawnHeadNetwork
    private let workspace: Workspace

    /// - Throws: `WeightsError` if the file cannot be read or is another network.
    package init(resources: ResourceLocator, in workspace: Workspace) throws {
        let file = try WeightFile.open(resources.drawnHeadModel.path)
        network = try DrawnHeadNetwork(WeightScope(file, in: workspace))
        self.workspace = workspace
    }

    /// Where a head is.
    ///
    /// - Parameters:
    ///   - landmarks: both eyes, nose, both corners of the mouth of its face, in pixels of the picture.
    ///   - picture: opaque.
    /// - Returns: `nil` if no head is seen where the face is.
    /// - Throws: `CancellationError`.
    package func head(landmarks: [Point], in picture: Image) throws -> DrawnHead? {
        let square = TemplateSquare(
            around: landmarks, surroundings: Self.surroundings, paintedSide: Self.side)
        let shares = try network(
            square.painted(from: picture, hiding: []).tensor(range: .signedUnit, in: workspace))
        func mask(_ kinds: DrawnHeadNetwork.Kind...) -> Mask {
            let count = DrawnHeadNetwork.Kind.allCases.count
            let values = stride(from: 0, to: shares.values.count, by: count).map { pixel in
                kinds.reduce(0) { $0 + shares.values[pixel + $1.rawValue] }
            }
            return Mask(width: Self.side, height: Self.side, values: values)
        }
        let beyond = square.beyond(picture)
        let found = DrawnHead(
            square: square, head: mask(.head), before: mask(.before, .face), faces: mask(.face),
            edge: beyond.dilated(radius: Self.edge).subtracting(beyond))
        let seen = landmarks.map { found.head.value(at: square.painted($0)) }
        return seen.reduce(0, +) / Float(seen.count) < Self.leastSeen ? nil : found
    }
}
