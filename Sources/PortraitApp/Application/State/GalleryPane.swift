import Foundation
import Portraits

/// The gallery: finished pictures, the newest first.
package struct GalleryPane: Sendable {
    package var items: [GalleryItem] = []
    package var filter = TextBuffer()
    package var cursor = ListCursor()
    /// The picture that the next one is compared with, by file path.
    package var marked: String?
    package var isLoaded = false

    package init() {}

    /// The pictures that fit what was typed.
    package var visibleItems: [GalleryItem] {
        FuzzyFilter(filter.text).matches(items, text: Self.words)
    }

    package var selected: GalleryItem? {
        let visible = visibleItems
        return visible.indices.contains(cursor.index) ? visible[cursor.index] : nil
    }

    package func item(atPath path: String) -> GalleryItem? { items.first { $0.id == path } }

    /// What the filter searches.
    private static func words(_ item: GalleryItem) -> String {
        let settings = item.settings
        return [
            item.file.lastPathComponent, settings?.style ?? "", settings?.model ?? "", settings?.prompt ?? "",
            settings.map { "\($0.seed)" } ?? "",
        ].joined(separator: " ")
    }
}
