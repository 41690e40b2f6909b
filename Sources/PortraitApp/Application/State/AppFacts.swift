import Foundation
import Portraits

/// What the machine and the installation are like; does not change while the program runs.
package struct AppFacts: Sendable {
    package var folders: AppFolders
    package var galleryFolder: URL
    /// The face photo that is shipped, to begin with.
    package var examplePhoto: String?
    package var coreCount: Int
    package var styleFolder: String
    /// The networks that find poses, as people read it.
    package var poseDetector: String
    /// The network that reads age and gender from photos, as people read it; nil if none is there.
    package var attributeReader: String?

    package init(
        folders: AppFolders, galleryFolder: URL, examplePhoto: String?, coreCount: Int, styleFolder: String,
        poseDetector: String, attributeReader: String?
    ) {
        self.folders = folders
        self.galleryFolder = galleryFolder
        self.examplePhoto = examplePhoto
        self.coreCount = coreCount
        self.styleFolder = styleFolder
        self.poseDetector = poseDetector
        self.attributeReader = attributeReader
    }

    /// The templates that are shipped lie beside the styles.
    package var templateFolder: URL {
        URL(fileURLWithPath: styleFolder).deletingLastPathComponent().appendingPathComponent("Templates")
    }
}
