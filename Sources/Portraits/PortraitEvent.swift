import Imaging
import Tensors

/// The parts of a portrait job, in order.
public enum PortraitStage: String, Sendable, CaseIterable {
    case loadingModel = "load"
    case findingFace = "face"
    case readingPerson = "person"
    case encodingIdentity = "identity"
    case encodingText = "text"
    case findingPose = "pose"
    case denoising = "denoise"
    case decoding = "decode"

    /// What people read.
    public var title: String {
        switch self {
        case .loadingModel: "Loading the model"
        case .findingFace: "Finding the face"
        case .readingPerson: "Reading age and gender"
        case .encodingIdentity: "Reading the identity"
        case .encodingText: "Reading the prompt"
        case .findingPose: "Reading the pose"
        case .denoising: "Painting"
        case .decoding: "Developing"
        }
    }
}

/// What the studio tells while it works. Small values only; the engine keeps its tensors.
public enum PortraitEvent: Sendable {
    case progress(PortraitProgress)
    /// Something the user should know, such as "3 faces; the largest, number 2, is used".
    case notice(String)
    case finished(Portrait)
}

/// How far a job is.
public struct PortraitProgress: Sendable {
    /// What is being done.
    public var stage: PortraitStage
    /// Which of the job's pictures, 1-based.
    public var picture: Int
    /// Steps of this stage done, and of how many.
    public var step: Int
    /// Steps of this stage in all.
    public var of: Int
    /// Seconds since the job began.
    public var elapsedSeconds: Double
    /// Seconds the last step took.
    public var stepSeconds: Double
    /// The engine's estimate of the picture so far, while denoising.
    public var preview: LatentPreview?

    package init(
        stage: PortraitStage, picture: Int, step: Int, of: Int, elapsedSeconds: Double, stepSeconds: Double,
        preview: LatentPreview?
    ) {
        self.stage = stage
        self.picture = picture
        self.step = step
        self.of = of
        self.elapsedSeconds = elapsedSeconds
        self.stepSeconds = stepSeconds
        self.preview = preview
    }
}

/// The estimated clean latents after a step, for a live preview.
public struct LatentPreview: Sendable {
    /// Columns.
    public var width: Int
    /// Rows.
    public var height: Int
    /// Values of each pixel.
    public var channels: Int
    /// [height, width, channels], unit variance or so.
    public var values: [Float]

    /// Latents that come from somewhere else.
    package init(width: Int, height: Int, channels: Int, values: [Float]) {
        (self.width, self.height, self.channels, self.values) = (width, height, channels, values)
    }

    /// The first image of latents [batch, height, width, channels].
    init(of latents: Tensor) {
        (height, width, channels) = (latents.shape[1], latents.shape[2], latents.shape[3])
        values = latents[0..<1].values
    }
}

/// A finished picture with all that is needed to make it again.
public struct Portrait: Sendable {
    /// The picture.
    public var image: Image
    /// What it was made with.
    public var settings: PortraitSettings
    /// How long the job had run when it was finished.
    public var seconds: Double
    /// How much its face is the person's; `nil` where no face was found, or nobody in particular was drawn.
    public var likeness: Likeness? { settings.likeness }
}
