import Tensors
import Weights

/// Halves an image's sides with a strided convolution.
struct Downsample2D: Sendable {
    private let conv: Conv2d

    /// - Parameter padding: zeros on all sides in the UNet, only below and to the right in the autoencoder.
    init(_ scope: WeightScope, channels: Int, padding: Padding) throws {
        conv = try Conv2d(
            scope.scope("conv"), inputs: channels, outputs: channels, kernel: 3, stride: 2, padding: padding)
    }

    func callAsFunction(_ x: Tensor) -> Tensor { conv(x) }
}

/// Doubles an image's sides by repeating pixels, then smooths with a convolution.
struct Upsample2D: Sendable {
    private let conv: Conv2d

    init(_ scope: WeightScope, channels: Int) throws {
        conv = try Conv2d(
            scope.scope("conv"), inputs: channels, outputs: channels, kernel: 3, stride: 1,
            padding: Padding(1))
    }

    func callAsFunction(_ x: Tensor) -> Tensor { conv(upsampleNearest2x(x)) }
}
