import Glibc

/// The bytes of a whole file, mapped read-only; unmapped when the last reference dies.
///
/// `@unchecked Sendable` because the mapping is private and never written: all stored properties are
/// constants and the memory behind `bytes` is only read.
///
/// The file must not be shortened while it is mapped (the system answers with SIGBUS). Programs that replace
/// model files do so by renaming, which leaves this mapping intact.
package final class MappedFile: @unchecked Sendable {
    package let path: String
    package let bytes: UnsafeRawBufferPointer

    /// - Throws: ``WeightsError/cannotRead(file:reason:)``.
    package init(path: String) throws {
        self.path = path
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw WeightsError.cannotRead(file: path, reason: lastSystemMessage()) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw WeightsError.cannotRead(file: path, reason: lastSystemMessage())
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw WeightsError.cannotRead(file: path, reason: "it is not a regular file")
        }
        guard let count = Int(exactly: status.st_size), count > 0 else {
            throw WeightsError.cannotRead(file: path, reason: "it is empty")
        }
        guard let start = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0), start != MAP_FAILED else {
            throw WeightsError.cannotRead(file: path, reason: lastSystemMessage())
        }
        bytes = UnsafeRawBufferPointer(start: start, count: count)
    }

    /// Lets the system forget the pages in memory; they are read again when they are needed.
    package func releasePages() {
        madvise(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count, MADV_DONTNEED)
    }

    deinit {
        munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count)
    }
}

extension UnsafeRawBufferPointer {
    /// The little-endian integer at a byte offset, or `nil` if it does not lie wholly inside.
    func littleEndian<Value: FixedWidthInteger>(_ type: Value.Type, at offset: Int) -> Value? {
        guard offset >= 0, offset <= count, count - offset >= MemoryLayout<Value>.size else { return nil }
        return Value(littleEndian: loadUnaligned(fromByteOffset: offset, as: Value.self))
    }

    /// The bytes from `offset`, or `nil` if they do not lie wholly inside.
    func slice(at offset: Int, count length: Int) -> UnsafeRawBufferPointer? {
        guard offset >= 0, length >= 0, offset <= count, count - offset >= length else { return nil }
        return UnsafeRawBufferPointer(rebasing: self[offset..<offset + length])
    }

    /// Whether these bytes begin with those of `signature`.
    func starts(with signature: [UInt8], at offset: Int = 0) -> Bool {
        guard let head = slice(at: offset, count: signature.count) else { return false }
        return head.elementsEqual(signature)
    }
}

/// The system's sentence for the last failed call on this thread.
func lastSystemMessage() -> String {
    String(cString: strerror(errno))
}
