import Foundation
import Weights

/// JSON files that people read and write.
package enum JSONFile {
    /// A value as a file to be read by people: indented, keys in order.
    package static func bytes(of value: some Encodable) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(value)
    }

    /// The same as text, to be printed.
    package static func text(of value: some Encodable) throws -> String {
        String(decoding: try bytes(of: value), as: UTF8.self)
    }

    /// What is wrong with a file, in one clause.
    package static func reason(_ error: any Error) -> String {
        (error as? DecodingError)?.reason ?? (error as NSError).localizedDescription
    }
}
