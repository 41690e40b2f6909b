import Foundation
import Imaging
import Tensors
import Weights

/// MediaPipe's pose landmark network: the points of the person in a square that was cut out upright.
struct PoseLandmarkNetwork: Sendable {
    private let network: TFLiteNetwork
    private let workspace: Workspace

    /// Pixels of the network's input.
    private static let side = 256
    /// Points that the network gives; the last six only help to follow a person through a film.
    private static let pointCount = 39
    /// Cells of the heatmaps' side.
    private static let cells = 64
    /// Cells around a point that refine its position, to each side.
    private static let refinementReach = 3
    /// A heatmap that is nowhere surer than this refines nothing.
    private static let leastHeat: Float = 0.5
    /// What the network gives for less likely than this is nobody.
    private static let leastConfidence: Float = 0.5

    init(path: String, in workspace: Workspace) throws {
        network = try TFLiteNetwork(path: path, in: workspace)
        try network.requireShapes(
            inputs: [[1, Self.side, Self.side, 3]],
            outputs: [
                [1, 5 * Self.pointCount], [1, 1], [1, Self.side, Self.side, 1],
                [1, Self.cells, Self.cells, Self.pointCount], [1, 3 * Self.pointCount],
            ])
        self.workspace = workspace
    }

    /// - Returns: `nil` if there is nobody in the square.
    func landmarks(in image: Image, _ square: RotatedSquare) throws -> PoseLandmarks? {
        let outputs = try network([square.tensor(of: image, pixels: Self.side, in: workspace)])
        let confidence = outputs[1].values[0]
        let (values, heat) = (outputs[0].values, outputs[3].values)
        guard confidence >= Self.leastConfidence, values.allSatisfy(\.isFinite) else { return nil }
        let landmarks = (0..<PoseLandmarks.count).map { index in
            // x, y and depth in pixels, then the logits of visibility and presence.
            let numbers = values[5 * index..<5 * index + 5].map { Double($0) }
            let position = Self.refined(
                SIMD2(numbers[0], numbers[1]) / Double(Self.side), by: heat, of: index)
            return PoseLandmarks.Landmark(
                position: square.pixel(position.x, position.y), visibility: Float(1 / (1 + exp(-numbers[3]))),
                presence: Float(1 / (1 + exp(-numbers[4]))))
        }
        return PoseLandmarks(landmarks: landmarks, confidence: confidence)
    }

    /// The mean of the cells around a point, weighted by the sigmoid of the point's heatmap, if one of them is hot (as
    /// MediaPipe's `refine_landmarks_from_heatmap`).
    ///
    /// - Parameter position: both coordinates from 0 to 1; others stay as they are.
    private static func refined(_ position: SIMD2<Double>, by heat: [Float], of index: Int) -> SIMD2<Double> {
        guard position.min() >= 0, position.max() < 1 else { return position }
        let (column, row) = (Int(position.x * Double(cells)), Int(position.y * Double(cells)))
        var (sum, hottest) = (0.0, Float(0))
        var weighted = SIMD2<Double>.zero
        for y in max(0, row - refinementReach)...min(cells - 1, row + refinementReach) {
            for x in max(0, column - refinementReach)...min(cells - 1, column + refinementReach) {
                let weight = 1 / (1 + exp(-heat[(y * cells + x) * pointCount + index]))
                hottest = max(hottest, weight)
                sum += Double(weight)
                weighted += SIMD2(Double(x), Double(y)) * Double(weight)
            }
        }
        return hottest >= leastHeat ? weighted / sum / Double(cells) : position
    }
}
