/// What is wrong with a `scheduler_config.json`.
public indirect enum SchedulerConfigurationError: Error, Equatable {
    /// The text is not a JSON object.
    case notAnObject
    /// A value has another JSON type than expected.
    case wrongType(key: String, expected: String)
    /// A value is a spelling or switch that nothing here implements.
    case unsupportedValue(key: String, value: String, supported: [String])
    /// A number lies outside of its range.
    case outOfRange(key: String, value: String, range: String)
    /// Any of the above, in the named file.
    case inFile(String, SchedulerConfigurationError)
}

extension SchedulerConfigurationError: CustomStringConvertible {
    /// One sentence for the person at the keyboard.
    public var description: String {
        switch self {
        case .notAnObject:
            "this is not a JSON object; a scheduler configuration looks like {\"beta_schedule\": …}"
        case .wrongType(let key, let expected):
            "\(key) has the wrong type; it should be \(expected)"
        case .unsupportedValue(let key, let value, let supported):
            "\(key) is \(value), which is not supported; it can be \(supported.joined(separator: ", "))"
        case .outOfRange(let key, let value, let range):
            "\(key) is \(value); it must lie in \(range)"
        case .inFile(let origin, let error):
            "\(origin): \(error)"
        }
    }
}
