import Foundation
import Networks
import Tensors
import TestSupport

/// A network's fixture: weights, inputs and outputs in one file, and the configuration beside it.
struct NetworkFixture<Configuration: Decodable & Sendable> {
    let tensors: Fixture
    let configuration: Configuration

    init(_ name: String, _ type: Configuration.Type) throws {
        tensors = try Fixture.load(bundle: .module, name)
        let file = URL(fileURLWithPath: try Fixture.path(bundle: .module, "\(name).json"))
        configuration = try readConfiguration(type, from: file)
    }

    /// An image or latents that PyTorch wrote as [batch, channels, height, width].
    func image(_ name: String) throws -> Tensor {
        try tensors[name].transposed([0, 2, 3, 1])
    }
}
