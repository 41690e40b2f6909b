import Foundation
import Imaging
import Networks

/// A face of a template and how far it reaches.
struct TemplateFace {
    let detected: DetectedFace
    let outline: FaceOutline

    /// Whether this one's head hides parts of the other's face where they meet: who stands nearer is seen lower.
    func isBefore(_ other: TemplateFace) -> Bool { outline.chin.y > other.outline.chin.y }
}

/// A template as it is worked on: the picture, opaque, and its faces from left to right in its pixels.
struct TemplatePicture {
    let image: Image
    let faces: [TemplateFace]
    private let path: String

    /// Reads the picture and looks for faces.
    ///
    /// - Throws: `ImagingError` for a file that is no picture, `PortraitError.noFaceInTemplate`.
    init(_ file: URL, bench: Workbench) throws {
        let image = try ImageFile.read(file.path).flattened(onto: [0, 0, 0])
        let found = try bench.faces(in: image)
        guard !found.isEmpty else { throw PortraitError.noFaceInTemplate(template: file.path) }
        let meshes = try MediaPipeFaceMesh(folder: bench.resources.mediaPipeModels.path, in: bench.workspace)
        faces = try found.map { face in
            let mesh = try meshes.mesh(of: face, in: image)
            return TemplateFace(detected: face, outline: try FaceOutline(of: face, mesh: mesh))
        }
        self.image = image
        path = file.path
    }

    /// The face with that number.
    ///
    /// - Throws: `PortraitError.faceNumberOutOfRange`.
    func face(_ number: Int) throws -> TemplateFace {
        guard faces.indices.contains(number - 1) else {
            throw PortraitError.faceNumberOutOfRange(photo: path, number: number, count: faces.count)
        }
        return faces[number - 1]
    }

    /// All faces but that one.
    func others(than number: Int) -> [TemplateFace] {
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
