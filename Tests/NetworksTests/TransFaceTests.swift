import Networks
import Tensors
import TestSupport
import Testing
import Weights

/// Against the PyTorch network in `make_transface_fixtures.py`.
struct TransFaceTests {
    private let fixture: Fixture
    private let scope: WeightScope

    init() throws {
        fixture = try Fixture.load(bundle: .module, "transface")
        scope = fixture.scope("weights")
    }

    private func encoder() throws -> TransFaceEncoder {
        try TransFaceEncoder(scope, configuration: .init(headCount: 4))
    }

    @Test("Identity tokens equal PyTorch's")
    func tokens() throws {
        let images = try fixture["images"].transposed([0, 2, 3, 1])
        try expectRelative(encoder().tokens(images), fixture["tokens"], maxError: 1e-5)
    }

    @Test("Identity vectors equal PyTorch's")
    func embedding() throws {
        let encoder = try encoder()
        let head = try TransFaceHead(scope, tokenCount: encoder.tokenCount, width: encoder.width)
        try expectRelative(head.embedding(of: fixture["tokens"]), fixture["embedding"], maxError: 1e-5)
    }

    @Test("An encoder takes its sizes from the weights")
    func sizes() throws {
        let encoder = try encoder()
        #expect(encoder.tokenCount == 16)
        #expect(encoder.width == 32)
    }

    @Test("A number of heads that does not divide the width is refused with a clear message")
    func headCount() throws {
        let error = #expect(throws: ConfigurationError.self) {
            try TransFaceEncoder(scope, configuration: .init(headCount: 5))
        }
        #expect(
            error?.description
                == "num_heads is 5, but must be a divisor of the width of the identity encoder, which is 32.")
    }

    @Test("A file without an encoder is refused with the name and shape of what is missing")
    func missing() throws {
        #expect(
            throws: WeightsError.missingTensor(origin: scope.origin, name: "nothing.patch_embed.proj.weight")
        ) {
            try TransFaceEncoder(fixture.scope("nothing"), configuration: .small)
        }
    }

    @Test("Weights from PyTorch's data-parallel wrapper load as they are")
    func dataParallelPrefix() throws {
        let wrapped = WeightScope(DataParallelSource(inner: fixture.source), in: fixture.workspace)
        let images = try fixture["images"].transposed([0, 2, 3, 1])
        let tokens = try TransFaceEncoder(wrapped, configuration: .init(headCount: 4)).tokens(images)
        try expectRelative(tokens, fixture["tokens"], maxError: 1e-5)
        #expect(TransFaceHead.isPresent(in: wrapped))
    }
}

/// The fixture's `weights.` under the name `module.`.
private struct DataParallelSource: WeightSource {
    let inner: any WeightSource
    var origin: String { inner.origin }
    var names: [String] {
        inner.names.filter { $0.hasPrefix("weights.") }.map { "module." + $0.dropFirst(8) }
    }

    private func innerName(_ name: String) -> String { "weights." + name.dropFirst("module.".count) }

    func shape(of name: String) -> [Int]? { inner.shape(of: innerName(name)) }
    func releasePages() {}

    func tensor(named name: String, in workspace: Workspace) throws -> Tensor {
        try inner.tensor(named: innerName(name), in: workspace)
    }
}
