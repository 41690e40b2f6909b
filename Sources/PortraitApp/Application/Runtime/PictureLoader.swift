import Dispatch
import Foundation
import Imaging
import Portraits
import TerminalKit

/// Reads pictures for the screen, one after the other, beside the main thread.
final class PictureLoader: Sendable {
    private let queue = DispatchQueue(label: "pictures", qos: .userInitiated)
    private let inbox: Inbox
    private let poses: PoseInspector

    init(resources: ResourceLocator, inbox: Inbox) {
        self.inbox = inbox
        poses = PoseInspector(resources: resources)
    }

    /// Loads a picture and posts it.
    ///
    /// - Parameter inspection: what was seen in the photo the picture is about.
    func load(_ key: PictureKey, inspection: PhotoInspection?) {
        if case .posed(let path) = key { return loadPosed(path) }
        queue.async { [inbox] in
            do {
                guard let image = try Self.image(key, inspection: inspection) else { return }
                inbox.post(.pictureLoaded(key, .success(PixelImage(image))))
            } catch {
                inbox.post(.pictureLoaded(key, .failure(AppProblem(error))))
            }
        }
    }

    /// Finding people takes its time, on the inspector's own thread.
    private func loadPosed(_ path: String) {
        let key = PictureKey.posed(path)
        Task { [inbox, poses] in
            do {
                let image = try await poses.drawn(over: URL(fileURLWithPath: path), longestSide: 640)
                inbox.post(.pictureLoaded(key, .success(PixelImage(image))))
            } catch {
                inbox.post(.pictureLoaded(key, .failure(AppProblem(error))))
            }
        }
    }

    private static func image(_ key: PictureKey, inspection: PhotoInspection?) throws -> Image? {
        switch key {
        case .file(let path, let side):
            return try ImageFile.read(path).fitted(longestSide: side, filter: .area)
        case .part(let path, let zoom, let side):
            return part(of: try ImageFile.read(path), zoom: zoom, side: side)
        case .numberedFaces(let path, let chosen):
            let small = try ImageFile.read(path).fitted(longestSide: 800, filter: .area)
            guard let inspection else { return small }
            let scale = Double(small.width) / Double(inspection.width)
            return FaceMarks.draw(on: small, faces: inspection.faces, scale: scale, chosen: chosen)
        case .face(_, let index, let isHead):
            guard let faces = inspection?.faces, faces.indices.contains(index) else { return nil }
            return isHead ? faces[index].head : faces[index].aligned
        case .posed, .live:
            return nil
        }
    }

    /// Small parts are enlarged smoothly; the terminal would show their pixels as squares.
    private static func part(of image: Image, zoom: Zoom, side: Int) -> Image {
        let region = zoom.region(width: image.width, height: image.height)
        let cut = image.cropped(x: region.x, y: region.y, width: region.width, height: region.height)
        let scale = Double(side) / Double(max(cut.width, cut.height))
        return cut.resized(
            width: max(1, Int(Double(cut.width) * scale)), height: max(1, Int(Double(cut.height) * scale)),
            filter: scale > 1 ? .bicubic : .area)
    }
}

extension PixelImage {
    /// A picture as the terminal takes it.
    init(_ image: Image) {
        let opaque = image.addingOpacity()
        self.init(width: opaque.width, height: opaque.height, rgba: opaque.pixels)
    }
}
