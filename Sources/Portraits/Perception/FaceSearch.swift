import Foundation
import Imaging
import Networks
import Tensors

/// A photo as faces are looked for in it.
struct SearchedPhoto {
    /// The reference works on photos of at most this size (modelscope/facechain, `facechain_inference_fact.py`).
    private static let longestSide = 1000

    /// The photo, opaque, and made smaller if it was larger than `longestSide`.
    let image: Image
    /// Columns of the photo as it is in the file.
    let originalWidth: Int
    /// Rows of the photo as it is in the file.
    let originalHeight: Int

    /// - Throws: `ImagingError` for a file that is no picture.
    init(_ photo: URL) throws {
        self.init(try ImageFile.read(photo.path).flattened(onto: [0, 0, 0]))
    }

    /// An opaque picture.
    init(_ original: Image) {
        (originalWidth, originalHeight) = (original.width, original.height)
        image = original.fitted(longestSide: Self.longestSide, filter: .area)
    }

    /// Pixels of `image` for a pixel of the file.
    var scale: Double { Double(image.width) / Double(originalWidth) }
}

/// Looks for faces, for the studio and for those who only want to see what it will find; reads its networks once.
final class FaceSearch {
    private let resources: ResourceLocator
    private let workspace: Workspace
    private var finder: (any FaceFinder)?

    init(resources: ResourceLocator, workspace: Workspace) {
        self.resources = resources
        self.workspace = workspace
    }

    /// The detector that is used: the reference's where the user has its weights, else the shipped ones.
    static func title(for resources: ResourceLocator) -> String {
        RetinaFaceFinder.file(in: resources.userPerceptionModels) == nil
            ? ShippedFaceFinder.title : RetinaFaceFinder.title
    }

    /// The faces of a photo from left to right, in pixels of its `image`.
    ///
    /// - Throws: `WeightsError` if the detector cannot be read, `CancellationError`.
    func faces(in photo: SearchedPhoto) throws -> [DetectedFace] {
        let finder = try self.finder ?? makeFinder()
        self.finder = finder
        return try finder.faces(in: photo.image).leftToRight
    }

    private func makeFinder() throws -> any FaceFinder {
        if let file = RetinaFaceFinder.file(in: resources.userPerceptionModels) {
            return try RetinaFaceFinder(file: file, in: workspace)
        }
        return try ShippedFaceFinder(folder: resources.perceptionModels, in: workspace)
    }
}

extension DetectedFace {
    /// The five points as alignment takes them.
    var points: [Point] { landmarks.map { Point(x: Double($0.x), y: Double($0.y)) } }
}
