/// A picture in a frame.
public struct FramePicture: Sendable, Equatable {
    /// What the picture is, such as a file's path: equal `id` and `version` mean equal pixels.
    ///
    /// A later version takes the place of an earlier one without a blank moment between.
    public let id: String
    /// Counts up when the pixels behind `id` change.
    public let version: Int
    /// The pixels.
    public let image: PixelImage
    /// The cells it may take: it is scaled to fit, keeping its proportions, and centred.
    public let rect: CellRect

    /// Makes a picture.
    public init(id: String, version: Int, image: PixelImage, rect: CellRect) {
        self.id = id
        self.version = version
        self.image = image
        self.rect = rect
    }

    /// Compares identity and place, not pixels.
    public static func == (first: FramePicture, second: FramePicture) -> Bool {
        first.id == second.id && first.version == second.version && first.rect == second.rect
    }
}
