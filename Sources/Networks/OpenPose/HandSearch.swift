import Imaging
import Tensors

/// From a picture of a hand to the hand network's inputs, and from its maps to 21 points.
///
/// Sizes and thresholds are those of `Hand.__call__` in controlnet_aux 0.0.10.
package enum HandSearch {
    /// The sides of the pictures that the network looks at; their maps are averaged.
    private static let inputSides = [184, 368, 552, 736]
    /// The side of the averaged maps.
    private static let mapSide = 128
    private static let pointCount = 21

    /// - Parameter image: red, green, blue in 0...255, [1, height, width, 3].
    package static func inputs(for image: Tensor) -> [PoseInput] {
        let blurred = poseBlurred(image)
        return inputSides.map { PoseInput(blurred, height: $0, width: $0) }
    }

    /// The points of the hand, in pixels of its picture.
    ///
    /// - Parameters:
    ///   - maps: what the network gave for each input.
    ///   - height: of the hand's picture.
    ///   - width: of the hand's picture.
    package static func points(in maps: [(input: PoseInput, maps: Tensor)], height: Int, width: Int)
        -> [Keypoint?]
    {
        let resized = maps.map { $0.input.maps($0.maps, height: mapSide, width: mapSide) }
        guard let first = resized.first else { return [] }
        let mean = resized.dropFirst().reduce(first) { $0 + $1 } * (1 / Float(resized.count))
        return (0..<pointCount).map { channel in
            brightest(of: PoseMap(mean, channel: channel)).flatMap { place in
                // The first row and column count as lost, in the picture's pixels.
                let (x, y) = (place.x * width / mapSide, place.y * height / mapSide)
                guard x > 0, y > 0 else { return nil }
                return Keypoint(
                    position: Point(x: Double(x), y: Double(y)),
                    confidence: Float(min(max(place.score, 0), 1)))
            }
        }
    }

    /// The maximum of the island that weighs most, among those where the smoothed map is above 0.05.
    private static func brightest(of map: PoseMap) -> BodySearch.Candidate? {
        var isLand = map.smoothed().values.map { $0 > 0.05 }
        var best: (weight: Double, peak: Int)?
        for position in isLand.indices where isLand[position] {
            let island = takeIsland(from: &isLand, at: position, width: map.width)
            let weight = island.reduce(0) { $0 + map.values[$1] }
            // Of equal maxima the first one in reading order.
            let peak = island.sorted().max { map.values[$0] < map.values[$1] }
            if let peak, weight > best?.weight ?? -.infinity { best = (weight, peak) }
        }
        return best.map { best in
            BodySearch.Candidate(
                x: best.peak % map.width, y: best.peak / map.width, score: map.values[best.peak])
        }
    }

    /// Removes all land that hangs together with a place, corners included, and returns it.
    private static func takeIsland(from isLand: inout [Bool], at position: Int, width: Int) -> [Int] {
        isLand[position] = false
        var island = [position]
        var next = 0
        while next < island.count {
            let (y, x) = island[next].quotientAndRemainder(dividingBy: width)
            next += 1
            for row in max(y - 1, 0)...min(y + 1, isLand.count / width - 1) {
                for column in max(x - 1, 0)...min(x + 1, width - 1) where isLand[row * width + column] {
                    isLand[row * width + column] = false
                    island.append(row * width + column)
                }
            }
        }
        return island
    }
}
