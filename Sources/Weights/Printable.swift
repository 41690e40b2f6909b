/// A foreign name between quotation marks, safe and short enough to print.
///
/// Control characters, direction marks and other invisible scalars could otherwise reach the terminal.
package func quoted(_ name: String) -> String {
    let limit = 120
    var text = "\""
    for scalar in name.unicodeScalars.prefix(limit) {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned, .surrogate:
            text += "\\u{\(String(scalar.value, radix: 16))}"
        default: text.unicodeScalars.append(scalar)
        }
    }
    return text + (name.unicodeScalars.count > limit ? "…\"" : "\"")
}

/// The first few of many names, with a count of the rest.
func listed(_ names: [String]) -> String {
    let shown = names.prefix(5).map(quoted).joined(separator: ", ")
    return names.count > 5 ? "\(shown) and \(names.count - 5) more" : shown
}
