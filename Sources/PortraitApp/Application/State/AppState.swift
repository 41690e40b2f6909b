import Foundation
import Portraits
import TerminalKit

/// All that the application knows; a value. The screen is a function of it.
package struct AppState: Sendable {
    package let facts: AppFacts
    package let bindings: KeyBindings
    package var size: CellSize
    package var themeName: ThemeName
    /// Seconds since some moment before the start.
    package var now = 0.0
    package var hasTerminalFocus = true

    package var focus = Pane.style
    /// The choosing pane that is shown while another pane has the keyboard.
    package var chooser = Pane.style
    package var overlays: [Overlay] = []
    /// Whether `/` was pressed in a pane and its filter takes the keys.
    package var isFiltering = false

    package var choices = Choices()
    package var models: [ModelSummary]
    package var browser = StyleBrowser()
    package var person = PersonPane()
    package var templates = TemplatePane()
    package var settings = SettingsForm()
    package var preview = PreviewPane()
    package var queue = JobQueue()
    package var gallery = GalleryPane()

    /// The newest last.
    package private(set) var messages: [Message] = []
    /// Pictures that have been loaded, by what they are.
    package var pictures = PictureShelf()
    /// When Ctrl-C was pressed last.
    package var lastInterrupt: Double?
    /// Where file pickers were left, so that the next one begins there.
    package var lastFolder: String?
    package var memoryBytes = 0
    /// How the terminal shows pictures, in words.
    package var graphics = "not known yet"
    /// Where new seeds come from.
    package var seeds: SeedGenerator

    /// The state of a program that has just started.
    package init(
        size: CellSize, facts: AppFacts, bindings: KeyBindings, themeName: ThemeName, models: [ModelSummary],
        seeds: SeedGenerator
    ) {
        self.size = size
        self.facts = facts
        self.bindings = bindings
        self.themeName = themeName
        self.models = models
        self.seeds = seeds
    }

    /// The chosen base model.
    package var model: ModelSummary {
        models.first { $0.location?.path == choices.model } ?? models[0]
    }

    package var overlay: Overlay? { overlays.last }

    /// The footer's message, as long as it is fresh.
    package var freshMessage: Message? {
        messages.last.flatMap { now - $0.time < Message.seconds ? $0 : nil }
    }

    package mutating func say(_ text: String, _ kind: Message.Kind = .plain) {
        messages.append(Message(kind: kind, text: text, time: now))
        if messages.count > 200 { messages.removeFirst() }
    }

    /// The contexts whose keys work, the innermost first.
    package var contexts: [ActionContext] {
        if let overlay { return [.overlay(overlay.kind), .list, .always] }
        return [.pane(focus), .list, .main, .always]
    }
}

/// Draws seeds for new jobs (SplitMix64, Steele, Lea and Flood, OOPSLA 2014).
package struct SeedGenerator: Sendable {
    private var state: UInt64

    package init(state: UInt64) { self.state = state }

    /// A number that people can still read out: below 2³².
    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return (mixed ^ (mixed >> 31)) >> 32
    }
}
