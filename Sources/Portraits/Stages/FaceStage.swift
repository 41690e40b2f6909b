import Foundation
import Imaging
import Networks
import Tensors

/// The faces of one person's photos, turned and scaled as the identity encoder was trained to see them.
struct AlignedFaces {
    /// As the photos show them, [photos, 112, 112, 3] in -1…1.
    let whole: Tensor
    /// The same with everything but the heads black; `nil` where the encoder does not want that.
    let heads: Tensor?

    /// What is encoded.
    var encoded: Tensor { heads ?? whole }
}

/// Photo → the person's face, turned and scaled as the identity encoder was trained to see it.
package struct FaceStage {
    let search: FaceSearch
    /// There if the identity encoder wants heads without what surrounds them.
    let headFinder: HeadFinder?
    let workspace: Workspace
    let clock: StageClock

    /// The aligned faces of all photos.
    ///
    /// - Throws: `ImagingError` for a file that is no picture, `PortraitError.noFace`, `.faceNumberOutOfRange`.
    func alignedFaces(of person: PersonPhotos) throws -> AlignedFaces {
        guard !person.photos.isEmpty else { throw PortraitError.noPhoto }
        let faces = try person.photos.enumerated().map { index, photo in
            let searched = try SearchedPhoto(photo)
            let (landmarks, width): ([Point], Double?)
            if index == 0, let given = person.landmarks {
                (landmarks, width) = (scaled(given, by: searched.scale), nil)
            } else {
                let face = try chosen(
                    from: search.faces(in: searched), photo: photo, number: person.faceNumber)
                (landmarks, width) = (face.points, Double(face.box.width) / searched.scale)
            }
            let whole = try Self.alignedFace(of: searched.image, landmarks: landmarks, in: workspace)
            try advise(on: photo, aligned: whole, width: width, landmarks: landmarks)
            return (
                whole: whole, head: try head(landmarks, in: searched.image, of: photo) ?? whole
            )
        }
        return AlignedFaces(
            whole: concatenated(faces.map(\.whole), axis: 0),
            heads: headFinder.map { _ in concatenated(faces.map(\.head), axis: 0) })
    }

    /// One face as the identity encoder takes it, [1, 112, 112, 3] in -1…1; black beyond the photo.
    package static func alignedFace(
        of image: Image, landmarks: [Point], in workspace: Workspace
    ) throws -> Tensor {
        let pixels = try FaceAlignment.alignedPixels(of: image, landmarks: landmarks)
        return Tensor(pixels, shape: [1, FaceAlignment.side, FaceAlignment.side, 3], in: workspace)
            .affine(scale: 1 / 127.5, offset: -1)
    }

    /// The same of the head alone; `nil` if it is not wanted, or not seen well, which is said.
    private func head(_ landmarks: [Point], in image: Image, of photo: URL) throws -> Tensor? {
        guard let headFinder else { return nil }
        guard let head = try headFinder.head(landmarks: landmarks, in: image) else {
            clock.notice("\(photo.lastPathComponent): \(PhotoInspection.wholeUse).")
            return nil
        }
        return try Self.alignedFace(of: head.image, landmarks: head.landmarks, in: workspace)
    }

    /// The user's points in the scaled picture. Pixel centres lie at whole coordinates, so its edge stays at -0.5.
    private func scaled(_ landmarks: [Landmark], by scale: Double) -> [Point] {
        landmarks.map { Point(x: (Double($0.x) + 0.5) * scale - 0.5, y: (Double($0.y) + 0.5) * scale - 0.5) }
    }

    /// Says what may spoil the portrait, in the words of those who look at the photo before.
    private func advise(on photo: URL, aligned: Tensor, width: Double?, landmarks: [Point]) throws {
        let warnings = PhotoInspection.Warning.of(
            aligned: try Image(aligned, range: .signedUnit), width: width, landmarks: landmarks)
        guard !warnings.isEmpty else { return }
        let sentences = warnings.map(\.sentence).joined(separator: "; ")
        clock.notice("\(photo.lastPathComponent): \(sentences).")
    }

    private func chosen(from faces: [DetectedFace], photo: URL, number: Int?) throws -> DetectedFace {
        guard let largest = faces.largest else { throw PortraitError.noFace(photo: photo.path) }
        if let number {
            guard faces.indices.contains(number - 1) else {
                throw PortraitError.faceNumberOutOfRange(
                    photo: photo.path, number: number, count: faces.count)
            }
            return faces[number - 1]
        }
        if faces.count > 1, let index = faces.firstIndex(of: largest) {
            let choice = PhotoInspection.choice(ofLargest: index + 1, of: faces.count)
            clock.notice("\(photo.lastPathComponent): \(choice). Choose another with --face N.")
        }
        return largest
    }
}
