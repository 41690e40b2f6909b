import Foundation
import Imaging
import Networks
import Tensors
import TestSupport
import Testing
import Weights

/// What controlnet_aux finds in maps of people whose places are known, see `make_openpose_fixtures.py`.
struct OpenPoseSearchTests {
    private let fixture: Fixture

    init() throws {
        fixture = try Fixture.load(bundle: .module, "openpose")
    }

    /// The picture in which each of the fixture's colours fills 10 x 10 pixels.
    private func picture(_ name: String, height: Int, width: Int) throws -> Tensor {
        let blocks = try fixture["\(name).blocks"]
        let values = blocks.values
        return Tensor(shape: [1, height, width, 3], in: fixture.workspace) { output in
            for index in 0..<output.count {
                let (row, column) = (index / 3 / width, index / 3 % width)
                output[index] = values[(row / 10 * blocks.shape[1] + column / 10) * 3 + index % 3]
            }
        }
    }

    /// Compares an input with every `step`th pixel of the public code's.
    ///
    /// OpenCV sums in an order of its own: where a sum lies between two bytes, one in two hundred may become the other.
    private func expectSameInput(
        _ input: PoseInput, _ name: String, step: Int, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let expected = try fixture[name].transposed([0, 2, 3, 1])
        let shape = input.tensor.shape
        #expect(
            expected.shape == [1, (shape[1] + step - 1) / step, (shape[2] + step - 1) / step, 3],
            sourceLocation: sourceLocation)
        let values = input.tensor.values
        let thinned = (0..<expected.count).map { index in
            let (row, column) = (index / 3 / expected.shape[2], index / 3 % expected.shape[2])
            return values[(row * step * shape[2] + column * step) * 3 + index % 3]
        }
        expectClose(thinned, expected.values, absolute: 1 / 256, relative: 0, sourceLocation: sourceLocation)
        let unequal = zip(thinned, expected.values).count { $0 != $1 }
        #expect(unequal * 200 <= thinned.count, sourceLocation: sourceLocation)
    }

    @Test(
        "People are put together from their joints as in the public code", arguments: ["one", "two", "three"])
    func bodies(name: String) throws {
        let size = try fixture.integers("\(name).size")
        let image = try picture(name, height: size[0], width: size[1])
        let input = BodySearch.input(for: image)
        try expectSameInput(input, "\(name).input", step: 3)
        let maps = (
            affinities: try fixture["\(name).affinities"].transposed([0, 2, 3, 1]),
            heatmaps: try fixture["\(name).heatmaps"].transposed([0, 2, 3, 1])
        )
        let poses = BodySearch.poses(in: maps, of: input, height: size[0], width: size[1])

        let found = try fixture.integers("\(name).found")
        #expect(poses.flatMap(\.points).map { $0 == nil ? 0 : 1 } == found)
        let expected = try fixture["\(name).points"].values
        let points = poses.flatMap(\.points).flatMap { point -> [Float] in
            guard let point else { return [0, 0, 0] }
            return [Float(point.position.x), Float(point.position.y), point.confidence]
        }
        // Places are whole pixels; confidences come through two resizings.
        expectClose(points, expected, absolute: 1e-3, relative: 0)
    }

    @Test("Hands and faces are looked for where the public code looks", arguments: ["one", "two", "three"])
    func boxes(name: String) throws {
        let size = try fixture.integers("\(name).size")
        let values = try fixture["\(name).points"].values.map(Double.init)
        let found = try fixture.integers("\(name).found")
        let points = found.indices.map { index in
            found[index] == 0
                ? nil
                : Keypoint(position: Point(x: values[3 * index], y: values[3 * index + 1]), confidence: 1)
        }
        let numbers = stride(from: 0, to: points.count, by: 18).map { start -> [[Int]] in
            let pose = BodyPose(points: Array(points[start..<start + 18]))
            let hands = pose.handBoxes(imageHeight: size[0], imageWidth: size[1])
            let face = pose.faceBox(imageHeight: size[0], imageWidth: size[1])
            return hands.map { [$0.x, $0.y, $0.side] } + [
                face.map { [$0.x, $0.y, $0.side] } ?? [-1, -1, -1]
            ]
        }
        #expect(try numbers.map(\.count) == fixture.integers("\(name).boxCounts"))
        #expect(try numbers.flatMap { $0.flatMap { $0 } } == fixture.integers("\(name).boxes"))
    }

    /// One map [1, side, side, places] with a bump at each of the fixture's places.
    private func bumps(_ name: String, side: Int) throws -> Tensor {
        let places = try fixture["\(name).places"]
        let values = places.values.map(Double.init)
        return Tensor(shape: [1, side, side, places.shape[0]], in: fixture.workspace) { output in
            for index in 0..<output.count {
                let (position, channel) = index.quotientAndRemainder(dividingBy: places.shape[0])
                func fall(_ cell: Int, _ place: Double) -> Double {
                    let distance = (Double(cell) + 0.5) / Double(side) - place
                    return exp(-distance * distance / 0.005)
                }
                output[index] = Float(
                    values[3 * channel + 2] * fall(position % side, values[3 * channel])
                        * fall(position / side, values[3 * channel + 1]))
            }
        }
    }

    /// The fixture's points; those in the first row or column count as not found.
    private func expectedPoints(_ name: String) throws -> [[Int]?] {
        let numbers = try fixture.integers("\(name).points")
        return stride(from: 0, to: numbers.count, by: 2).map { start in
            numbers[start] > 0 && numbers[start + 1] > 0 ? [numbers[start], numbers[start + 1]] : nil
        }
    }

    private func places(_ points: [Keypoint?]) -> [[Int]?] {
        points.map { point in point.map { [Int($0.position.x), Int($0.position.y)] } }
    }

    @Test("The points of a hand are found where the public code finds them", arguments: [100, 230])
    func hand(side: Int) throws {
        let inputs = HandSearch.inputs(for: try picture("hand\(side)", height: side, width: side))
        for (index, input) in inputs.enumerated() {
            try expectSameInput(input, "hand\(side).input\(index)", step: 3 + 4 * index)
        }
        let maps = try inputs.map { input in
            (input: input, maps: try bumps("hand\(side)", side: input.tensor.shape[1] / 8))
        }
        let points = HandSearch.points(in: maps, height: side, width: side)
        #expect(try places(points) == expectedPoints("hand\(side)"))
        #expect(points.count { $0 == nil } == 3)
    }

    @Test("The points of a face are found where the public code finds them")
    func face() throws {
        let size = try fixture.integers("faceSearch.size")
        let input = FacePointSearch.input(for: try picture("faceSearch", height: size[0], width: size[1]))
        try expectSameInput(input, "faceSearch.input", step: 5)
        let points = FacePointSearch.points(
            in: try bumps("faceSearch", side: 48), height: size[0], width: size[1])
        #expect(try places(points) == expectedPoints("faceSearch"))
        #expect(points.count { $0 == nil } == 3)
        #expect(
            FacePointSearch.points(in: .zeros([1, 48, 48, 71], in: fixture.workspace), height: 9, width: 9)
                == [])
    }
}
