import Imaging

/// What can be seen in a photo before it is used: its faces, and what is wrong with them.
public struct PhotoInspection: Sendable, Equatable {
    /// A face, with everything needed to judge it.
    public struct Face: Sendable, Equatable {
        /// x of the left side, in pixels of the photo.
        public let left: Double
        /// y of the upper side.
        public let top: Double
        /// From left to right.
        public let width: Double
        /// From top to bottom.
        public let height: Double
        /// Both eyes, nose, both corners of the mouth, in pixels of the photo; of each pair the one on the picture's left
        /// comes first.
        public let landmarks: [Point]
        /// The face as identity encoders see it, 112 × 112 pixels.
        public let aligned: Image
        /// The same without what does not belong to the head, for encoders that see it alone; nil if the head cannot be
        /// told from its surroundings.
        public let head: Image?
        /// What may spoil a portrait; empty if nothing.
        public let warnings: [Warning]

        /// A face as it was found.
        public init(
            left: Double, top: Double, width: Double, height: Double, landmarks: [Point] = [], aligned: Image,
            head: Image? = nil, warnings: [Warning]
        ) {
            self.left = left
            self.top = top
            self.width = width
            self.height = height
            self.landmarks = landmarks
            self.aligned = aligned
            self.head = head
            self.warnings = warnings
        }
    }

    /// What may spoil a portrait.
    public enum Warning: Sendable, Equatable {
        /// The face is so many pixels wide.
        case small(pixels: Int)
        /// Edges are soft.
        case blurred
        /// The face is mostly in shadow.
        case dark
        /// The face is mostly burnt out.
        case bright
        /// The head is turned to one side.
        case turnedAside
        /// The head is thrown back.
        case lookingUp
        /// The head is bent down.
        case lookingDown

        /// What people read.
        public var sentence: String {
            switch self {
            case .small(let pixels): "the face is small (\(pixels) pixels wide); 112 or more are better"
            case .blurred: "the face looks blurred"
            case .dark: "the face is dark"
            case .bright: "the face is overexposed"
            case .turnedAside: "the face is turned to the side; seen from the front it is kept better"
            case .lookingUp: "the face looks up; seen from the front it is kept better"
            case .lookingDown: "the face looks down; seen from the front it is kept better"
            }
        }
    }

    /// Columns of the photo.
    public let width: Int
    /// Rows of the photo.
    public let height: Int
    /// From left to right.
    public let faces: [Face]

    /// What was seen.
    public init(width: Int, height: Int, faces: [Face]) {
        self.width = width
        self.height = height
        self.faces = faces
    }

    /// The face that is used unless another is asked for, an index into `faces`.
    public var largestFace: Int? {
        faces.indices.max { faces[$0].width * faces[$0].height < faces[$1].width * faces[$1].height }
    }

    /// Said of photos whose heads are not found, where the encoder would see them alone.
    public static let wholeUse = "the head cannot be told from its surroundings, so the photo is used whole"

    /// Which of several faces is used unless another is asked for; nil if there is no choice.
    public var choice: String? {
        guard faces.count > 1, let largestFace else { return nil }
        return Self.choice(ofLargest: largestFace + 1, of: faces.count)
    }

    /// The same for the face with that number of several.
    static func choice(ofLargest number: Int, of count: Int) -> String {
        "\(count) faces; the largest, number \(number), is used"
    }
}

extension PhotoInspection.Warning {
    /// Below this width the alignment has to invent pixels.
    private static let smallestWidth = 112.0
    /// Mean brightness, 0…255, outside which a face has lost its shape.
    private static let brightness = 55.0...225.0
    /// Variance of the Laplacian of the aligned face's brightness under which edges are soft; the measure is the one
    /// of Pech-Pacheco et al., "Diatom autofocusing in brightfield microscopy", ICPR 2000. Sharp portraits have
    /// several hundred.
    private static let sharpness = 30.0

    /// Judges an aligned face.
    ///
    /// - Parameters:
    ///   - width: how many pixels wide it was in its photo, if that is known.
    ///   - landmarks: its five points in any picture.
    package static func of(aligned face: Image, width: Double?, landmarks: [Point]) -> [Self] {
        let luma = Luma(face)
        var warnings: [Self] = []
        if let width, width < smallestWidth { warnings.append(.small(pixels: Int(width.rounded()))) }
        if luma.laplacianVariance < sharpness { warnings.append(.blurred) }
        if luma.mean < brightness.lowerBound { warnings.append(.dark) }
        if luma.mean > brightness.upperBound { warnings.append(.bright) }
        if let turn = HeadTurn(landmarks: landmarks)?.warning { warnings.append(turn) }
        return warnings
    }
}

/// The brightness of a picture's pixels, 0…255 (ITU-R BT.601 weights).
private struct Luma {
    let width: Int
    let height: Int
    let values: [Double]

    init(_ image: Image) {
        (width, height) = (image.width, image.height)
        let size = image.channels.rawValue
        values = (0..<image.width * image.height).map { pixel in
            let (red, green, blue) = (
                image.pixels[pixel * size], image.pixels[pixel * size + 1], image.pixels[pixel * size + 2]
            )
            return 0.299 * Double(red) + 0.587 * Double(green) + 0.114 * Double(blue)
        }
    }

    var mean: Double { values.reduce(0, +) / Double(values.count) }

    var laplacianVariance: Double {
        var (sum, squares, count) = (0.0, 0.0, 0.0)
        for y in 1..<height - 1 {
            for x in 1..<width - 1 {
                let center = y * width + x
                let laplacian =
                    values[center - 1] + values[center + 1] + values[center - width]
                    + values[center + width] - 4 * values[center]
                (sum, squares, count) = (sum + laplacian, squares + laplacian * laplacian, count + 1)
            }
        }
        return squares / count - (sum / count) * (sum / count)
    }
}
