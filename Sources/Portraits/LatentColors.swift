import Imaging

/// A guess at the colours of latents without the decoder: one linear map from latent channels to red, green, blue.
///
/// An autoencoder's latents are roughly a small picture, so a linear map shows what is being painted at next to no
/// cost. The map differs between autoencoders; `fitted` learns it from one finished picture.
public struct LatentColors: Sendable, Codable, Equatable {
    /// For red, green and blue: a weight for each latent channel, then a constant; the result is 0…1.
    public let weights: [[Float]]

    /// A map of known weights.
    public init(weights: [[Float]]) {
        self.weights = weights
    }

    /// For an autoencoder nobody has seen yet: the first three channels as they are.
    public static func unknown(channels: Int) -> LatentColors {
        LatentColors(
            weights: (0..<3).map { color in
                (0..<channels).map { $0 == min(color, channels - 1) ? 0.18 : 0 } + [0.5]
            })
    }

    /// Learns the map from latents and the picture that the decoder made of them, by least squares.
    ///
    /// - Returns: nil when the sizes do not match or the latents do not vary enough to tell.
    public static func fitted(to latents: LatentPreview, picture: Image) -> LatentColors? {
        guard latents.width * latents.height > latents.channels,
            latents.values.count == latents.width * latents.height * latents.channels,
            latents.values.allSatisfy(\.isFinite)
        else { return nil }
        let small = picture.flattened(onto: [0, 0, 0])
            .resized(width: latents.width, height: latents.height, filter: .area)
        let equations = NormalEquations(latents: latents, colors: small.pixels)
        return equations.solved().map(LatentColors.init)
    }

    /// The picture, one pixel a latent.
    ///
    /// - Returns: nil when the latents have another number of channels than this map, or are no picture.
    public func picture(of latents: LatentPreview) -> Image? {
        let channels = latents.channels
        let pixelCount = latents.width * latents.height
        guard weights.count == 3, weights.allSatisfy({ $0.count == channels + 1 }), pixelCount > 0,
            latents.values.count == pixelCount * channels
        else { return nil }
        let pixels = (0..<pixelCount * 3).map { position in
            let (pixel, color) = position.quotientAndRemainder(dividingBy: 3)
            let row = weights[color]
            var sum = row[channels]
            for channel in 0..<channels { sum += row[channel] * latents.values[pixel * channels + channel] }
            return sum.isFinite ? UInt8(min(max(sum * 255, 0), 255)) : 0
        }
        return Image(width: latents.width, height: latents.height, channels: .rgb, pixels: pixels)
    }
}

/// The linear system AᵀA x = Aᵀb of the least squares fit, for three right-hand sides at once.
private struct NormalEquations {
    /// Rows of [AᵀA | Aᵀb].
    private var rows: [[Double]]
    private let unknowns: Int

    init(latents: LatentPreview, colors: [UInt8]) {
        unknowns = latents.channels + 1
        rows = Array(repeating: Array(repeating: 0, count: unknowns + 3), count: unknowns)
        for pixel in 0..<latents.width * latents.height {
            let start = pixel * latents.channels
            let sample =
                latents.values[start..<start + latents.channels].map(Double.init) + [1]
                + (0..<3).map { Double(colors[pixel * 3 + $0]) / 255 }
            for row in 0..<unknowns {
                for column in 0..<unknowns + 3 { rows[row][column] += sample[row] * sample[column] }
            }
        }
    }

    /// Gauss-Jordan elimination with pivoting; nil when the system has no single solution.
    func solved() -> [[Float]]? {
        var rows = rows
        for column in 0..<unknowns {
            guard let pivot = (column..<unknowns).max(by: { abs(rows[$0][column]) < abs(rows[$1][column]) }),
                abs(rows[pivot][column]) > 1e-9
            else { return nil }
            rows.swapAt(column, pivot)
            let scale = rows[column][column]
            rows[column] = rows[column].map { $0 / scale }
            for other in 0..<unknowns where other != column {
                let factor = rows[other][column]
                for position in column..<unknowns + 3 {
                    rows[other][position] -= factor * rows[column][position]
                }
            }
        }
        return (0..<3).map { color in (0..<unknowns).map { Float(rows[$0][unknowns + color]) } }
    }
}
