import Foundation

/// Everything one portrait job needs, as the user asked for it.
///
/// `nil` means "as the model's profile says". Nothing here is read or checked until the studio runs the job.
public struct PortraitRequest: Sendable, Equatable {
    /// A LoRA the user added beside the style's own.
    public struct LoRAChoice: Sendable, Codable, Equatable {
        /// A path, or a bare name in the LoRA folders.
        public var file: String
        /// Multiplier of its change to the weights; 0 leaves the model untouched.
        public var weight: Float

        /// A choice of file and weight.
        public init(file: String, weight: Float) {
            self.file = file
            self.weight = weight
        }
    }

    /// How strongly, and during which part of the denoising, the face adapter works.
    public struct Identity: Sendable, Codable, Equatable {
        /// 0 switches the adapter off; `nil` takes the profile's.
        public var weight: Float?
        /// The fraction of the steps after which it begins, 0…1.
        public var start: Float
        /// The fraction of the steps after which it ends, 0…1.
        public var end: Float

        /// By default the whole walk at the profile's weight.
        public init(weight: Float? = nil, start: Float = 0, end: Float = 1) {
            self.weight = weight
            self.start = start
            self.end = end
        }
    }

    /// Where the weights come from; every path may be a file or a folder in any of the supported formats.
    public struct Models: Sendable, Equatable {
        /// The base model; `nil` is the embedded one.
        public var base: URL?
        /// The face adapter with its resampler.
        public var adapter: AdapterChoice
        /// The identity encoder; `nil` takes the one beside the base model, then the embedded one.
        public var encoder: URL?

        /// By default the embedded model with what lies beside it.
        public init(base: URL? = nil, adapter: AdapterChoice = .besideModel, encoder: URL? = nil) {
            self.base = base
            self.adapter = adapter
            self.encoder = encoder
        }
    }

    /// Which face adapter is used.
    public enum AdapterChoice: Sendable, Equatable {
        /// `face_adapter.*` in the base model's folder.
        case besideModel
        /// This file.
        case file(URL)
        /// None: the base model alone draws somebody.
        case none
    }

    /// Photos of one person; their face tokens are used together.
    public var photos: [URL]
    /// Which face of a photo with several, counted from the left, 1-based; `nil` is the largest.
    public var faceNumber: Int?
    /// Five points (eyes, nose, mouth corners; image left first) in the first photo's pixels, instead of detection.
    public var landmarks: [Landmark]?
    /// A look from the library.
    public var style: Style?
    /// LoRAs beside the style's own.
    public var loras: [LoRAChoice]
    /// The user's own words; they stand before the style's.
    public var prompt: String
    /// The person's age and gender, before all other words; empty is nothing. `nil` takes what FairFace reads from the
    /// photo, where its weights are.
    public var promptPrefix: String?
    /// Words to avoid; `nil` takes the profile's.
    public var negativePrompt: String?
    /// Where the weights come from.
    public var models: Models
    /// Denoising steps.
    public var steps: Int?
    /// How strictly words and face are followed; 1 is none and twice as fast.
    public var guidanceScale: Float?
    /// A sampler's name, as in `SamplerKind`.
    public var sampler: String?
    /// The seed of the first picture; following pictures count up.
    public var seed: UInt64
    /// Pixels; multiples of 8.
    public var width: Int?
    /// Rows of pixels, a multiple of 8.
    public var height: Int?
    /// How many pictures.
    public var count: Int
    /// How many pictures are made, if more than `count`; those whose faces are most the person's are kept.
    public var bestOf: Int?
    /// How strongly the face is kept.
    public var identity: Identity
    /// Postures to follow, each by a ControlNet; their answers are added.
    public var controls: [PoseControl]
    /// A safetensors file whose tensor `latents` [1, 4, height/8, width/8] replaces the seed's noise.
    public var initialLatents: URL?
    /// Where every stage's tensors are written, if anywhere.
    public var trace: URL?
    /// A picture whose faces are redrawn; then `photos` are not needed, every chosen face has its own.
    public var template: TemplateChoice?

    /// A request with every choice left to the model's profile.
    public init(photos: [URL], seed: UInt64) {
        self.photos = photos
        self.seed = seed
        faceNumber = nil
        landmarks = nil
        style = nil
        loras = []
        prompt = ""
        promptPrefix = nil
        negativePrompt = nil
        models = Models()
        steps = nil
        guidanceScale = nil
        sampler = nil
        width = nil
        height = nil
        count = 1
        bestOf = nil
        identity = Identity()
        controls = []
        initialLatents = nil
        trace = nil
        template = nil
    }

    /// The person of `photos`.
    var person: PersonPhotos {
        PersonPhotos(photos: photos, faceNumber: faceNumber, landmarks: landmarks)
    }
}

/// Photos of one person.
public struct PersonPhotos: Sendable, Equatable {
    /// At least one; their face tokens are used together.
    public var photos: [URL]
    /// Which face of a photo with several, counted from the left, 1-based; `nil` is the largest.
    public var faceNumber: Int?
    /// Five points in the first photo's pixels, instead of detection.
    public var landmarks: [Landmark]?

    /// A person as somebody's photos show them.
    public init(photos: [URL], faceNumber: Int? = nil, landmarks: [Landmark]? = nil) {
        self.photos = photos
        self.faceNumber = faceNumber
        self.landmarks = landmarks
    }
}

/// A picture of one or more people, and who takes whose place in it.
public struct TemplateChoice: Sendable, Equatable {
    /// Which ControlNet is used.
    public enum ControlNetChoice: Sendable, Equatable {
        /// `controlnet/` in the base model's folder, if there is one.
        case besideModel
        /// This file or folder.
        case file(URL)
        /// None.
        case none
    }

    /// A face of the picture and the person who is drawn there.
    public struct Face: Sendable, Equatable {
        /// Counted from the left, 1-based.
        public var number: Int
        /// Who is drawn.
        public var person: PersonPhotos

        /// A face's new owner.
        public init(number: Int, person: PersonPhotos) {
            self.number = number
            self.person = person
        }
    }

    /// The reference's strength (modelscope/facechain, inpainting pipeline).
    public static let defaultStrength: Float = 0.6

    /// A PNG or JPEG picture.
    public var picture: URL
    /// The faces to redraw; all others stay as they are.
    public var faces: [Face]
    /// How much of a face is drawn anew, above 0 to 1.
    public var strength: Float
    /// The ControlNet that holds the posture of whoever is redrawn.
    public var poseNetwork = ControlNetChoice.besideModel
    /// A ControlNet that holds the template's Canny edges around the face; `nil` is none.
    public var cannyNetwork: URL?

    /// A picture and who is drawn in it.
    public init(picture: URL, faces: [Face], strength: Float = Self.defaultStrength) {
        self.picture = picture
        self.faces = faces
        self.strength = strength
    }
}

/// A point in a photo, in pixels from the top left corner.
public struct Landmark: Sendable, Codable, Equatable {
    /// Pixels from the left.
    public var x: Float
    /// Pixels from the top.
    public var y: Float

    /// A point.
    public init(x: Float, y: Float) {
        self.x = x
        self.y = y
    }
}
