import Foundation
import Imaging
import Networks

/// A template as it is worked on: the picture, opaque, and its faces from left to right in its pixels.
struct TemplatePicture {
    let image: Image
    let faces: [DetectedFace]
    private let path: String

    /// Reads the picture and looks for faces.
    ///
    /// - Throws: `ImagingError` for a file that is no picture, `PortraitError.noFaceInTemplate`.
    init(_ file: URL, bench: Workbench) throws {
        image = try ImageFile.read(file.path).flattened(onto: [0, 0, 0])
        path = file.path
        faces = try bench.faces(in: image)
        guard !faces.isEmpty else { throw PortraitError.noFaceInTemplate(template: path) }
    }

    /// The face with that number.
    ///
    /// - Throws: `PortraitError.faceNumberOutOfRange`.
    func face(_ number: Int) throws -> DetectedFace {
        guard faces.indices.contains(number - 1) else {
            throw PortraitError.faceNumberOutOfRange(photo: path, number: number, count: faces.count)
        }
        return faces[number - 1]
    }

    /// All faces but that one.
    func others(than number: Int) -> [DetectedFace] {
        faces.indices.filter { $0 != number - 1 }.map { faces[$0] }
    }
}

extension DetectedFace {
    /// The face in a picture enlarged by `factor`; pixel centres lie at whole coordinates, so its edge stays at -0.5.
    func scaled(by factor: Double) -> DetectedFace {
        func scaled(_ value: Float) -> Float { Float((Double(value) + 0.5) * factor - 0.5) }
        return DetectedFace(
            box: FaceBox(
                left: scaled(box.left), top: scaled(box.top), right: scaled(box.right),
                bottom: scaled(box.bottom)),
            score: score, landmarks: landmarks.map { SIMD2(scaled($0.x), scaled($0.y)) })
    }
}
