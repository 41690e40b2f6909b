import Foundation
import Networks

/// Words that tell of a person's age and gender, so that the one who is drawn has them too.
public struct PersonWords: Sendable, Codable, Equatable {
    /// Put before the prompt, such as "a handsome man, 25-year-old".
    public var prefix: String
    /// Joined to what is to be avoided; empty if nothing.
    public var avoided: String
    /// The network that read them from the photo; nil for words that somebody typed.
    public var reader: String?

    /// Words from anywhere.
    public init(prefix: String, avoided: String = "", reader: String? = nil) {
        (self.prefix, self.avoided, self.reader) = (prefix, avoided, reader)
    }

    /// The reference's words for what a network has read from a face.
    init(_ attributes: FaceAttributes, reader: String) {
        func words(_ text: String) -> String { text.trimmingCharacters(in: CharacterSet(charactersIn: ", ")) }
        self.init(
            prefix: words(attributes.promptPrefix), avoided: words(attributes.negativePromptSuffix),
            reader: reader)
    }
}
