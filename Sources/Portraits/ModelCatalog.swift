import Foundation

/// A base model that could be used, looked at but not opened.
public struct ModelSummary: Sendable, Equatable, Identifiable {
    /// What people read.
    public let title: String
    /// A folder or a checkpoint; nil is the embedded model.
    public let location: URL?
    /// Defaults and standing words.
    public let profile: ModelProfile
    /// Why it cannot be used at all; nil if it looks whole.
    public let problem: String?
    /// Whether a face adapter stands beside it.
    public let hasAdapter: Bool
    /// Whether an identity encoder stands beside it.
    public let hasEncoder: Bool
    /// Whether a ControlNet for poses stands beside it.
    public let hasControlNet: Bool

    /// Models are told apart by where they are.
    public var id: String { location?.path ?? "" }
    /// Whether it can paint a particular person.
    public var keepsIdentity: Bool { problem == nil && hasAdapter && hasEncoder }

    /// A summary from its parts.
    public init(
        title: String, location: URL?, profile: ModelProfile, problem: String?, hasAdapter: Bool,
        hasEncoder: Bool, hasControlNet: Bool = false
    ) {
        self.title = title
        self.location = location
        self.profile = profile
        self.problem = problem
        self.hasAdapter = hasAdapter
        self.hasEncoder = hasEncoder
        self.hasControlNet = hasControlNet
    }
}

/// The models that are there: the embedded one, and those in the user's model folder.
public struct ModelCatalog: Sendable {
    private static let checkpointExtensions: Set<String> = ["safetensors", "ckpt", "pt"]
    /// Parts that may lie beside a checkpoint and are none.
    private static let otherParts = ["face_adapter", "face_encoder"]

    private let resources: ResourceLocator

    /// A catalogue of what the locator finds.
    public init(resources: ResourceLocator) {
        self.resources = resources
    }

    /// `$XDG_DATA_HOME/facechain/models`.
    public var folder: URL { resources.userData.appendingPathComponent("models") }

    /// The embedded model first, then the user's own by name.
    public var models: [ModelSummary] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        let own = names.sorted().map { folder.appendingPathComponent($0) }.filter(Self.looksLikeModel)
        return [embedded] + own.map(summary)
    }

    /// The model that is shipped with the program.
    public var embedded: ModelSummary {
        let found = summary(of: resources.embeddedModel)
        return ModelSummary(
            title: found.problem == nil ? found.title : "Embedded model", location: nil,
            profile: found.profile,
            problem: FileManager.default.fileExists(atPath: resources.embeddedModel.path)
                ? found.problem : "it is not in this copy of facechain",
            hasAdapter: found.hasAdapter, hasEncoder: found.hasEncoder,
            hasControlNet: found.hasControlNet)
    }

    /// Looks at a folder in the layout of diffusers, or at a checkpoint in one file.
    public func summary(of location: URL) -> ModelSummary {
        let isFolder = location.isFolder
        let home = isFolder ? location : location.deletingLastPathComponent()
        let (profile, complaint) = Self.profile(inFolder: home)
        let problem = complaint ?? (isFolder ? Self.missingPart(of: location) : Self.missingFile(location))
        return ModelSummary(
            title: isFolder && profile.family == "atelier"
                ? profile.title : location.deletingPathExtension().lastPathComponent,
            location: location, profile: profile, problem: problem,
            hasAdapter: FaceModelFiles.beside(location, named: "face_adapter") != nil,
            hasEncoder: FaceModelFiles.beside(location, named: "face_encoder") != nil,
            hasControlNet: Self.exists(ControlNetFiles.place(beside: location)))
    }

    private static func profile(inFolder folder: URL) -> (ModelProfile, problem: String?) {
        do {
            return (try ModelProfile.read(inFolder: folder), nil)
        } catch {
            return (.stableDiffusion15, "\(error)")
        }
    }

    private static func missingPart(of folder: URL) -> String? {
        let parts = [
            "unet/config.json", "vae/config.json", "text_encoder/config.json", "tokenizer/vocab.json",
            "scheduler/scheduler_config.json",
        ]
        return parts.first { !exists(folder.appendingPathComponent($0)) }.map { "\($0) is missing" }
    }

    private static func missingFile(_ file: URL) -> String? { exists(file) ? nil : "the file is gone" }

    private static func looksLikeModel(_ location: URL) -> Bool {
        if location.isFolder { return isModelFolder(location) }
        let stem = location.deletingPathExtension().lastPathComponent
        return checkpointExtensions.contains(location.pathExtension) && !otherParts.contains(stem)
    }

    /// Whether a folder has the layout of diffusers, whole or not.
    package static func isModelFolder(_ folder: URL) -> Bool {
        folder.appendingPathComponent("unet").isFolder
    }

    private static func exists(_ file: URL) -> Bool { FileManager.default.fileExists(atPath: file.path) }
}
