import Foundation

/// Says in one clause what is wrong with a JSON file.
enum JSONProblem {
    static func describe(_ error: any Error) -> String {
        switch error {
        case DecodingError.keyNotFound(let key, let context):
            "'\(path(context.codingPath + [key]))' is missing"
        case DecodingError.typeMismatch(let type, let context):
            "'\(path(context.codingPath))' should be \(name(of: type))"
        case DecodingError.valueNotFound(let type, let context):
            "'\(path(context.codingPath))' is null and should be \(name(of: type))"
        case DecodingError.dataCorrupted(let context) where !context.codingPath.isEmpty:
            "'\(path(context.codingPath))' has a value that is not allowed"
        case is DecodingError:
            "it is not valid JSON"
        default:
            (error as NSError).localizedDescription
        }
    }

    private static func path(_ keys: [any CodingKey]) -> String {
        keys.map(\.stringValue).joined(separator: ".")
    }

    private static func name(of type: Any.Type) -> String {
        switch type {
        case is String.Type: "text"
        case is Int.Type, is Float.Type, is Double.Type: "a number"
        case is Bool.Type: "true or false"
        default: "a \(type)"
        }
    }
}
