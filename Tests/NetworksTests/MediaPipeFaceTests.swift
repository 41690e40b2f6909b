import Foundation
import Imaging
import Networks
import Tensors
import TestSupport
import Testing

/// MediaPipe's faces on a real portrait, with MTCNN as the second opinion.
struct MediaPipeFaceTests {
    private let workspace = Fixture.sharedWorkspace
    private let faces: MediaPipeFaces
    private let portrait: Image
    /// MTCNN's five points in the portrait, and the distance of its eyes.
    private let expected: [Point]
    private let eyeDistance: Double

    init() throws {
        faces = try MediaPipeFaces(folder: mediaPipeFolder, in: workspace)
        portrait = try AstronautPicture.load()
        let mtcnn = try MTCNN(folder: "\(mediaPipeFolder)/..", in: workspace)
        let face = try #require(try mtcnn.faces(in: portrait.tensor(range: .byte, in: workspace)).largest)
        expected = face.landmarks.map { Point(x: Double($0.x), y: Double($0.y)) }
        eyeDistance = distance(expected[0], expected[1])
    }

    private func expectPoints(_ face: DetectedFace, _ expected: [Point], eyeDistance: Double) {
        for (found, wanted) in zip(face.landmarks, expected) {
            let found = Point(x: Double(found.x), y: Double(found.y))
            #expect(distance(found, wanted) < 0.08 * eyeDistance, "\(found), MTCNN has \(wanted)")
        }
    }

    @Test("The portrait's five points are where MTCNN has them")
    func portraitFace() throws {
        let found = try faces.faces(in: portrait)
        #expect(found.count == 1)
        let face = try #require(found.first)
        #expect(face.score > 0.9)
        expectPoints(face, expected, eyeDistance: eyeDistance)
        #expect(face.box.left < Float(expected[0].x) && face.box.right > Float(expected[1].x))
        #expect(face.box.top < Float(expected[0].y) && face.box.bottom > Float(expected[3].y))
    }

    @Test("A turned head is found upright in its own crop", arguments: [-40.0, -15, 20, 50])
    func rotatedFace(degrees: Double) throws {
        let (picture, position) = try AstronautPicture.rotated(degrees: degrees)
        let face = try #require(try faces.faces(in: picture).first)
        expectPoints(face, expected.map { position($0) }, eyeDistance: eyeDistance)
    }

