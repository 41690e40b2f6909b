/// Why a picture could not be read, written or used.
///
/// `description` is a sentence for the user.
public enum ImagingError: Error, Equatable, Sendable {
    /// The file cannot be opened or read; `reason` is the system's.
    case unreadable(file: String, reason: String)
    /// A folder, pipe or device where a picture was expected.
    case notAFile(file: String)
    /// The file has no bytes.
    case empty(file: String)
    /// More bytes than `ImageLimits.fileBytes`.
    case fileTooLarge(file: String, bytes: Int)
    /// The first bytes belong to no picture format we know.
    case notAPicture(file: String)
    /// A picture, but neither PNG nor JPEG.
    case unsupportedFormat(file: String, format: String)
    /// More pixels than `ImageLimits` allows, decided before any pixel is decoded.
    case tooManyPixels(file: String, width: Int, height: Int)
    /// The decoder gave up; `reason` is its own.
    case damaged(file: String, format: String, reason: String)
    /// The file cannot be written; `reason` is the system's or the encoder's.
    case unwritable(file: String, reason: String)
    /// A file of that name exists and was to be kept.
    case alreadyExists(file: String)
    /// The name ends in neither .png, .jpg nor .jpeg.
    case unknownOutputFormat(file: String)
    /// A tensor that should become a picture holds NaN or infinity.
    case pixelsNotFinite(count: Int)
    /// The five landmarks lie on one point, or are NaN or infinite.
    case degenerateLandmarks
}

extension ImagingError: CustomStringConvertible {
    /// One sentence naming the file, what is wrong and what to do.
    public var description: String {
        switch self {
        case .unreadable(let file, let reason):
            "\(file) cannot be read: \(reason)."
        case .notAFile(let file):
            "\(file) is not a file. Name a PNG or JPEG picture."
        case .empty(let file):
            "\(file) is empty. Copy or download the picture again."
        case .fileTooLarge(let file, let bytes):
            "\(file) has \(bytes / ImageLimits.mebibyte) MiB; pictures up to "
                + "\(ImageLimits.fileBytes / ImageLimits.mebibyte) MiB are read. Save a smaller copy."
        case .notAPicture(let file):
            "\(file) is not a picture. Name a PNG or JPEG file."
        case .unsupportedFormat(let file, let format):
            "\(file) is a \(format) picture; convert it to PNG or JPEG first."
        case .tooManyPixels(let file, let width, let height):
            "\(file) measures \(width) x \(height) pixels; pictures up to \(ImageLimits.side) pixels a side and "
                + "\(ImageLimits.pixels / 1_000_000) megapixels are read. Save a smaller copy."
        case .damaged(let file, let format, let reason):
            "\(file) is a damaged \(format) file: \(reason). Copy or download the picture again."
        case .unwritable(let file, let reason):
            "\(file) cannot be written: \(reason)."
        case .alreadyExists(let file):
            "\(file) exists already and was left alone. Choose another name."
        case .unknownOutputFormat(let file):
            "\(file) names no picture format. Let the name end in .png, .jpg or .jpeg."
        case .pixelsNotFinite(let count):
            "The picture holds \(count) values that are not numbers; the model's weights are probably damaged."
        case .degenerateLandmarks:
            "The five face landmarks do not span a face. Give left eye, right eye, nose and both mouth corners."
        }
    }
}

/// The largest pictures that are read.
///
/// Everything is decided from the header, before memory is allocated.
public enum ImageLimits {
    /// Bytes of a file: 64 MiB.
    public static let fileBytes = 64 * mebibyte
    /// Pixels of width or height.
    public static let side = 16_384
    /// Pixels of the whole picture: 64 megapixels, 256 MB as RGBA.
    public static let pixels = 64_000_000

    static let mebibyte = 1_048_576
}
