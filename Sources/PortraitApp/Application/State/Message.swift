/// A sentence in the footer for some seconds, and in the message window for the whole session.
package struct Message: Sendable, Equatable {
    package enum Kind: Sendable, Equatable { case plain, good, warning, failure }

    package let kind: Kind
    package let text: String
    /// Seconds on the application's clock.
    package let time: Double

    /// How long the footer shows it.
    package static let seconds = 5.0
}
