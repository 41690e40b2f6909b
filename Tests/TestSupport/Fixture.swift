import Foundation
import Tensors
import Weights

/// Tensors that a Python script made, from `Fixtures/<name>.safetensors` beside the tests.
public struct Fixture: Sendable {
    /// The file, for a test that builds a network from it.
    public let source: SafetensorsFile
    /// Where ``subscript(_:)`` puts tensors.
    public let workspace: Workspace

    /// Workspace shared by tests that do not need their own.
    public static let sharedWorkspace = Workspace(threadCount: 2)

    /// Loads a fixture: `try Fixture.load(bundle: .module, "linear")`.
    public static func load(
        bundle: Bundle, _ name: String, in workspace: Workspace = sharedWorkspace
    ) throws -> Fixture {
        let path = try path(bundle: bundle, "\(name).safetensors")
        return Fixture(source: try SafetensorsFile(path: path), workspace: workspace)
    }

    /// The path of a file in the tests' `Fixtures` folder.
    public static func path(bundle: Bundle, _ fileName: String) throws -> String {
        guard let folder = bundle.resourceURL else { throw MissingFixture(name: fileName) }
        return folder.appendingPathComponent("Fixtures").appendingPathComponent(fileName).path
    }

    /// The tensor of that name.
    public subscript(_ name: String) -> Tensor {
        get throws { try source.tensor(named: name, in: workspace) }
    }

    /// The integers of that name.
    public func integers(_ name: String) throws -> [Int] {
        try source.integers(named: name).map { Int($0) }
    }

    /// The tensors as the root of a tree of weights.
    public var scope: WeightScope { WeightScope(source, in: workspace) }

    /// The tensors below `name`, as the scope a layer is built from.
    public func scope(_ name: String) -> WeightScope { scope.scope(name) }
}

/// A fixture that is not in the test bundle.
public struct MissingFixture: Error {
    /// The fixture's file name.
    public let name: String
}
