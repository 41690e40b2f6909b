import Foundation
import Imaging
import Portraits
import Tensors
import TestSupport
import Testing
import Weights

/// Heads without what surrounds them, for encoders that want that.
@Suite struct HeadTests {
    private let folder: TemporaryDirectory

    init() throws { folder = try TemporaryDirectory() }

    private func head(_ photo: Image, _ landmarks: [Point]) throws -> Head? {
        let models = House.folder.appendingPathComponent("Models/perception/mediapipe").path
        return try HeadFinder(folder: models, in: Workspace(threadCount: 1))
            .head(landmarks: landmarks, in: photo)
    }

    private static let astronautLandmarks = [(198, 112), (249, 111), (226, 146), (203, 174), (247, 173)]
        .map { Point(x: Double($0.0), y: Double($0.1)) }

    @Test func faceAndHairStayAndAllElseIsBlack() throws {
        let photo = try ImageFile.read(House.astronaut.path).flattened(onto: [0, 0, 0])
        let head = try #require(try head(photo, Self.astronautLandmarks))
        let moved = Point(
            x: Self.astronautLandmarks[0].x - head.landmarks[0].x,
            y: Self.astronautLandmarks[0].y - head.landmarks[0].y)
        /// A pixel of the photo, as it is there and in the head's picture.
        func pixels(_ x: Int, _ y: Int) -> (photo: [UInt8], head: [UInt8]) {
            func pixel(_ image: Image, _ x: Int, _ y: Int) -> [UInt8] {
                Array(image.pixels[(y * image.width + x) * 3..<(y * image.width + x) * 3 + 3])
            }
            return (pixel(photo, x, y), pixel(head.image, x - Int(moved.x), y - Int(moved.y)))
        }
        // Nose, cheek, chin; hair above, left and right of the face.
        for (x, y) in [(226, 140), (200, 150), (226, 168), (226, 50), (165, 110), (283, 110)] {
            #expect(pixels(x, y).head == pixels(x, y).photo, "\(x), \(y)")
        }
        // Flag, wall, shuttle; collar and chest.
        for (x, y) in [(130, 60), (310, 60), (330, 140), (226, 225), (290, 220)] {
            #expect(pixels(x, y).head == [0, 0, 0], "\(x), \(y)")
        }
    }

    @Test(arguments: ["mira.png", "jonas.png"])
    func renderedPeopleHaveHeadsToo(name: String) async throws {
        let file = House.folder.appendingPathComponent("Examples/\(name)")
        let seen = try await PhotoInspector(resources: House.resources()).inspect(file)
        let face = try #require(seen.faces.first)
        let head = try #require(face.head)
        let pairs = zip(head.pixels, face.aligned.pixels)
        let black = stride(from: 0, to: head.pixels.count, by: 3).count { start in
            head.pixels[start..<start + 3].allSatisfy { $0 == 0 }
        }
        // What is left is the photo's, but for the pixels of the edge.
        #expect(pairs.count { $0 == $1 } > head.pixels.count / 2)
        #expect(black > 112 && black < 112 * 112 / 2, "\(black) black pixels")
    }

    @Test func whereNoPersonIsSeenThereIsNoHead() throws {
        let wall = Image(width: 300, height: 300, channels: .rgb, filledWith: [150, 140, 130])
        #expect(try head(wall, Self.astronautLandmarks) == nil)
        let beyond = Self.astronautLandmarks.map { Point(x: $0.x + 5000, y: $0.y) }
        #expect(try head(wall, beyond) == nil)
        let points = [Point](repeating: Point(x: 150, y: 150), count: 5)
        #expect(try head(wall, points) == nil)
    }

    /// The tiny model, whose encoder shall see heads alone or not.
    private func request(masksHead: Bool?) throws -> PortraitRequest {
        let model = URL(fileURLWithPath: folder.file("model"))
        try? FileManager.default.removeItem(at: model)
        try FileManager.default.copyItem(at: House.tinyModel(), to: model)
        var profile = try ModelProfile.read(inFolder: model)
        profile.masksHead = masksHead
        try JSONEncoder().encode(profile).write(to: model.appendingPathComponent("profile.json"))
        var request = try House.astronautRequest()
        request.models.base = model
        request.steps = 1
        request.trace = URL(fileURLWithPath: folder.file("trace.safetensors"))
        return request
    }

    private func trace() throws -> SafetensorsFile {
        try SafetensorsFile(path: folder.file("trace.safetensors"))
    }

    @Test func theEncoderSeesWhatTheProfileSays() async throws {
        let studio = try House.studio()
        let whole = try await studio.result(of: request(masksHead: false))
        #expect(try !trace().names.contains("face.heads"))
        let masked = try await studio.result(of: request(masksHead: nil))
        let (face, head) = (
            try trace().tensor(named: "face.aligned", in: Fixture.sharedWorkspace).values,
            try trace().tensor(named: "face.heads", in: Fixture.sharedWorkspace).values
        )
        #expect(head.count == face.count && head != face)
        #expect(zip(head, face).allSatisfy { $0 <= $1 + 1e-4 }, "masking only darkens")
        #expect(masked.portraits.first?.image != whole.portraits.first?.image)
        #expect(!masked.notices.contains { $0.contains(PhotoInspection.wholeUse) })
    }

    @Test func aPhotoWithoutAHeadIsUsedWholeAndThatIsSaid() async throws {
        let wall = URL(fileURLWithPath: folder.file("wall.png"))
        let pixels = (0..<300 * 300).flatMap { [UInt8](repeating: $0 / 7 % 5 < 2 ? 90 : 170, count: 3) }
        try ImageFile.writePNG(
            Image(width: 300, height: 300, channels: .rgb, pixels: pixels), texts: [], to: wall.path,
            ifExists: .replace)
        func result(masksHead: Bool?) async throws -> (portraits: [Portrait], notices: [String]) {
            var request = try request(masksHead: masksHead)
            request.photos = [wall]
            return try await House.studio().result(of: request)
        }
        let (masked, whole) = (try await result(masksHead: true), try await result(masksHead: false))
        #expect(masked.portraits.first?.image == whole.portraits.first?.image)
        #expect(masked.notices.contains("wall.png: \(PhotoInspection.wholeUse)."))
        #expect(!whole.notices.contains { $0.contains("wall.png") })
    }
}
