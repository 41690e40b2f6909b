import Foundation

/// The user's folders for what programs keep (XDG Base Directory Specification 0.8); nothing is created.
package struct BaseDirectories: Sendable {
    /// The user's own folder.
    package let home: URL
    private let environment: [String: String]

    /// The folders of the user whose environment this is.
    package init(environment: [String: String]) {
        self.environment = environment
        home =
            environment["HOME"].map { URL(fileURLWithPath: $0) }
            ?? FileManager.default.homeDirectoryForCurrentUser
    }

    /// `$XDG_CONFIG_HOME`: what the user writes.
    package var configuration: URL { folder("XDG_CONFIG_HOME", ".config") }
    /// `$XDG_STATE_HOME`: what a program remembers.
    package var state: URL { folder("XDG_STATE_HOME", ".local/state") }
    /// `$XDG_DATA_HOME`: what belongs to the user.
    package var data: URL { folder("XDG_DATA_HOME", ".local/share") }
    /// `$XDG_CACHE_HOME`: what can be made again.
    package var cache: URL { folder("XDG_CACHE_HOME", ".cache") }

    /// The specification says that relative paths are to be ignored.
    private func folder(_ variable: String, _ fallback: String) -> URL {
        guard let path = environment[variable], path.hasPrefix("/") else {
            return home.appendingPathComponent(fallback)
        }
        return URL(fileURLWithPath: path)
    }
}
