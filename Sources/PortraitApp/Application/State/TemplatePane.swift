import Foundation
import Portraits

/// The template pane: the library, and the faces of the template that was chosen. What is chosen stands in `Choices`.
package struct TemplatePane: Sendable {
    /// The templates that are shipped, and the user's own.
    package var library: [LibraryTemplate] = []
    /// In the library, as long as no template is chosen.
    package var cursor = ListCursor()
    /// Among the chosen template's faces.
    package var faceCursor = ListCursor()

    package init() {}

    /// The template of the library under the cursor.
    package var selected: LibraryTemplate? {
        library.indices.contains(cursor.index) ? library[cursor.index] : nil
    }

    /// What people call a template: its title in the library, or the file's name.
    package func title(of path: String) -> String {
        library.first { $0.picture.path == path }?.description.title
            ?? URL(fileURLWithPath: path).lastPathComponent
    }
}
