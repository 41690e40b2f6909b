import Synchronization
import Tensors

/// A place in a tree of tensor names from which a network builds itself.
///
/// A layer asks its scope for each tensor by name and expected shape. All scopes that descend from one root
/// share a record of what was read, so that ``finish(ignoring:)`` can prove that nothing was left over.
public struct WeightScope: Sendable {
    /// The workspace that tensors read from this scope live in.
    public let workspace: Workspace

    private let root: Root
    private let prefix: String

    /// The root of a source, with nothing read yet.
    public init(_ source: any WeightSource, in workspace: Workspace) {
        self.workspace = workspace
        root = Root(source)
        prefix = ""
    }

    private init(_ parent: WeightScope, prefix: String) {
        workspace = parent.workspace
        root = parent.root
        self.prefix = prefix
    }

    /// What to call the source of this scope in a message.
    public var origin: String { root.source.origin }

    /// The names of all tensors below this scope, relative to it, sorted.
    public var names: [String] {
        root.source.names.compactMap { $0.hasPrefix(prefix) ? String($0.dropFirst(prefix.count)) : nil }
    }

    /// The scope one or more levels below, as `cd` would find it: `scope("down_blocks.0")`.
    public func scope(_ name: String) -> WeightScope {
        WeightScope(self, prefix: "\(prefix)\(name).")
    }

    /// Whether there is a tensor of that name, or any tensor below that name.
    public func contains(_ name: String) -> Bool {
        root.paths.contains(prefix + name)
    }

    /// The shape of a tensor as the source declares it; `nil` if there is no such tensor.
    public func shape(of name: String) -> [Int]? {
        root.source.shape(of: prefix + name)
    }

    /// Reads a tensor and remembers that it was read.
    ///
    /// - Parameters:
    ///   - name: the tensor's name, relative to this scope.
    ///   - shape: the shape it must have, outermost axis first; `[]` for a scalar.
    /// - Throws: ``WeightsError/missingTensor(origin:name:)``,
    ///   ``WeightsError/wrongShape(origin:name:expected:found:)``,
    ///   ``WeightsError/notFinite(origin:name:count:)``, or what the source throws.
    public func tensor(_ name: String, _ shape: [Int]) throws -> Tensor {
        let fullName = prefix + name
        guard let found = root.source.shape(of: fullName) else {
            throw WeightsError.missingTensor(origin: origin, name: fullName)
        }
        guard found == shape else {
            throw WeightsError.wrongShape(origin: origin, name: fullName, expected: shape, found: found)
        }
        let tensor = try root.source.tensor(named: fullName, in: workspace)
        let faults = tensor.withUnsafeBuffer(nonFiniteCount)
        guard faults == 0 else {
            throw WeightsError.notFinite(origin: origin, name: fullName, count: faults)
        }
        root.readNames.withLock { _ = $0.insert(fullName) }
        return tensor
    }

    /// Proves that every tensor below this scope was read.
    ///
    /// - Parameter names: tensors, relative to this scope, that need not be read.
    /// - Throws: ``WeightsError/unreadTensors(origin:names:)``.
    public func finish(ignoring names: Set<String>) throws {
        let readNames = root.readNames.withLock { $0 }
        let unread = root.source.names.filter { name in
            name.hasPrefix(prefix) && !readNames.contains(name)
                && !names.contains(String(name.dropFirst(prefix.count)))
        }
        guard unread.isEmpty else { throw WeightsError.unreadTensors(origin: origin, names: unread) }
        // A network is complete: most of its tensors were widened or repacked, so the file's pages are not needed.
        root.source.releasePages()
    }
}

extension WeightScope {
    /// What all scopes of one source share.
    private final class Root: Sendable {
        let source: any WeightSource
        /// Every tensor name and every prefix of one that ends before a dot.
        let paths: Set<String>
        let readNames = Mutex<Set<String>>([])

        init(_ source: any WeightSource) {
            self.source = source
            var paths = Set<String>()
            for name in source.names {
                paths.insert(name)
                for dot in name.indices where name[dot] == "." { paths.insert(String(name[..<dot])) }
            }
            self.paths = paths
        }
    }
}
