/// Where the windows of a convolution or a pooling lie on a padded image.
struct WindowGeometry {
    let batch, height, width, channels: Int
    let windowHeight, windowWidth, stride: Int
    let padding: Padding
    let outputHeight, outputWidth: Int

    init(_ shape: [Int], height windowHeight: Int, width windowWidth: Int, stride: Int, padding: Padding) {
        precondition(shape.count == 4, "an image has four axes; the shape is \(shape)")
        precondition(
            min(windowHeight, windowWidth, stride) >= 1,
            "a window of \(windowHeight) × \(windowWidth) and stride \(stride) is impossible")
        (batch, height, width, channels) = (shape[0], shape[1], shape[2], shape[3])
        (self.windowHeight, self.windowWidth) = (windowHeight, windowWidth)
        (self.stride, self.padding) = (stride, padding)
        let paddedHeight = height + padding.top + padding.bottom
        let paddedWidth = width + padding.left + padding.right
        precondition(
            paddedHeight >= windowHeight && paddedWidth >= windowWidth,
            "an image of shape \(shape) is smaller than the window \(windowHeight) × \(windowWidth)")
        outputHeight = (paddedHeight - windowHeight) / stride + 1
        outputWidth = (paddedWidth - windowWidth) / stride + 1
    }

    var outputShape: [Int] { [batch, outputHeight, outputWidth, channels] }
    /// Output rows of the whole batch.
    var rowCount: Int { batch * outputHeight }
    /// Positions in a window.
    var area: Int { windowHeight * windowWidth }

    /// Calls `body` with the index of each pixel of a window that lies inside the image, and of its place in the window.
    ///
    /// Pixels and output rows are counted over the whole batch.
    @inline(__always)
    func forEachPixel(outputRow: Int, outputColumn: Int, _ body: (_ pixel: Int, _ tap: Int) -> Void) {
        let first = outputRow / outputHeight * height
        let top = outputRow % outputHeight * stride - padding.top
        let left = outputColumn * stride - padding.left
        for row in max(0, -top)..<max(max(0, -top), min(windowHeight, height - top)) {
            for column in max(0, -left)..<max(max(0, -left), min(windowWidth, width - left)) {
                body((first + top + row) * width + left + column, row * windowWidth + column)
            }
        }
    }
}
