import Foundation
import Weights

/// JSON files of the user's, read by programs above this module.
package enum JSONFile {
    /// What is wrong with a file, in one clause.
    package static func reason(_ error: any Error) -> String {
        (error as? DecodingError)?.reason ?? (error as NSError).localizedDescription
    }
}
