/// A value in a pickle, by its place in the arena.
typealias PickleHandle = Int32

/// A value that a pickle describes.
///
/// Values refer to each other by handle, so that copies share, cycles are harmless, and releasing a deeply
/// nested structure needs no recursion.
enum PickleNode {
    case none
    case boolean(Bool)
    case integer(Int64)
    case string(String)
    case tuple([PickleHandle])
    case list([PickleHandle])
    case dictionary([(key: PickleHandle, value: PickleHandle)])
    case global(PickleGlobal)
    case storage(StorageReference)
    case tensor(TensorView)
    /// Anything without a use here: numbers with a fraction, bytes, objects of training programs.
    case opaque
}

/// A run of elements that the container stores under a key.
struct StorageReference: Equatable {
    /// Decimal digits.
    var key: String
    /// `nil` for a storage of untyped bytes.
    var type: ElementType?
    /// In elements, or in bytes if untyped.
    var count: Int
}

/// A tensor as a view of a storage.
///
/// Offset and strides are in elements.
struct TensorView: Equatable {
    var storage: StorageReference
    var type: ElementType
    var offset: Int
    var shape: [Int]
    var strides: [Int]

    /// Bytes of the whole storage, or `nil` if that does not fit an `Int`.
    var storageByteCount: Int? {
        let (bits, overflow) = storage.count.multipliedReportingOverflow(by: storage.type?.bitCount ?? 8)
        return overflow ? nil : bits / 8
    }

    /// Whether the elements lie in row-major order without gaps.
    var isContiguous: Bool {
        var expected = 1
        for (extent, stride) in zip(shape, strides).reversed() where extent != 1 {
            guard stride == expected else { return shape.contains(0) }
            expected *= extent
        }
        return true
    }

    /// What is wrong with this view, or `nil` if all its elements lie in its storage.
    var fault: String? {
        guard shape.count == strides.count, shape.count <= 8 else { return "has \(shape.count) axes" }
        guard storage.count >= 0, offset >= 0, strides.allSatisfy({ $0 >= 0 }) else {
            return "has a negative offset or stride"
        }
        guard let count = elementCount(of: shape), count < Int.max / 8 else { return "has the size \(shape)" }
        guard let storageBytes = storageByteCount else { return "has a storage of \(storage.count) elements" }
        guard count > 0 else { return nil }
        var last = offset
        for (extent, stride) in zip(shape, strides) {
            let (distance, overflow) = (extent - 1).multipliedReportingOverflow(by: stride)
            let (sum, overflow2) = last.addingReportingOverflow(distance)
            guard !overflow, !overflow2 else { return "has the strides \(strides)" }
            last = sum
        }
        guard last < storageBytes / (type.bitCount / 8) else { return "reaches beyond its storage" }
        return nil
    }
}
