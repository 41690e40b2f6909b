import Foundation
import Imaging
import Portraits
import Tensors
import Testing

/// Whole heads, and who stands before them.
@Suite struct DrawnHeadTests {
    private func head(_ file: String, _ landmarks: [(Int, Int)]) throws -> DrawnHead? {
        let picture = try ImageFile.read(House.folder.appendingPathComponent(file).path)
            .flattened(onto: [0, 0, 0])
        return try DrawnHeadFinder(resources: House.resources(), in: Workspace(threadCount: 2))
            .head(landmarks: landmarks.map(Self.point), in: picture)
    }

    private static func point(_ place: (Int, Int)) -> Point { Point(x: Double(place.0), y: Double(place.1)) }

    /// In a group of five the woman behind has a tail, and others' heads beside and before her.
    @Test func aTailIsTheHeadsAndNeighboursAreNot() throws {
        let found = try #require(
            try head(
                "Templates/five-studio.png", [(455, 170), (531, 168), (493, 210), (470, 240), (524, 240)]))
        // Hair, the tail, an ear, the chin; not the sky beside, and not the neck.
        for place in [(470, 80), (606, 120), (405, 180), (497, 275)] {
            #expect(found.share(ofHeadAt: Self.point(place)) > 0.8, "\(place)")
        }
        for place in [(650, 60), (385, 60), (503, 335)] {
            let (own, others) = (found.share(ofHeadAt:), found.share(ofOthersAt:))
            #expect(own(Self.point(place)) < 0.2 && others(Self.point(place)) < 0.2, "\(place)")
        }
        // Their faces, which must not change; hers is none of them, nor is their hair.
        for place in [(398, 385), (622, 386), (241, 216)] {
            #expect(found.share(ofFacesAt: Self.point(place)) > 0.8, "\(place)")
        }
        for place in [(493, 210), (497, 275), (640, 240), (345, 130)] {
            #expect(found.share(ofFacesAt: Self.point(place)) < 0.05, "\(place)")
        }
        // The men before her with their hair and a scarf, and the hair of the one beside her.
        for place in [(640, 240), (395, 240), (385, 480), (345, 130)] {
            #expect(found.share(ofOthersAt: Self.point(place)) > 0.8, "\(place)")
        }
    }

    /// The network has seen no photo; hair and face are found in one nevertheless, if not where they end below.
    @Test func photosHaveHeadsToo() throws {
        let found = try #require(
            try head("Examples/astronaut.jpg", [(198, 112), (249, 111), (226, 146), (203, 174), (247, 173)]))
        for place in [(226, 140), (200, 150), (226, 50), (165, 110), (283, 110)] {
            #expect(found.share(ofHeadAt: Self.point(place)) > 0.6, "\(place)")
        }
        for place in [(130, 60), (310, 60), (330, 140)] {
            #expect(found.share(ofHeadAt: Self.point(place)) < 0.2, "\(place)")
        }
    }

    /// The network is sure of a head some pixels too far into somebody's face; the head ends where its hair does.
    @Test func headsEndWhereTheirHairDoesBesideOthersFaces() {
        let (side, hair, skin) = (64, 30, [UInt8](arrayLiteral: 225, 180, 150))
        func mask(_ share: (Int) -> Float) -> Mask {
            Mask(width: side, height: side, values: (0..<side * side).map { share($0 % side) })
        }
        let picture = Image(width: side, height: side, channels: .rgb, filledWith: [40, 30, 30])
            .blended(
                over: Image(width: side, height: side, channels: .rgb, filledWith: skin),
                mask: mask { $0 < hair ? 1 : 0 })
        let faces = mask { $0 < hair + 4 ? 0.02 : 0.98 }
        let found = DrawnHead(head: faces.map { 1 - $0 }, before: faces, faces: faces)
        let (head, before) = found.outlined(in: picture) { $0 }
        #expect(head.values == mask { $0 < hair ? 1 : 0 }.values)
        #expect(before.values == mask { $0 < hair ? 0 : 1 }.values)
    }

    @Test func whereNoHeadIsNoneIsFound() throws {
        #expect(
            try head(
                "Templates/five-studio.png", [(640, 660), (700, 660), (670, 690), (650, 720), (690, 720)])
                == nil)
    }
}
