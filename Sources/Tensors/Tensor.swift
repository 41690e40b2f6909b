/// A dense array of 32-bit floats, row-major, in the memory of a workspace.
///
/// Tensors are values: no operation changes one that somebody else can see. Copies, slices of the first axis and
/// reshapes share memory. Images are [batch, height, width, channels] and sequences [batch, tokens, channels].
public struct Tensor: Sendable {
    /// The length of each axis; empty for a single number.
    public let shape: [Int]
    /// The workspace that computes with this tensor and that results of operations on it live in.
    public let workspace: Workspace
    private var storage: Storage
    private let offset: Int

    private init(shape: [Int], storage: Storage, offset: Int, workspace: Workspace) {
        self.shape = shape
        self.storage = storage
        self.offset = offset
        self.workspace = workspace
    }

    /// The number of elements.
    public var count: Int { shape.reduce(1, *) }

    /// The number of axes.
    public var rank: Int { shape.count }

    /// A tensor whose elements `body` writes; it must write all of them, since they start undefined.
    public init(
        shape: [Int], in workspace: Workspace,
        initializing body: (UnsafeMutableBufferPointer<Float>) throws -> Void
    ) rethrows {
        precondition(shape.allSatisfy { $0 >= 0 }, "a tensor cannot have the shape \(shape)")
        let count = shape.reduce(1, *)
        let storage = Storage(elementCount: count, arena: workspace.arena)
        try body(UnsafeMutableBufferPointer(start: storage.address, count: count))
        self.init(shape: shape, storage: storage, offset: 0, workspace: workspace)
    }

    /// A tensor with the given elements in row-major order.
    public init(_ values: [Float], shape: [Int], in workspace: Workspace) {
        precondition(
            values.count == shape.reduce(1, *), "\(values.count) values do not fill the shape \(shape)")
        self.init(shape: shape, in: workspace) { buffer in _ = buffer.initialize(fromContentsOf: values) }
    }

    /// A tensor of zeros.
    public static func zeros(_ shape: [Int], in workspace: Workspace) -> Tensor {
        Tensor(shape: shape, in: workspace) { $0.initialize(repeating: 0) }
    }

    /// A tensor that reads memory owned by something else, such as a mapped file.
    ///
    /// `pointer` must be 4-byte aligned and stay valid and constant while `owner`, which the tensor retains, lives.
    public init(
        borrowing pointer: UnsafePointer<Float>, shape: [Int], owner: any AnyObject & Sendable,
        in workspace: Workspace
    ) {
        self.init(
            shape: shape, storage: Storage(borrowing: pointer, owner: owner), offset: 0, workspace: workspace)
    }

    /// The elements in row-major order, copied.
    public var values: [Float] { withUnsafeBuffer { Array($0) } }

    /// Calls `body` with the elements in row-major order.
    public func withUnsafeBuffer<R>(_ body: (UnsafeBufferPointer<Float>) throws -> R) rethrows -> R {
        try withExtendedLifetime(storage) {
            try body(UnsafeBufferPointer(start: storage.address + offset, count: count))
        }
    }

    /// Calls `body` with the elements for writing, after copying them if anything else could see the change.
    public mutating func withUnsafeMutableBuffer<R>(
        _ body: (UnsafeMutableBufferPointer<Float>) throws -> R
    ) rethrows -> R {
        if !ownsStorage() {
            let original = self
            self = Tensor(shape: shape, in: workspace) { copy in
                original.withUnsafeBuffer { _ = copy.initialize(fromContentsOf: $0) }
            }
        }
        return try withExtendedLifetime(storage) {
            try body(UnsafeMutableBufferPointer(start: storage.address + offset, count: count))
        }
    }

    /// Whether this value is the only one that can see its memory, so that a result may overwrite it.
    mutating func ownsStorage() -> Bool { isKnownUniquelyReferenced(&storage) && !storage.isBorrowed }

    /// The same elements under another shape with as many elements; no copy.
    public func reshaped(_ shape: [Int]) -> Tensor {
        precondition(
            shape.reduce(1, *) == count,
            "\(self.shape) cannot be reshaped to \(shape): the element counts differ")
        return Tensor(shape: shape, storage: storage, offset: offset, workspace: workspace)
    }

    /// A slice of the first axis; no copy.
    public subscript(rows: Range<Int>) -> Tensor {
        precondition(
            !shape.isEmpty && rows.lowerBound >= 0 && rows.upperBound <= shape[0],
            "rows \(rows) are outside a tensor of shape \(shape)")
        let rowLength = shape.dropFirst().reduce(1, *)
        return Tensor(
            shape: [rows.count] + shape.dropFirst(), storage: storage,
            offset: offset + rows.lowerBound * rowLength,
            workspace: workspace)
    }
}

/// The memory of one or more tensors, returned when the last of them dies.
///
/// `@unchecked Sendable`: the memory is written only before the first tensor on it is visible to others, or by the
/// only holder of the only reference (`isKnownUniquelyReferenced`); all other access is reading.
private final class Storage: @unchecked Sendable {
    let address: UnsafeMutablePointer<Float>
    private let owner: Owner

    private enum Owner {
        case arena(Arena, Arena.Block)
        case other(any AnyObject & Sendable)
    }

    init(elementCount: Int, arena: Arena) {
        let block = arena.allocate(byteCount: elementCount * MemoryLayout<Float>.stride)
        address = block.address.bindMemory(to: Float.self, capacity: elementCount)
        owner = .arena(arena, block)
    }

    init(borrowing pointer: UnsafePointer<Float>, owner: any AnyObject & Sendable) {
        // Never written through: `isBorrowed` makes every writer copy first.
        address = UnsafeMutablePointer(mutating: pointer)
        self.owner = .other(owner)
    }

    var isBorrowed: Bool {
        if case .other = owner { true } else { false }
    }

    deinit {
        if case .arena(let arena, let block) = owner { arena.release(block) }
    }
}
