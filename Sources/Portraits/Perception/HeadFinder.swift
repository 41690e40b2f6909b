import Imaging
import Networks
import Tensors

/// A head cut out of a photo.
package struct Head: Sendable {
    /// A square part of the photo, black where the head is not.
    package let image: Image
    /// The face's five landmarks in its pixels.
    package let landmarks: [Point]
}

/// Tells heads, that is face and hair, from everything else in a photo, as the reference does by a network for human
/// parsing: here MediaPipe's person mask says what belongs to a person, and its face mesh where the head ends.
///
/// On 24 rendered people its masks overlap the true ones by 0.95 (intersection over union in the aligned face).
package struct HeadFinder {
    /// The square that the networks look at, in heights of the face.
    private static let surroundings = 3.0
    /// A larger square belongs to no face of a photo.
    private static let largestSide = 3000
    /// Pixels of the person mask's side.
    private static let cells = 256
    /// Where the network sees less of a person than this in the face itself, it does not see the person.
    private static let leastSeen: Float = 0.8
    /// What counts as the person, and as an edge of one.
    private static let (personLevel, edgeLevel): (Float, Float) = (0.5, 0.1)
    /// How many cells the mask is grown by, inside of the person: 0.03 of the face's height.
    private static let margin = 3

    private let meshNetwork: MediaPipeFaceMesh
    private let personNetwork: MediaPipePersonMask
    private let workspace: Workspace

    /// - Parameter folder: `Models/perception/mediapipe`.
    /// - Throws: `WeightsError` if a file cannot be read or is another network.
    package init(folder: String, in workspace: Workspace) throws {
        meshNetwork = try MediaPipeFaceMesh(folder: folder, in: workspace)
        personNetwork = try MediaPipePersonMask(folder: folder, in: workspace)
        self.workspace = workspace
    }

    /// Cuts out a head.
    ///
    /// - Parameters:
    ///   - landmarks: both eyes, nose, both corners of the mouth of its face, in pixels of the photo.
    ///   - photo: opaque.
    /// - Returns: `nil` if the networks do not see the person well.
    /// - Throws: `CancellationError`.
    package func head(landmarks: [Point], in photo: Image) throws -> Head? {
        guard let mesh = try mesh(landmarks, in: photo), let region = HeadRegion(of: mesh) else { return nil }
        let side = Int((Self.surroundings * region.faceHeight).rounded())
        guard side <= Self.largestSide else { return nil }
        let (x, y) = (Int(region.middle.x) - side / 2, Int(region.middle.y) - side / 2)
        let part = photo.cropped(x: x, y: y, width: side, height: side)
        guard let mask = try mask(of: part, region, x: x, y: y) else { return nil }
        let black = Image(width: side, height: side, channels: part.channels, filledWith: [0, 0, 0])
        return Head(
            image: part.blended(over: black, mask: enlarged(mask, to: side)),
            landmarks: landmarks.map { Point(x: $0.x - Double(x), y: $0.y - Double(y)) })
    }

    /// The mesh of the face with these landmarks, which tell about where it is: in ArcFace's template a face is 2.4 times
    /// as high as it is from the eyes to the mouth.
    private func mesh(_ landmarks: [Point], in photo: Image) throws -> FaceMesh? {
        let points = landmarks.map { SIMD2(Float($0.x), Float($0.y)) }
        let (eyes, mouth) = ((points[0] + points[1]) / 2, (points[3] + points[4]) / 2)
        let (across, down) = (points[1] - points[0], mouth - eyes)
        let half = 1.2 * max((across * across).sum(), (down * down).sum()).squareRoot()
        let middle = eyes + 0.45 * down
        let box = FaceBox(
            left: middle.x - half, top: middle.y - half, right: middle.x + half, bottom: middle.y + half)
        return try meshNetwork.mesh(box: box, rightEye: points[0], leftEye: points[1], in: photo)
    }

    /// 1 where the head is, in cells of the part of the photo that begins at `x` and `y`.
    private func mask(of part: Image, _ region: HeadRegion, x: Int, y: Int) throws -> Mask? {
        let (cells, scale) = (Self.cells, Double(Self.cells) / Double(part.width))
        let small = part.resized(width: cells, height: cells, filter: scale < 1 ? .area : .bilinear)
        let person = try personNetwork.mask(of: small).values
        // Pixel and cell centres lie at whole numbers, edges at halves.
        let outline = region.outline.map {
            Point(
                x: ($0.x - Double(x) + 0.5) * scale - 0.5, y: ($0.y - Double(y) + 0.5) * scale - 0.5)
        }
        let outlined = Mask(width: cells, height: cells, polygon: outline)
        let face = outlined.values.map { $0 >= 0.5 }
        guard Self.seen(of: face, in: person) >= Self.leastSeen else { return nil }
        let possible = person.indices.map { cell -> Float in
            let isPossible =
                face[cell]
                || person[cell] > Self.personLevel
                    && region.contains(
                        Point(
                            x: (Double(cell % cells) + 0.5) / scale - 0.5 + Double(x),
                            y: (Double(cell / cells) + 0.5) / scale - 0.5 + Double(y)))
            return isPossible ? 1 : 0
        }
        let grown = Mask(width: cells, height: cells, values: possible).connected(to: outlined)
            .dilated(radius: Self.margin).values
        let values = person.indices.map { cell -> Float in
            face[cell] || grown[cell] > 0 && person[cell] > Self.edgeLevel ? 1 : 0
        }
        return Mask(width: cells, height: cells, values: values)
    }

    /// The mean of the person mask in the face; 0 for a face outside of the square.
    private static func seen(of face: [Bool], in person: [Float]) -> Float {
        let values = zip(face, person).filter(\.0).map(\.1)
        return values.isEmpty ? 0 : values.reduce(0, +) / Float(values.count)
    }

    private func enlarged(_ mask: Mask, to side: Int) -> Mask {
        let cells = Tensor(mask.values, shape: [1, mask.height, mask.width, 1], in: workspace)
        let pixels = resizedBilinearly(cells, height: side, width: side, alignment: .halfPixelCenters)
        return Mask(width: side, height: side, values: pixels.values)
    }
}
