import Networks
import Tensors
import TestSupport
import Testing
import Weights

/// Against PyTorch, see `make_retinaface_fixtures.py`.
@Suite(.serialized) struct RetinaFaceTests {
    private let fixture: Fixture

    init() throws {
        fixture = try Fixture.load(bundle: .module, "retinaface")
    }

    private func network(
        _ name: String, _ naming: GeneratedWeights.Naming
    ) throws -> RetinaFaceNetwork {
        try RetinaFaceNetwork(
            GeneratedWeights("retinaface_\(name)", naming: naming).scope(in: fixture.workspace))
    }

    private func picture() throws -> Tensor {
        let picture = try fixture["picture"]
        return picture.reshaped([1] + picture.shape)
    }

    /// 53 convolutions with folded normalizations; 1e-4 of the range leaves room for other orders of summation.
    private func expectSameAsPyTorch(_ output: RetinaFaceNetwork.Output, _ name: String) throws {
        try expectRelative(output.boxes, fixture["\(name).boxes"], maxError: 1e-4)
        try expectRelative(output.probabilities, fixture["\(name).probabilities"], maxError: 1e-4)
        try expectRelative(output.landmarks, fixture["\(name).landmarks"], maxError: 1e-4)
    }

    @Test("The large network equals PyTorch's")
    func resNet50() throws {
        try expectSameAsPyTorch(network("resnet50", .published)(picture()), "resnet50")
    }

    @Test("The small network equals PyTorch's, and its weights may stand below `module.`")
    func mobileNet() throws {
        try expectSameAsPyTorch(network("mobilenet", .published)(picture()), "mobilenet")
        try expectSameAsPyTorch(network("mobilenet", .prefixed("module."))(picture()), "mobilenet")
    }

    @Test("Of the faces that the network is sure of, those remain that no surer one covers")
    func faces() throws {
        let size = try fixture.integers("faces.size")
        let output = RetinaFaceNetwork.Output(
            boxes: try fixture["answers.boxes"], probabilities: try fixture["answers.probabilities"],
            landmarks: try fixture["answers.landmarks"])
        let faces = RetinaFace.faces(
            in: output, searchedHeight: size[0], searchedWidth: size[1], height: size[0], width: size[1])
        // Single precision against double, on boxes of up to a thousand pixels.
        let boxes = faces.flatMap { [$0.box.left, $0.box.top, $0.box.right, $0.box.bottom] }
        try expectClose(boxes, fixture["faces.boxes"].values, absolute: 1e-2, relative: 0)
        try expectClose(faces.map(\.score), fixture["faces.scores"].values, absolute: 0, relative: 0)
        let landmarks = faces.flatMap { $0.landmarks.flatMap { [$0.x, $0.y] } }
        try expectClose(landmarks, fixture["faces.landmarks"].values, absolute: 1e-2, relative: 0)

        let doubled = RetinaFace.faces(
            in: output, searchedHeight: size[0], searchedWidth: size[1], height: 2 * size[0],
            width: 2 * size[1])
        #expect(doubled.allSatisfy { $0.landmarks.count == 5 })
        expectClose(
            doubled.prefix(1).map(\.box.left), faces.prefix(1).map { 2 * $0.box.left }, absolute: 1e-2,
            relative: 0)
    }

    @Test(
        "Pictures of any size are searched, large ones at a smaller size",
        arguments: [(1, 1), (2, 33), (40, 1700)])
    func sizes(height: Int, width: Int) throws {
        let detector = try RetinaFace(
            GeneratedWeights("retinaface_mobilenet", naming: .published).scope(in: fixture.workspace))
        let values = (0..<height * width * 3).map { Float($0 % 251) }
        let image = Tensor(values, shape: [1, height, width, 3], in: fixture.workspace)
        #expect(try detector.faces(in: image).allSatisfy { $0.score > 0.9 })
    }

    @Test("A cancelled workspace stops the detector")
    func cancellation() throws {
        let workspace = Workspace(threadCount: 1)
        let network = try RetinaFaceNetwork(
            GeneratedWeights("retinaface_mobilenet", naming: .published).scope(in: workspace))
        let picture = try fixture.source.tensor(named: "picture", in: workspace)
        workspace.cancel()
        #expect(throws: CancellationError.self) { try network(picture.reshaped([1] + picture.shape)) }
    }
}
