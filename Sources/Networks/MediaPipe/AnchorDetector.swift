import Foundation
import Imaging
import Tensors
import Weights

/// A detector of the BlazeFace family (arXiv 1907.05047): for each anchor of a few grids the graph gives a score, and a
/// box and keypoints relative to the anchor's centre.
struct AnchorDetector: Sendable {
    /// How a kind of detector differs from the others, as the options of MediaPipe's graphs have it.
    struct Layout: Sendable {
        /// Pixels of the network's square input.
        let side: Int
        /// Cells of each grid's side, and anchors in each cell.
        let grids: [(cells: Int, anchors: Int)]
        let keypointCount: Int
    }

    private let network: TFLiteNetwork
    private let workspace: Workspace
    private let layout: Layout
    /// Centres, in parts of the input's side.
    private let anchors: [SIMD2<Float>]

    /// Detections that the network holds for less likely than this are not looked at.
    private static let leastScore: Float = 0.5
    /// Boxes that share more of their united area than this are one detection.
    private static let mergedOverlap: Float = 0.3

    init(path: String, _ layout: Layout, in workspace: Workspace) throws {
        network = try TFLiteNetwork(path: path, in: workspace)
        anchors = layout.grids.flatMap { cells, count in
            (0..<cells * cells * count).map { index in
                let cell = index / count
                return (SIMD2(Float(cell % cells), Float(cell / cells)) + 0.5) / Float(cells)
            }
        }
        try network.requireShapes(
            inputs: [[1, layout.side, layout.side, 3]],
            outputs: [[1, anchors.count, 4 + 2 * layout.keypointCount], [1, anchors.count, 1]])
        self.layout = layout
        self.workspace = workspace
    }

    /// Looks at the whole picture, letterboxed.
    ///
    /// - Returns: surest first.
    func detections(in image: Image) throws -> [MediaPipeDetection] {
        let box = image.letterboxed(width: layout.side, height: layout.side, filter: .bilinear)
        let outputs = try network([box.tensor(range: .signedUnit, in: workspace)])
        let placement = Letterbox(image, side: layout.side)
        return decoded(values: outputs[0].values, logits: outputs[1].values, placement)
            .merged(above: Self.mergedOverlap)
    }

    /// Looks at overlapping parts of the picture, each a square of `side` pixels or less at the border.
    ///
    /// What is cut by the inner border of a part is left to the neighbour, which sees it whole.
    func detections(in image: Image, tilesOfSide side: Int) throws -> [MediaPipeDetection] {
        let (columns, rows) = (
            Self.starts(of: side, in: image.width), Self.starts(of: side, in: image.height)
        )
        var found: [MediaPipeDetection] = []
        for y in rows {
            for x in columns {
                try workspace.checkCancellation()
                let (width, height) = (min(side, image.width), min(side, image.height))
                let tile = image.cropped(x: x, y: y, width: width, height: height)
                found += try detections(in: tile).map { $0.shifted(by: SIMD2(Float(x), Float(y))) }.filter {
                    detection in
                    let (box, margin) = (detection.box, detection.box.width * 0.1)
                    return (x == 0 || box.left > Float(x) - margin) && (y == 0 || box.top > Float(y) - margin)
                        && (x + width == image.width || box.right < Float(x + width) + margin)
                        && (y + height == image.height || box.bottom < Float(y + height) + margin)
                }
            }
        }
        return found
    }

    /// Where tiles begin that overlap by at least half.
    private static func starts(of side: Int, in length: Int) -> [Int] {
        guard length > side else { return [0] }
        let steps = (2 * (length - side) + side - 1) / side
        return (0...steps).map { $0 * (length - side) / steps }
    }

    private func decoded(values: [Float], logits: [Float], _ placement: Letterbox) -> [MediaPipeDetection] {
        let (stride, side) = (4 + 2 * layout.keypointCount, Float(layout.side))
        return anchors.indices.compactMap { index in
            let score = 1 / (1 + exp(-min(max(logits[index], -100), 100)))
            guard score >= Self.leastScore else { return nil }
            // Offsets are in pixels of the input: x and y, sometimes of the centre and sometimes a width and height.
            let offsets = (0..<stride / 2).map { pair in
                SIMD2(values[index * stride + 2 * pair], values[index * stride + 2 * pair + 1]) / side
            }
            let (centre, half) = (anchors[index] + offsets[0], offsets[1] / 2)
            let (first, last) = (placement.pixel(centre - half), placement.pixel(centre + half))
            return MediaPipeDetection(
                box: FaceBox(left: first.x, top: first.y, right: last.x, bottom: last.y), score: score,
                keypoints: offsets.dropFirst(2).map { placement.pixel(anchors[index] + $0) })
        }
    }
}

/// Positions in a square that a picture is letterboxed into, as pixels of the picture.
private struct Letterbox {
    private let scale: SIMD2<Float>
    private let origin: SIMD2<Float>

    init(_ image: Image, side: Int) {
        let placement = LetterboxPlacement(of: image, width: side, height: side)
        scale = SIMD2(
            Float(side * image.width) / Float(placement.width),
            Float(side * image.height) / Float(placement.height))
        origin = SIMD2(Float(placement.left), Float(placement.top)) / Float(side)
    }

    /// The pixel of the picture at a position in parts of the square; whole numbers are pixel centres.
    func pixel(_ position: SIMD2<Float>) -> SIMD2<Float> { (position - origin) * scale - 0.5 }
}
