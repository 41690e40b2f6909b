import Foundation

/// Finds what is shipped with the program (`Models`, `Styles`, `Examples`) and the user's own folders.
public struct ResourceLocator: Sendable {
    /// The folder that holds `Models/` and `Styles/`.
    public let home: URL
    /// `$XDG_DATA_HOME/facechain`, where users keep their own styles, LoRAs and models.
    public let userData: URL

    /// Looks at `$FACECHAIN_HOME`, then upwards from the executable, then in the system's data folders.
    ///
    /// - Throws: `PortraitError.resourcesNotFound` when none of them holds `Models/atelier`.
    public init(
        environment: [String: String] = ProcessInfo.processInfo.environment,
        executable: URL = ResourceLocator.runningExecutable
    ) throws {
        let candidates = Self.candidates(environment: environment, executable: executable)
        guard let home = candidates.first(where: Self.isHome) else {
            throw PortraitError.resourcesNotFound(searched: candidates.map(\.path))
        }
        self.home = home
        userData = BaseDirectories(environment: environment).data.appendingPathComponent("facechain")
    }

    /// The embedded model's folder.
    public var embeddedModel: URL { home.appendingPathComponent("Models/atelier") }
    /// The folder with the face detector's weights.
    public var perceptionModels: URL { home.appendingPathComponent("Models/perception") }
    /// The folder with MediaPipe's networks.
    var mediaPipeModels: URL { perceptionModels.appendingPathComponent("mediapipe") }
    /// Our own network for the heads of drawn people.
    var drawnHeadModel: URL { perceptionModels.appendingPathComponent("drawn_heads.safetensors") }
    /// Our own network for the joints of drawn people.
    var drawnBodyModel: URL { perceptionModels.appendingPathComponent("drawn_bodies.safetensors") }
    /// The folder for further detectors' weights, which the program uses when they are there.
    public var userPerceptionModels: URL { userData.appendingPathComponent("perception") }
    /// Configurations and tokenizer of Stable Diffusion 1.x, for checkpoints in a single file.
    public var stableDiffusionShape: URL { home.appendingPathComponent("Models/stable-diffusion-v1") }
    /// Where styles are read from, the user's own last, so that they win.
    public var styleFolders: [URL] {
        [home.appendingPathComponent("Styles"), userData.appendingPathComponent("styles")]
    }
    /// Where templates are read from, the user's own last, so that they win.
    public var templateFolders: [URL] {
        [home.appendingPathComponent("Templates"), userData.appendingPathComponent("templates")]
    }
    /// Where a LoRA given by its bare name is looked for.
    public var loraFolders: [URL] {
        [userData.appendingPathComponent("loras"), home.appendingPathComponent("Styles")]
    }

    /// A LoRA's file: a path as it is, or a bare name in the LoRA folders, with or without its extension.
    public func lora(named name: String) -> URL? {
        let folders = name.contains("/") ? [] : loraFolders
        let places = [URL(fileURLWithPath: name)] + folders.map { $0.appendingPathComponent(name) }
        return places.flatMap { [$0, $0.appendingPathExtension("safetensors")] }
            .first { FileManager.default.fileExists(atPath: $0.path) }
    }

    /// The file of the running program, links resolved.
    public static var runningExecutable: URL {
        URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    }

    private static func candidates(environment: [String: String], executable: URL) -> [URL] {
        var folders: [URL] = []
        if let named = environment["FACECHAIN_HOME"], !named.isEmpty {
            folders.append(URL(fileURLWithPath: named))
        }
        var folder = executable.deletingLastPathComponent()
        while folder.path != "/" {
            folders.append(folder)
            folder = folder.deletingLastPathComponent().standardizedFileURL
        }
        folders += ["/usr/local/share/facechain", "/usr/share/facechain"].map { URL(fileURLWithPath: $0) }
        return folders
    }

    private static func isHome(_ folder: URL) -> Bool {
        FileManager.default.fileExists(atPath: folder.appendingPathComponent("Styles").path)
            && FileManager.default.fileExists(atPath: folder.appendingPathComponent("Models").path)
    }
}
