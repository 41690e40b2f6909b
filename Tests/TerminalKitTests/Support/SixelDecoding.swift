import Foundation
import Imaging
import TerminalKit
import TestSupport
import Testing

/// Smooth shading and a disc with a sharp edge.
func shadedDisc(width: Int, height: Int, alpha: UInt8 = 255, blue: Int = 60) -> PixelImage {
    var rgba: [UInt8] = []
    for y in 0..<height {
        for x in 0..<width {
            let (right, down) = (x - width / 2, y - height / 2)
            let isDisc = right * right + down * down < width * height / 9
            rgba += [
                UInt8(x * 255 / width), UInt8(y * 255 / height), UInt8((isDisc ? 200 : blue) % 256), alpha,
            ]
        }
    }
    return PixelImage(width: width, height: height, rgba: rgba)
}

/// Decodes with libsixel's own tool, from package libsixel-bin.
func decodedSixel(_ sixel: [UInt8]) throws -> Image {
    let folder = try TemporaryDirectory()
    let input = try folder.write(sixel, to: "picture.six")
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/sixel2png")
    process.arguments = ["-i", input, "-o", folder.file("picture.png")]
    try process.run()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0)
    return try ImageFile.read(folder.file("picture.png")).flattened(onto: [0, 0, 0])
}

/// Peak signal to noise ratio in decibels of the colours.
func peakSignalToNoise(_ actual: Image, _ expected: PixelImage) -> Double {
    guard actual.width == expected.width, actual.height == expected.height else { return 0 }
    var squares = 0.0
    for pixel in 0..<expected.width * expected.height {
        for channel in 0..<3 {
            let difference =
                Double(actual.pixels[pixel * 3 + channel]) - Double(expected.rgba[pixel * 4 + channel])
            squares += difference * difference
        }
    }
    let mean = squares / Double(expected.width * expected.height * 3)
    return 10 * log10(255 * 255 / max(mean, 1e-9))
}
