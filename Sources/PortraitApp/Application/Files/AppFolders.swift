import Foundation
import Portraits

/// Where the application keeps its things (XDG Base Directory Specification 0.8).
package struct AppFolders: Sendable, Equatable {
    /// The configuration, written by the user: `$XDG_CONFIG_HOME/facechain`.
    package let configuration: URL
    /// What was chosen last, written by the program: `$XDG_STATE_HOME/facechain`.
    package let state: URL
    /// Styles, LoRAs, models and pictures: `$XDG_DATA_HOME/facechain`.
    package let data: URL
    /// What can be made again, such as thumbnails: `$XDG_CACHE_HOME/facechain`.
    package let cache: URL
    /// The user's own folder, where file pickers begin.
    package let home: URL
    /// `$XDG_DATA_HOME`, where the desktop's trash is.
    package let dataHome: URL

    /// The folders of the user whose environment this is; nothing is created.
    package init(environment: [String: String]) {
        let base = BaseDirectories(environment: environment)
        home = base.home
        dataHome = base.data
        configuration = base.configuration.appendingPathComponent("facechain")
        state = base.state.appendingPathComponent("facechain")
        data = base.data.appendingPathComponent("facechain")
        cache = base.cache.appendingPathComponent("facechain")
    }

    /// `config.json`
    package var configurationFile: URL { configuration.appendingPathComponent("config.json") }
    /// `state.json`
    package var stateFile: URL { state.appendingPathComponent("state.json") }
    /// What would otherwise be printed over the screen.
    package var logFile: URL { state.appendingPathComponent("facechain.log") }
    /// Where finished pictures go unless the configuration says otherwise.
    package var gallery: URL { data.appendingPathComponent("gallery") }
    /// The thumbnails of styles, made with the user's own models.
    package var thumbnails: URL { cache.appendingPathComponent("thumbnails") }

    /// A path as people write it: `~` is the user's own folder.
    package func url(ofPath path: String) -> URL {
        if path == "~" { return home }
        if path.hasPrefix("~/") { return home.appendingPathComponent(String(path.dropFirst(2))) }
        return URL(fileURLWithPath: path)
    }

    /// A path as people read it.
    package func shortened(_ path: String) -> String {
        guard path == home.path || path.hasPrefix(home.path + "/"), home.path != "/" else { return path }
        return "~" + path.dropFirst(home.path.count)
    }
}
