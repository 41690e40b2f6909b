import Foundation
import Networks
import Tensors
import TestSupport
import Testing
import Weights

/// Against facenet-pytorch, see `make_mtcnn_fixtures.py`, with the weights that the program ships.
struct MTCNNTests {
    private let fixture: Fixture

    init() throws {
        fixture = try Fixture.load(bundle: .module, "mtcnn")
    }

    private var folder: String {
        URL(fileURLWithPath: #filePath).appending(path: "../../../Models/perception").standardized.path
    }

    private func weights(_ name: String) throws -> WeightScope {
        WeightScope(try WeightFile.open("\(folder)/\(name).pt"), in: fixture.workspace)
    }

    private func detector() throws -> MTCNN {
        try MTCNN(folder: folder, in: fixture.workspace)
    }

    private func photo() throws -> Tensor {
        let photo = try fixture["photo"]
        return photo.reshaped([1] + photo.shape)
    }

    private func expectSameAsPyTorch(_ x: Tensor, _ name: String, tolerance: Float) throws {
        let expected = try fixture[name]
        expectRelative(
            x, expected.rank == 4 ? expected.transposed([0, 2, 3, 1]) : expected, maxError: tolerance)
    }

    @Test("Area resampling shrinks, enlarges and does both as PyTorch does")
    func resampling() throws {
        let photo = try photo()
        let whole = PixelRegion(top: 0, bottom: photo.shape[1], left: 0, right: photo.shape[2])
        let wide = PixelRegion(top: 40, bottom: 57, left: 30, right: 90)
        let small = PixelRegion(top: 40, bottom: 57, left: 30, right: 49)
        try expectSameAsPyTorch(
            areaResampled(photo, [whole], height: 41, width: 63), "resampled.down", tolerance: 1e-6)
        let both = areaResampled(photo, [small, wide], height: 24, width: 24)
        try expectSameAsPyTorch(both[0..<1], "resampled.up", tolerance: 1e-6)
        try expectSameAsPyTorch(both[1..<2], "resampled.mixed", tolerance: 1e-6)
    }

    @Test("The proposal network equals PyTorch's on a level of the pyramid")
    func proposalNetwork() throws {
        let level = try fixture["resampled.down"].transposed([0, 2, 3, 1])
        let output = try ProposalNetwork(weights("pnet"))(normalized(level))
        try expectSameAsPyTorch(output.offsets, "pnet.offsets", tolerance: 1e-5)
        try expectSameAsPyTorch(output.faceProbability, "pnet.probability", tolerance: 1e-5)
    }

    @Test("The refinement network equals PyTorch's on three patches")
    func refinementNetwork() throws {
        let output = try RefinementNetwork(weights("rnet"))(fixture["rnet.input"].transposed([0, 2, 3, 1]))
        try expectSameAsPyTorch(output.offsets, "rnet.offsets", tolerance: 1e-5)
        try expectSameAsPyTorch(output.faceProbability, "rnet.probability", tolerance: 1e-5)
    }

    @Test("The output network equals PyTorch's on two patches")
    func outputNetwork() throws {
        let output = try OutputNetwork(weights("onet"))(fixture["onet.input"].transposed([0, 2, 3, 1]))
        try expectSameAsPyTorch(output.offsets, "onet.offsets", tolerance: 1e-5)
        try expectSameAsPyTorch(output.landmarks, "onet.landmarks", tolerance: 1e-5)
        try expectSameAsPyTorch(output.faceProbability, "onet.probability", tolerance: 1e-5)
    }

    @Test("Both faces of a photo are found where facenet-pytorch finds them, surest first")
    func faces() throws {
        let faces = try detector().faces(in: photo())
        #expect(faces.count == 2)
        func tensor(_ values: [Float], _ shape: [Int]) -> Tensor {
            Tensor(values, shape: shape, in: fixture.workspace)
        }
        let boxes = faces.flatMap { [$0.box.left, $0.box.top, $0.box.right, $0.box.bottom] }
        let landmarks = faces.flatMap { $0.landmarks.flatMap { [$0.x, $0.y] } }
        try expectRelative(tensor(boxes, [2, 4]), fixture["faces.boxes"], maxError: 1e-5)
        try expectRelative(tensor(faces.map(\.score), [2]), fixture["faces.scores"], maxError: 1e-5)
        try expectRelative(tensor(landmarks, [2, 5, 2]), fixture["faces.landmarks"], maxError: 1e-5)
    }

    @Test("Faces are numbered from left to right; the largest one is the one with the largest box")
    func numbering() throws {
        // In this photo the right face is the larger one. Mirrored, it is the left one.
        let photo = try photo()
        let faces = try detector().faces(in: photo)
        let mirrored = try detector().faces(in: mirrored(photo))
        #expect(faces.leftToRight.map { $0.box.width > 40 } == [false, true])
        #expect(mirrored.leftToRight.map { $0.box.width > 40 } == [true, false])
        #expect(faces.largest == faces.leftToRight.last)
        #expect(mirrored.largest == mirrored.leftToRight.first)
    }

    private func mirrored(_ image: Tensor) -> Tensor {
        let (values, width) = (image.values, image.shape[2])
        let indices = (0..<image.count).map { index in
            let (pixel, channel) = index.quotientAndRemainder(dividingBy: 3)
            let (row, column) = pixel.quotientAndRemainder(dividingBy: width)
            return (row * width + width - 1 - column) * 3 + channel
        }
        return Tensor(indices.map { values[$0] }, shape: image.shape, in: image.workspace)
    }

    @Test(
        "Pictures without a face, or too small for one, have none",
        arguments: [(64, 64), (200, 30), (19, 300), (1, 1)])
    func noFace(height: Int, width: Int) throws {
        let values = (0..<height * width * 3).map { Float($0 % 251) }
        let image = Tensor(values, shape: [1, height, width, 3], in: fixture.workspace)
        #expect(try detector().faces(in: image).isEmpty)
    }

    @Test("A cancelled workspace stops the detector")
    func cancellation() throws {
        let workspace = Workspace(threadCount: 1)
        let photo = try fixture.source.tensor(named: "photo", in: workspace)
        let detector = try detector()
        workspace.cancel()
        #expect(throws: CancellationError.self) { try detector.faces(in: photo.reshaped([1] + photo.shape)) }
    }
}
