/// Temporary arrays of an operation, taken from the arena as one block. Whoever makes one releases it.
struct Scratch {
    /// The start of each array, on a cache line of its own.
    let parts: [UnsafeMutablePointer<Float>]
    private let block: Arena.Block

    /// Arrays of the given lengths, with undefined contents.
    init(counts: [Int], in workspace: Workspace) {
        let lane = Arena.alignment / MemoryLayout<Float>.stride
        let lengths = counts.map { ($0 + lane - 1) / lane * lane }
        let total = lengths.reduce(0, +)
        block = workspace.arena.allocate(byteCount: total * MemoryLayout<Float>.stride)
        var next = block.address.bindMemory(to: Float.self, capacity: total)
        parts = lengths.map { length in
            defer { next += length }
            return next
        }
    }

    func release(in workspace: Workspace) { workspace.arena.release(block) }
}