    @Test("A small face at the edge of a large picture is found in a part of it")
    func smallFace() throws {
        let place = (x: 1_300, y: 880, side: 160)
        let picture = try AstronautPicture.copies([place], width: 1_500, height: 1_100)
        let found = try faces.faces(in: picture)
        #expect(found.count == 1)
        let scale = Double(place.side) / 512
        let points = expected.map {
            Point(
                x: Double(place.x) + ($0.x + 0.5) * scale - 0.5,
                y: Double(place.y) + ($0.y + 0.5) * scale - 0.5)
        }
        expectPoints(try #require(found.first), points, eyeDistance: eyeDistance * scale)
    }

    @Test("Three copies of different sizes are three faces, each once")
    func group() throws {
        let places = [(x: 10, y: 200, side: 256), (x: 280, y: 30, side: 512), (x: 810, y: 100, side: 380)]
        let picture = try AstronautPicture.copies(places, width: 1_200, height: 560)
        let found = try faces.faces(in: picture).leftToRight
        #expect(found.count == 3)
        for (face, place) in zip(found, places) {
            let scale = Double(place.side) / 512
            let points = expected.map {
                Point(x: Double(place.x) + $0.x * scale, y: Double(place.y) + $0.y * scale)
            }
            expectPoints(face, points, eyeDistance: eyeDistance * scale)
        }
    }

    @Test("A mesh from another detector's face: its outline holds the five points and not the hair")
    func meshOfGivenFace() throws {
        let given = DetectedFace(
            box: FaceBox(left: 165, top: 55, right: 285, bottom: 210), score: 1,
            landmarks: expected.map { SIMD2(Float($0.x), Float($0.y)) })
        let mesh = try #require(try faces.mesh(of: given, in: portrait))
        #expect(mesh.confidence > 0.9 && mesh.points.count == 468)
        #expect(mesh.ovalPolygon.count == 36)
        let mask = Mask(width: portrait.width, height: portrait.height, polygon: mesh.ovalPolygon)
        for point in mesh.fivePoints {
            #expect(mask.values[Int(point.y.rounded()) * mask.width + Int(point.x.rounded())] == 1)
        }
        let eyes = (mesh.fivePoints[0].y + mesh.fivePoints[1].y) / 2
        let mouth = (mesh.fivePoints[3].y + mesh.fivePoints[4].y) / 2
        let (top, bottom) = (mesh.ovalPolygon[0].y, mesh.ovalPolygon[18].y)
        // The forehead ends about as far above the eyes as the mouth is below them; the chin is less than
        // that below the mouth.
        #expect(top < eyes - 0.6 * (mouth - eyes) && top > eyes - 1.5 * (mouth - eyes))
        #expect(bottom > mouth + 0.3 * (mouth - eyes) && bottom < mouth + 1.3 * (mouth - eyes))
        #expect(mesh.chin == mesh.ovalPolygon[18])
        // The lower outline is the oval but for half of the forehead.
        let lower = Mask(width: portrait.width, height: portrait.height, polygon: mesh.lowerOvalPolygon)
        #expect(zip(lower.values, mask.values).allSatisfy { $0 <= $1 + 0.25 })
        for (index, isInside) in zip(lower.values.indices, lower.values.map { $0 == 1 }) {
            let y = Double(index / portrait.width)
            if mask.values[index] == 1, y > eyes { #expect(isInside) }
            if y < top + 0.2 * (eyes - top) { #expect(!isInside) }
        }
    }

    @Test("No face where none is")
    func noFace() throws {
        #expect(try faces.faces(in: AstronautPicture.nobody()).isEmpty)
        let sky = DetectedFace(
            box: FaceBox(left: 20, top: 20, right: 80, bottom: 90), score: 1,
            landmarks: [SIMD2(35, 45), SIMD2(65, 45), SIMD2(50, 60), SIMD2(38, 75), SIMD2(62, 75)])
        #expect(try faces.mesh(of: sky, in: AstronautPicture.nobody()) == nil)
        let broken = DetectedFace(
            box: FaceBox(left: .nan, top: 0, right: 1, bottom: 1), score: 1, landmarks: sky.landmarks)
        #expect(try faces.mesh(of: broken, in: portrait) == nil)
        #expect(
            try faces.faces(in: Image(width: 1, height: 1, channels: .rgb, filledWith: [9, 9, 9])).isEmpty)
    }

    @Test("Both detectors see the portrait's face alike", arguments: MediaPipeFaceDetector.Range.allCases)
    func detectors(range: MediaPipeFaceDetector.Range) throws {
        let detector = try MediaPipeFaceDetector(folder: mediaPipeFolder, range: range, in: workspace)
        let found = try detector.faces(in: portrait)
        #expect(found.count == 1)
        let face = try #require(found.first)
        #expect(face.score > 0.7 && face.keypoints.count == 6)
        // Eyes and nose, more coarsely than by the mesh.
        for (keypoint, point) in zip(face.keypoints, expected.prefix(3)) {
            #expect(distance(Point(x: Double(keypoint.x), y: Double(keypoint.y)), point) < 0.2 * eyeDistance)
        }
    }

    @Test("A cancelled workspace stops the search")
    func cancellation() throws {
        let workspace = Workspace(threadCount: 1)
        let faces = try MediaPipeFaces(folder: mediaPipeFolder, in: workspace)
        workspace.cancel()
        #expect(throws: CancellationError.self) { try faces.faces(in: portrait) }
    }
}

func distance(_ first: Point, _ second: Point) -> Double {
    ((first.x - second.x) * (first.x - second.x) + (first.y - second.y) * (first.y - second.y)).squareRoot()
}
