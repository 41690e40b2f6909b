import Foundation
import Imaging
import Portraits
import TestSupport
import Testing

/// Which pictures are taken for drawings of skeletons.
@Suite struct SkeletonRecognitionTests {
    private let skeleton: Image

    init() throws {
        skeleton = try ImageFile.read(Fixture.path(bundle: .module, "skeleton.png"))
    }

    private func rectangle(_ color: [UInt8], onto image: Image, x: Int) -> Image {
        var pixels = image.pixels
        for row in 30..<60 {
            for column in x..<x + 20 {
                let start = (row * image.width + column) * 3
                pixels.replaceSubrange(start..<start + 3, with: color)
            }
        }
        return Image(width: image.width, height: image.height, channels: .rgb, pixels: pixels)
    }

    @Test func drawingsAreSkeletons() throws {
        #expect(skeleton.isSkeleton)
        #expect(skeleton.addingOpacity().isSkeleton)
        #expect(skeleton.resized(width: 300, height: 300, filter: .bicubic).isSkeleton)
    }

    @Test(arguments: [60, 80, 95]) func drawingsThatWereSavedAsJPEGAreSkeletons(quality: Int) throws {
        let large = skeleton.resized(width: 384, height: 384, filter: .area)
        let bytes = try ImageFile.encodeJPEG(large, quality: quality, origin: .trainedAlgorithmicMedia)
        #expect(try ImageFile.decode(bytes, name: "skeleton.jpg").isSkeleton)
    }

    @Test func otherPicturesAreNot() throws {
        let photo = try ImageFile.read(
            URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent().appendingPathComponent("Examples/astronaut.jpg").path)
        let black = Image(width: 100, height: 80, channels: .rgb, filledWith: [0, 0, 0])
        #expect(!photo.isSkeleton)
        #expect(!photo.letterboxed(width: 4000, height: 300, filter: .area).isSkeleton)
        #expect(!black.isSkeleton)
        // A logo on black has full colours too, but few.
        let logo = rectangle([255, 0, 0], onto: rectangle([255, 255, 0], onto: black, x: 10), x: 50)
        #expect(!logo.isSkeleton)
        #expect(!rectangle([200, 150, 120], onto: skeleton, x: 40).isSkeleton)
    }
}
