import Foundation
import Imaging

/// A picture of five coloured squares, and weights of OpenPose, made by hand, to which they are a person.
///
/// The weights have the published shapes. Colours pass through all layers unchanged; the last one calls each of them a
/// joint. Limbs run everywhere in the directions that the squares lie in.
enum ColorfulPerson {
    /// A square: the cell of the networks' maps that it fills.
    struct Joint {
        let joint: BodyPose.Joint
        let column: Int
        let row: Int
        let color: SIMD3<Int>
    }

    static let joints = [
        Joint(joint: .neck, column: 11, row: 13, color: SIMD3(0, 1, 0)),
        Joint(joint: .nose, column: 11, row: 8, color: SIMD3(1, 0, 0)),
        Joint(joint: .rightShoulder, column: 8, row: 13, color: SIMD3(0, 0, 1)),
        Joint(joint: .leftShoulder, column: 14, row: 13, color: SIMD3(1, 1, 0)),
        Joint(joint: .rightEye, column: 9, row: 8, color: SIMD3(1, 0, 1)),
    ]

    /// Limbs between them, by the channel of the x direction, and those directions.
    private static let limbs: [(channel: Int, x: Float, y: Float)] = [
        (12, -1, 0), (20, 1, 0), (28, 0, -1), (30, -1, 0),
    ]

    /// As high as the network looks at pictures; cells are squares of eight pixels.
    private static let side = 184
    private static let cell = 8

    /// Where the middle of a joint's square is.
    static func middle(of joint: Joint) -> Point {
        Point(x: Double(joint.column * cell) + 3.5, y: Double(joint.row * cell) + 3.5)
    }

    /// The squares on grey.
    static var picture: Image {
        var pixels = [UInt8](repeating: 90, count: side * side * 3)
        func fill(column: Int, row: Int, _ color: SIMD3<Int>, strength: Double) {
            for y in row * cell..<(row + 1) * cell {
                for x in column * cell..<(column + 1) * cell {
                    for channel in 0..<3 {
                        let full = Double(color[channel] * 255)
                        pixels[(y * side + x) * 3 + channel] = UInt8(90 + strength * (full - 90))
                    }
                }
            }
        }
        for joint in joints {
            // A hint of colour to the right and below, lest four pixels be equally much the middle.
            fill(column: joint.column + 1, row: joint.row, joint.color, strength: 0.5)
            fill(column: joint.column, row: joint.row + 1, joint.color, strength: 0.5)
            fill(column: joint.column, row: joint.row, joint.color, strength: 1)
        }
        return Image(width: side, height: side, channels: .rgb, pixels: pixels)
    }

    /// Writes `body_pose_model.pth`; it knows the five joints.
    static func writeBody(into folder: URL) throws {
        var weights = try HandmadeWeights(shapesOf: "openpose_body")
        let layers =
            HandmadeWeights.vgg + ["conv4_3_CPM", "conv4_4_CPM"]
            + (1...6).map { "Mconv\($0)_stage6_L2" }
        // Behind 38 affinity fields and 19 heatmaps come the features.
        weights.passColors(through: layers, offsets: ["Mconv1_stage6_L2": 38 + 19])
        for joint in joints {
            weights.name(joint.color, output: joint.joint.rawValue, of: "Mconv7_stage6_L2")
        }
        for limb in limbs {
            weights["Mconv7_stage6_L1.bias", limb.channel] = limb.x
            weights["Mconv7_stage6_L1.bias", limb.channel + 1] = limb.y
        }
        try weights.write(to: folder.appendingPathComponent("body_pose_model.pth"))
    }

    /// Writes `facenet.pth`, for which the first point of a face is where the nose is.
    static func writeFace(into folder: URL) throws {
        var weights = try HandmadeWeights(shapesOf: "openpose_face")
        let layers =
            HandmadeWeights.vgg + ["conv4_3", "conv4_4", "conv5_1", "conv5_2", "conv5_3_CPM"]
            + (1...6).map { "Mconv\($0)_stage6" }
        weights.passColors(through: layers, offsets: ["Mconv1_stage6": 71])
        weights.name(SIMD3(1, 0, 0), output: 0, of: "Mconv7_stage6")
        try weights.write(to: folder.appendingPathComponent("facenet.pth"))
    }
}
