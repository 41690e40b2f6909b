/// The parts of the main screen.
package enum Pane: Int, Sendable, CaseIterable, Codable {
    case style = 1
    case template, pose, person, settings, preview, queue, gallery

    /// What its border says.
    package var title: String {
        switch self {
        case .style: "Style"
        case .template: "Template"
        case .pose: "Pose"
        case .person: "Person"
        case .settings: "Settings"
        case .preview: "Preview"
        case .queue: "Queue"
        case .gallery: "Gallery"
        }
    }

    /// The panes in which something is chosen, in the order of the breadcrumb.
    package static let choosers: [Pane] = [.style, .template, .pose, .person, .settings]

    /// The pane `distance` further on, around the end.
    package func neighbor(_ distance: Int) -> Pane {
        let all = Self.allCases
        let index = (rawValue - 1 + distance + all.count) % all.count
        return all[index]
    }
}
