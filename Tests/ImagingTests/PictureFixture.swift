import Foundation
import Imaging
import TestSupport

/// Files made by make_imaging_fixtures.py.
enum PictureFixture {
    static func path(_ name: String) throws -> String { try Fixture.path(bundle: .module, name) }

    static func bytes(_ name: String) throws -> [UInt8] {
        try Array(Data(contentsOf: URL(fileURLWithPath: path(name))))
    }

    static func floats(_ name: String) throws -> [Float] {
        let bytes = try bytes(name)
        return stride(from: 0, to: bytes.count, by: 4).map { start in
            Float(bitPattern: (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[start + $1]) << (8 * $1) })
        }
    }

    static func image(_ name: String) throws -> Image { try ImageFile.read(path(name)) }
}

/// The largest difference of any byte, or nil if the lengths differ.
func largestDifference(_ actual: [UInt8], _ expected: [UInt8]) -> Int? {
    guard actual.count == expected.count else { return nil }
    return zip(actual, expected).reduce(0) { max($0, abs(Int($1.0) - Int($1.1))) }
}
