import Foundation

/// Turns any error into the one sentence the user reads.
enum ErrorSentence {
    /// Our own errors describe themselves; Foundation's are asked for their localized text.
    static func of(_ error: any Error) -> String {
        if type(of: error) is any CustomStringConvertible.Type {
            return String(describing: error)
        }
        return (error as NSError).localizedDescription
    }
}
