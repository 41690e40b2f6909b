import Glibc

/// Whole files in and out.
enum FileBytes {
    /// Reads a regular file of at most `ImageLimits.fileBytes`.
    static func read(_ path: String) throws(ImagingError) -> [UInt8] {
        // Without O_NONBLOCK, opening a named pipe would wait for a writer.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .unreadable(file: path, reason: systemReason()) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .unreadable(file: path, reason: systemReason()) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .notAFile(file: path) }
        guard status.st_size <= ImageLimits.fileBytes else {
            throw .fileTooLarge(file: path, bytes: Int(status.st_size))
        }
        return try readAll(descriptor, byteCount: Int(status.st_size), path: path)
    }

    private static func readAll(_ descriptor: Int32, byteCount: Int, path: String) throws(ImagingError)
        -> [UInt8]
    {
        var failure: String?
        let bytes = [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, count in
            while count < byteCount {
                let received = Glibc.read(
                    descriptor, buffer.baseAddress.map { $0 + count }, byteCount - count)
                if received > 0 {
                    count += received
                } else if received == 0 {
                    return  // the file shrank; the decoder will say what is missing
                } else if errno != EINTR {
                    failure = systemReason()
                    return
                }
            }
        }
        if let failure { throw .unreadable(file: path, reason: failure) }
        return bytes
    }

    /// Writes beside the destination, brings the bytes to the disk, then renames.
    ///
    /// Whoever looks sees the old file or the whole new one; on failure nothing is left behind.
    static func write(
        _ bytes: [UInt8], to path: String, ifExists: ImageFile.ExistingFile
    ) throws(ImagingError) {
        let folder = folder(of: path)
        let (temporary, descriptor) = try createTemporary(in: folder, for: path)
        do {
            try fill(descriptor, with: bytes, path: path)
            try publish(temporary, as: path, ifExists: ifExists)
        } catch {
            unlink(temporary)
            throw error
        }
        syncFolder(folder)
    }

    private static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private static func createTemporary(
        in folder: String, for path: String
    ) throws(ImagingError) -> (path: String, descriptor: Int32) {
        while true {
            let name = "\(folder)/.facechain-\(String(UInt64.random(in: .min ... .max), radix: 36)).tmp"
            let descriptor = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o666)
            if descriptor >= 0 { return (name, descriptor) }
            guard errno == EEXIST || errno == EINTR else {
                throw .unwritable(file: path, reason: systemReason())
            }
        }
    }

    private static func fill(_ descriptor: Int32, with bytes: [UInt8], path: String) throws(ImagingError) {
        var failure: String?
        bytes.withUnsafeBytes { buffer in
            var written = 0
            while written < buffer.count {
                let sent = Glibc.write(
                    descriptor, buffer.baseAddress.map { $0 + written }, buffer.count - written)
                if sent >= 0 {
                    written += sent
                } else if errno != EINTR {
                    failure = systemReason()
                    return
                }
            }
        }
        if failure == nil && fsync(descriptor) != 0 { failure = systemReason() }
        if close(descriptor) != 0 && failure == nil { failure = systemReason() }
        if let failure { throw .unwritable(file: path, reason: failure) }
    }

    private static func publish(
        _ temporary: String, as path: String, ifExists: ImageFile.ExistingFile
    ) throws(ImagingError) {
        switch ifExists {
        case .replace:
            guard rename(temporary, path) == 0 else { throw .unwritable(file: path, reason: systemReason()) }
        case .keep:
            // A hard link, unlike a rename, fails if the name is taken.
            guard link(temporary, path) == 0 else {
                throw errno == EEXIST
                    ? .alreadyExists(file: path) : .unwritable(file: path, reason: systemReason())
            }
            unlink(temporary)
        }
    }

    /// Makes the new name survive a power cut.
    ///
    /// The picture is already there for everyone else, so a file system that cannot do this is no reason to
    /// report failure.
    private static func syncFolder(_ folder: String) {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }

    private static func systemReason() -> String {
        let code = errno
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { text in
            guard let start = text.baseAddress, strerror_r(code, start, text.count) == 0 else {
                return "error \(code)"
            }
            return String(cString: start).lowercasedFirst
        }
    }
}

extension String {
    fileprivate var lowercasedFirst: String { prefix(1).lowercased() + dropFirst() }
}
