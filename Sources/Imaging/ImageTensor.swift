import Tensors

/// The numbers that stand for black and full brightness in a tensor.
public enum PixelRange: Sendable, CaseIterable {
    /// 0...255.
    case byte
    /// 0...1.
    case unit
    /// -1...1.
    case signedUnit

    /// The value of a byte-scaled pixel.
    func value(_ pixel: Float) -> Float {
        switch self {
        case .byte: pixel
        case .unit: pixel / 255
        case .signedUnit: pixel / 127.5 - 1
        }
    }

    /// Undoes `value`.
    func pixel(_ value: Float) -> Float {
        switch self {
        case .byte: value
        case .unit: value * 255
        case .signedUnit: (value + 1) * 127.5
        }
    }
}

extension Image {
    /// The picture as a tensor [1, height, width, 3]; transparent parts become black.
    public func tensor(range: PixelRange, in workspace: Workspace) -> Tensor {
        let opaque = flattened(onto: [0, 0, 0])
        return Tensor(shape: [1, height, width, 3], in: workspace) { buffer in
            for index in 0..<buffer.count {
                buffer[index] = range.value(Float(opaque.pixels[index]))
            }
        }
    }

    /// The picture in a tensor [1, height, width, 3].
    ///
    /// Values beyond the range are clamped, the others rounded to the nearest byte, ties to even (as NumPy's
    /// `round`).
    ///
    /// - Throws: `ImagingError.pixelsNotFinite` if there is NaN or infinity.
    public init(_ tensor: Tensor, range: PixelRange) throws(ImagingError) {
        precondition(
            tensor.shape.count == 4 && tensor.shape[0] == 1 && tensor.shape[3] == 3,
            "A picture is a tensor [1, height, width, 3], not \(tensor.shape)")
        var brokenCount = 0
        let pixels = tensor.withUnsafeBuffer { values in
            values.map { value in
                guard value.isFinite else {
                    brokenCount += 1
                    return UInt8(0)
                }
                return UInt8(min(max(range.pixel(value), 0), 255).rounded(.toNearestOrEven))
            }
        }
        guard brokenCount == 0 else { throw .pixelsNotFinite(count: brokenCount) }
        self.init(width: tensor.shape[2], height: tensor.shape[1], channels: .rgb, pixels: pixels)
    }
}

extension FaceAlignment {
    /// The aligned face as a tensor [1, 112, 112, 3] of -1...1.
    ///
    /// See `alignedPixels`.
    ///
    /// - Throws: `ImagingError.degenerateLandmarks`.
    public static func alignedFace(
        of image: Image, landmarks: [Point], in workspace: Workspace
    ) throws(ImagingError) -> Tensor {
        let pixels = try alignedPixels(of: image, landmarks: landmarks)
        return Tensor(pixels.map(PixelRange.signedUnit.value), shape: [1, side, side, 3], in: workspace)
    }
}
