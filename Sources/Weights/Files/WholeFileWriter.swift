import Glibc

/// Writes a file whole or not at all.
///
/// The bytes go to a temporary file in the same folder, which takes the final name only when all of them are
/// on disk.
struct WholeFileWriter {
    private let path: String
    private let temporaryPath: String
    private let descriptor: Int32

    /// Creates `path` with what `body` writes, replacing a file of that name.
    ///
    /// - Throws: ``WeightsError/cannotWrite(file:reason:)`` or what `body` throws; then nothing has changed.
    static func write(to path: String, _ body: (WholeFileWriter) throws -> Void) throws {
        let writer = try WholeFileWriter(path)
        do {
            try body(writer)
            guard fsync(writer.descriptor) == 0 else { throw writer.failure() }
        } catch {
            close(writer.descriptor)
            unlink(writer.temporaryPath)
            throw error
        }
        guard close(writer.descriptor) == 0, rename(writer.temporaryPath, path) == 0 else {
            let failure = writer.failure()
            unlink(writer.temporaryPath)
            throw failure
        }
    }

    private init(_ path: String) throws {
        self.path = path
        temporaryPath = "\(path).\(String(UInt64.random(in: 0...UInt64.max), radix: 36)).part"
        descriptor = open(temporaryPath, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw failure() }
    }

    /// Appends bytes.
    func append(_ bytes: UnsafeRawBufferPointer) throws {
        var rest = bytes
        while !rest.isEmpty {
            let written = Glibc.write(descriptor, rest.baseAddress, rest.count)
            if written < 0 && errno == EINTR { continue }
            guard written > 0 else { throw failure() }
            rest = UnsafeRawBufferPointer(rebasing: rest[written...])
        }
    }

    private func failure() -> WeightsError {
        .cannotWrite(file: path, reason: lastSystemMessage())
    }
}
