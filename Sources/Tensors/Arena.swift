import Glibc
import Synchronization

/// A pool of aligned memory blocks that tensors borrow and give back.
///
/// A denoising step allocates the same few hundred block sizes again and again; taking them from free lists
/// avoids the page faults of fresh memory, which cost as much as the arithmetic of the smaller layers.
/// Block sizes are rounded up to one of four classes per power of two, so a block wastes less than a quarter.
final class Arena: Sendable {
    /// What every block starts on: one cache line, and enough for any vector load.
    static let alignment = 64

    /// Counts of bytes, for statistics and for tests of the invariants.
    struct Statistics: Equatable {
        /// In blocks that tensors hold now.
        var liveBytes = 0
        /// In blocks waiting to be reused.
        var freeBytes = 0
        /// The largest `liveBytes + freeBytes` so far.
        var peakBytes = 0
    }

    struct Block: @unchecked Sendable {
        // Sendable because it is only an address and a length: whoever holds the block owns the memory, and the
        // arena hands a block to one owner at a time.
        let address: UnsafeMutableRawPointer
        let byteCount: Int
    }

    private struct State {
        var free: [Int: [Block]] = [:]
        var statistics = Statistics()
    }

    private let state = Mutex(State())

    var statistics: Statistics { state.withLock { $0.statistics } }

    /// A block of at least `byteCount` bytes with undefined contents.
    func allocate(byteCount: Int) -> Block {
        let size = Self.blockSize(for: byteCount)
        let reused: Block? = state.withLock { state in
            let block = state.free[size]?.popLast()
            if block != nil { state.statistics.freeBytes -= size }
            state.statistics.liveBytes += size
            let total = state.statistics.liveBytes + state.statistics.freeBytes
            state.statistics.peakBytes = max(state.statistics.peakBytes, total)
            return block
        }
        return reused ?? Self.fresh(size: size)
    }

    /// Takes back a block from `allocate`.
    ///
    /// Memory that lies idle is bounded: when more is free than live (plus a small allowance), the block goes back
    /// to the system instead.
    func release(_ block: Block) {
        let keeps = state.withLock { state in
            state.statistics.liveBytes -= block.byteCount
            let idle = state.statistics.freeBytes + block.byteCount
            guard idle <= state.statistics.liveBytes + Self.idleAllowance else { return false }
            state.statistics.freeBytes = idle
            state.free[block.byteCount, default: []].append(block)
            return true
        }
        if !keeps { free(block.address) }
    }

    /// Returns all idle blocks to the system.
    func trim() {
        let blocks = state.withLock { state in
            let blocks = state.free.values.flatMap { $0 }
            state.free = [:]
            state.statistics.freeBytes = 0
            return blocks
        }
        for block in blocks { free(block.address) }
    }

    deinit { trim() }

    private static let idleAllowance = 1 << 30

    /// Rounds up to a multiple of a quarter of the enclosing power of two, at least one cache line.
    static func blockSize(for byteCount: Int) -> Int {
        guard byteCount > 4 * alignment else {
            return max(alignment, (byteCount + alignment - 1) / alignment * alignment)
        }
        let quarter = 1 << (Int.bitWidth - 3 - (byteCount - 1).leadingZeroBitCount)
        return (byteCount + quarter - 1) / quarter * quarter
    }

    private static func fresh(size: Int) -> Block {
        // Large blocks are aligned to huge pages, so that the kernel can back them with few page-table entries.
        let hugePage = 1 << 21
        var address: UnsafeMutableRawPointer?
        let status = posix_memalign(&address, size >= 2 * hugePage ? hugePage : alignment, size)
        guard status == 0, let address else {
            // Not preconditionFailure, which says nothing in a release build.
            fatalError("out of memory: the system gives no block of \(size >> 20) MB; try a smaller picture")
        }
        if size >= 2 * hugePage { madvise(address, size, MADV_HUGEPAGE) }
        return Block(address: address, byteCount: size)
    }
}
