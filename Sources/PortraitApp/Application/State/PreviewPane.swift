/// The picture being painted, or the last one.
package struct PreviewPane: Sendable {
    /// How much of the screen it takes.
    package enum Magnification: Int, Sendable, Codable, CaseIterable {
        case normal, large, full
    }

    package var magnification = Magnification.normal
    /// Shows the photo in the place of the picture.
    package var showsPhoto = false
    package var zoom = Zoom()
    /// The finished picture shown while nothing is being painted, by file path.
    package var shown: String?

    package init() {}
}
