/// Where a picture lies when it is centred in a box, scaled as far as it fits.
public struct LetterboxPlacement: Sendable, Equatable {
    /// Columns of the scaled picture.
    public let width: Int
    /// Rows of the scaled picture.
    public let height: Int
    /// Columns of the box to its left.
    public let left: Int
    /// Rows of the box above it.
    public let top: Int

    /// Where `image` lies in a box of that size.
    public init(of image: Image, width boxWidth: Int, height boxHeight: Int) {
        let scale = min(Double(boxWidth) / Double(image.width), Double(boxHeight) / Double(image.height))
        width = min(boxWidth, max(1, Int((Double(image.width) * scale).rounded())))
        height = min(boxHeight, max(1, Int((Double(image.height) * scale).rounded())))
        (left, top) = ((boxWidth - width) / 2, (boxHeight - height) / 2)
    }
}
