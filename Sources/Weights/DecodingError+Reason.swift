/// What is wrong with a JSON file, in one clause for the person who has to mend it.
extension DecodingError {
    /// Names the key by its path from the outermost value.
    package var reason: String {
        switch self {
        case .keyNotFound(let key, let context):
            "'\(Self.path(context.codingPath + [key]))' is missing"
        case .typeMismatch(let type, let context):
            "\(Self.place(context)) should be \(Self.name(of: type))"
        case .valueNotFound(let type, let context):
            "\(Self.place(context)) is null and should be \(Self.name(of: type))"
        case .dataCorrupted(let context) where !context.codingPath.isEmpty:
            "\(Self.place(context)) has a value that is not allowed"
        default:
            "it is not valid JSON"
        }
    }

    private static func place(_ context: Context) -> String {
        context.codingPath.isEmpty ? "its outermost value" : "'\(path(context.codingPath))'"
    }

    private static func path(_ keys: [any CodingKey]) -> String {
        keys.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".")
    }

    private static func name(of type: Any.Type) -> String {
        switch type {
        case is String.Type: "text"
        case is any BinaryInteger.Type: "a whole number"
        case is any BinaryFloatingPoint.Type: "a number"
        case is Bool.Type: "true or false"
        case is any AnyArray.Type: "a list"
        case is any AnyDictionary.Type: "an object"
        default: "a \(type)"
        }
    }
}

private protocol AnyArray {}
extension Array: AnyArray {}
private protocol AnyDictionary {}
extension Dictionary: AnyDictionary {}
