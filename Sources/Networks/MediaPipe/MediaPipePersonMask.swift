import Imaging
import Tensors
import Weights

/// MediaPipe's selfie segmentation: which pixels show a person, for one or a few people near the camera.
public struct MediaPipePersonMask: Sendable {
    private let network: TFLiteNetwork
    private let workspace: Workspace

    /// Pixels of the network's input and output.
    private static let side = 256

    /// - Parameter folder: `Models/perception/mediapipe`, or another folder with `selfie_segmentation.tflite`.
    /// - Throws: `WeightsError` if the file cannot be read or is another network.
    public init(folder: String, in workspace: Workspace) throws {
        network = try TFLiteNetwork(path: "\(folder)/selfie_segmentation.tflite", in: workspace)
        try network.requireShapes(
            inputs: [[1, Self.side, Self.side, 3]], outputs: [[1, Self.side, Self.side, 1]])
        self.workspace = workspace
    }

    /// How much of a person is in each pixel of a picture, 0…1.
    ///
    /// - Throws: `CancellationError` if the workspace was cancelled.
    public func mask(of image: Image) throws -> Mask {
        // The network was trained on pictures that were stretched to a square.
        let square = image.resized(width: Self.side, height: Self.side, filter: .bilinear)
        let output = try network([square.tensor(range: .unit, in: workspace)])[0]
        let mask = resizedBilinearly(
            output, height: image.height, width: image.width, alignment: .halfPixelCenters)
        return Mask(
            width: image.width, height: image.height, values: mask.values.map { min(max($0, 0), 1) })
    }
}
