import Imaging
import Tensors

/// From a picture to the body network's input, and from its maps to people.
///
/// Sizes, thresholds and the order of decisions are those of `Body.__call__` in controlnet_aux 0.0.10, which looks at
/// one size of the picture.
package enum BodySearch {
    /// Rows of the picture as the network sees it: half of what it was trained on.
    private static let inputHeight = 0.5 * 368
    /// Strips longer than this many times their height show no person, and would not fit into memory.
    package static let longestAspect = 16

    /// A place that may be a joint.
    struct Candidate {
        let x: Int
        let y: Int
        let score: Double
    }

    /// - Parameter image: red, green, blue in 0...255, [1, height, width, 3].
    package static func input(for image: Tensor) -> PoseInput {
        let (height, width) = (Double(image.shape[1]), Double(image.shape[2]))
        let scale = inputHeight / height
        return PoseInput(image, height: max(1, Int(height * scale)), width: max(1, Int(width * scale)))
    }

    /// The people whose joints and limbs the network's maps show.
    ///
    /// - Parameters:
    ///   - maps: what the network gave for `input`.
    ///   - height: of the picture.
    ///   - width: of the picture.
    package static func poses(
        in maps: (affinities: Tensor, heatmaps: Tensor), of input: PoseInput, height: Int, width: Int
    ) -> [BodyPose] {
        let heatmaps = input.maps(maps.heatmaps, height: height, width: width)
        let candidates = BodyPose.Joint.allCases.map {
            Self.candidates(in: PoseMap(heatmaps, channel: $0.rawValue))
        }
        let affinities = AffinityFields(input.maps(maps.affinities, height: height, width: width))
        var crowd = Crowd(candidates)
        for limb in Limb.all {
            for connection in affinities.connections(along: limb, candidates) { crowd.add(connection, limb) }
        }
        return crowd.poses
    }

    /// The places where the smoothed map is above 0.1 and not below its four neighbours, row by row.
    private static func candidates(in map: PoseMap) -> [Candidate] {
        let smoothed = map.smoothed()
        func value(_ x: Int, _ y: Int) -> Double {
            x >= 0 && x < map.width && y >= 0 && y < map.height ? smoothed[x, y] : 0
        }
        var candidates: [Candidate] = []
        for y in 0..<map.height {
            for x in 0..<map.width where smoothed[x, y] > 0.1 {
                let neighbours = max(value(x - 1, y), value(x + 1, y), value(x, y - 1), value(x, y + 1))
                if smoothed[x, y] >= neighbours {
                    candidates.append(Candidate(x: x, y: y, score: map[x, y]))
                }
            }
        }
        return candidates
    }
}

/// Two joints that belong together, and the maps that say so.
struct Limb: Sendable {
    let start: BodyPose.Joint
    let end: BodyPose.Joint
    /// The channel of the x direction; that of the y direction is the next one.
    let channel: Int
    /// Whether it can be the first known limb of a person.
    ///
    /// From shoulder to ear it cannot: that limb only confirms.
    let foundsPerson: Bool

    /// In the order in which people are put together.
    static let all: [Limb] = [
        Limb(.neck, .rightShoulder, 12), Limb(.neck, .leftShoulder, 20),
        Limb(.rightShoulder, .rightElbow, 14), Limb(.rightElbow, .rightWrist, 16),
        Limb(.leftShoulder, .leftElbow, 22), Limb(.leftElbow, .leftWrist, 24),
        Limb(.neck, .rightHip, 0), Limb(.rightHip, .rightKnee, 2), Limb(.rightKnee, .rightAnkle, 4),
        Limb(.neck, .leftHip, 6), Limb(.leftHip, .leftKnee, 8), Limb(.leftKnee, .leftAnkle, 10),
        Limb(.neck, .nose, 28), Limb(.nose, .rightEye, 30), Limb(.rightEye, .rightEar, 34),
        Limb(.nose, .leftEye, 32), Limb(.leftEye, .leftEar, 36),
        Limb(.rightShoulder, .rightEar, 18, foundsPerson: false),
        Limb(.leftShoulder, .leftEar, 26, foundsPerson: false),
    ]

    private init(
        _ start: BodyPose.Joint, _ end: BodyPose.Joint, _ channel: Int, foundsPerson: Bool = true
    ) {
        self.start = start
        self.end = end
        self.channel = channel
        self.foundsPerson = foundsPerson
    }
}
