import Foundation
import Weights

/// Why a model's `config.json` cannot be used.
///
/// `key` is a JSON key as written in the file.
public enum ConfigurationError: Error, Equatable, Sendable {
    case unreadable(file: String, reason: String)
    case malformed(file: String, reason: String)
    case unsupported(key: String, value: String, supported: String)
    case invalid(key: String, value: String, requirement: String)
    /// Another error, with the file in which it was found.
    indirect case inFile(String, ConfigurationError)
}

extension ConfigurationError: CustomStringConvertible {
    /// One or two sentences for the person at the keyboard.
    public var description: String {
        switch self {
        case .unreadable(let file, let reason):
            "\(file) cannot be read: \(reason)."
        case .malformed(let file, let reason):
            "\(file) is not a configuration of this kind of network: \(reason)."
        case .unsupported(let key, let value, let supported):
            "\(key) is \(value), which this program cannot run; it knows \(supported)."
        case .invalid(let key, let value, let requirement):
            "\(key) is \(value), but must be \(requirement)."
        case .inFile(let file, let error):
            "\(file): \(error.description)"
        }
    }
}

/// Reads a network's configuration from the `config.json` beside its weights.
///
/// - Throws: ``ConfigurationError``.
public func readConfiguration<Configuration: Decodable>(
    _ type: Configuration.Type, from file: URL
) throws -> Configuration {
    let data: Data
    do {
        data = try Data(contentsOf: file)
    } catch {
        throw ConfigurationError.unreadable(file: file.path, reason: error.localizedDescription)
    }
    do {
        return try JSONDecoder().decode(type, from: data)
    } catch let error as ConfigurationError {
        throw ConfigurationError.inFile(file.path, error)
    } catch let error as DecodingError {
        throw ConfigurationError.malformed(file: file.path, reason: error.reason)
    }
}

/// Checks of values from a configuration file, before anything is computed from them.
enum ConfigurationCheck {
    /// Widths, depths and counts larger than this belong to no network of this kind, and products of them stay small
    /// enough not to overflow.
    private static let largest = 1 << 16

    /// A whole number from 1 to 65,536.
    static func positive(_ value: Int, _ key: String) throws {
        guard (1...largest).contains(value) else {
            throw ConfigurationError.invalid(
                key: key, value: "\(value)", requirement: "a whole number from 1 to \(largest)")
        }
    }

    /// A number of layers from 1 to 64: the names of the tensors of all layers are made before any is read.
    static func depth(_ value: Int, _ key: String) throws {
        guard (1...64).contains(value) else {
            throw ConfigurationError.invalid(
                key: key, value: "\(value)", requirement: "a whole number from 1 to 64")
        }
    }

    /// A divisor of another value.
    static func divides(_ divisor: Int, _ key: String, of value: Int, _ name: String) throws {
        try positive(divisor, key)
        guard value % divisor == 0 else {
            throw ConfigurationError.invalid(
                key: key, value: "\(divisor)", requirement: "a divisor of \(name), which is \(value)")
        }
    }

    /// A normal positive number below 1.
    static func epsilon(_ value: Float, _ key: String) throws {
        guard value.isNormal, value > 0, value < 1 else {
            throw ConfigurationError.invalid(
                key: key, value: "\(value)", requirement: "a small positive number")
        }
    }
}

extension KeyedDecodingContainer {
    /// One number for all levels, or a list with one for each.
    func decodeLevels(_ key: Key, count: Int) throws -> [Int] {
        if let one = try? decode(Int.self, forKey: key) { return Array(repeating: one, count: count) }
        let levels = try decode([Int].self, forKey: key)
        guard levels.count == count else {
            throw ConfigurationError.invalid(
                key: key.stringValue, value: "\(levels)",
                requirement: "one number, or \(count), one for each level")
        }
        return levels
    }

    /// Refuses a switch that is set to anything but what this program runs; an absent or null key is its default.
    func require<Value: Decodable & Equatable>(_ key: Key, is value: Value) throws {
        guard contains(key), try !decodeNil(forKey: key) else { return }
        let found = try? decode(Value.self, forKey: key)
        guard found == value else {
            let text = found.map { "\($0)" } ?? "of another kind"
            throw ConfigurationError.unsupported(
                key: key.stringValue, value: text, supported: "only \(value)")
        }
    }

    /// Refuses a part of the network that this program does not have; absent or null means that it is not there.
    func requireAbsent(_ key: Key) throws {
        guard contains(key), try !decodeNil(forKey: key) else { return }
        throw ConfigurationError.unsupported(
            key: key.stringValue, value: "set", supported: "only networks without it")
    }
}
