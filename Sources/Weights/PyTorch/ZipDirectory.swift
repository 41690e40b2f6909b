/// The table of contents of a ZIP archive as PyTorch writes it: records stored without compression.
///
/// Sizes come from the central directory only. Every record is checked against its local header, and no two
/// records may share bytes, so that the archive cannot mean different things to different readers. Source of
/// the layout: PKWARE APPNOTE.TXT 6.3.10, and PyTorch's `caffe2/serialize/inline_container.cc`.
struct ZipDirectory {
    /// Where each record's bytes lie in the file, by name.
    let records: [String: Range<Int>]

    /// A record that is compressed or encrypted, if any.
    ///
    /// Its bytes are of no use.
    let unreadableRecord: String?

    static let recordLimit = 100_000

    private struct Entry {
        var name: UnsafeRawBufferPointer
        var headerOffset: Int
        var byteCount: Int
        var isStored: Bool
    }

    /// - Throws: ``ZipFault``.
    init(_ file: UnsafeRawBufferPointer) throws {
        let directory = try Self.directoryRange(file)
        let entries = try Self.entries(file, in: directory.range, count: directory.entryCount)
        var records: [String: Range<Int>] = [:]
        var occupied: [Range<Int>] = [directory.range]
        var unreadableRecord: String?
        for entry in entries {
            let name = try Self.name(entry.name)
            let data = try Self.dataRange(of: entry, named: name, in: file)
            guard records.updateValue(data, forKey: name) == nil else { throw ZipFault.duplicateRecord(name) }
            occupied.append(entry.headerOffset..<data.upperBound)
            if !entry.isStored { unreadableRecord = name }
        }
        occupied.sort { ($0.lowerBound, $0.upperBound) < ($1.lowerBound, $1.upperBound) }
        for (range, next) in zip(occupied, occupied.dropFirst()) where next.lowerBound < range.upperBound {
            throw ZipFault.overlappingRecords(offset: next.lowerBound)
        }
        self.records = records
        self.unreadableRecord = unreadableRecord
    }

    private static func entries(
        _ file: UnsafeRawBufferPointer, in range: Range<Int>, count: Int
    ) throws -> [Entry] {
        guard count <= recordLimit else { throw ZipFault.tooManyRecords(count) }
        let directory = UnsafeRawBufferPointer(rebasing: file[range])
        var entries: [Entry] = []
        var offset = 0
        for _ in 0..<count {
            guard directory.littleEndian(UInt32.self, at: offset) == Signature.centralEntry,
                let flags = directory.littleEndian(UInt16.self, at: offset + 8),
                let method = directory.littleEndian(UInt16.self, at: offset + 10),
                let compressed = directory.littleEndian(UInt32.self, at: offset + 20),
                let uncompressed = directory.littleEndian(UInt32.self, at: offset + 24),
                let nameLength = directory.littleEndian(UInt16.self, at: offset + 28),
                let extraLength = directory.littleEndian(UInt16.self, at: offset + 30),
                let commentLength = directory.littleEndian(UInt16.self, at: offset + 32),
                directory.littleEndian(UInt16.self, at: offset + 34) == 0,
                let headerOffset = directory.littleEndian(UInt32.self, at: offset + 42),
                let name = directory.slice(at: offset + 46, count: Int(nameLength)),
                let extra = directory.slice(at: offset + 46 + Int(nameLength), count: Int(extraLength))
            else { throw ZipFault.damagedDirectory(offset: range.lowerBound + offset) }
            let isStored = flags & ~0x0808 == 0 && method == 0
            var wide = WideFields(extra)
            guard let size = wide.value(uncompressed), let storedSize = wide.value(compressed),
                let header = wide.value(headerOffset), size == storedSize || !isStored
            else { throw ZipFault.damagedDirectory(offset: range.lowerBound + offset) }
            entries.append(
                Entry(name: name, headerOffset: header, byteCount: storedSize, isStored: isStored))
            offset += 46 + Int(nameLength) + Int(extraLength) + Int(commentLength)
        }
        guard offset == range.count else {
            throw ZipFault.damagedDirectory(offset: range.lowerBound + offset)
        }
        return entries
    }

    /// Where a record's bytes lie.
    ///
    /// The local header has its own extra field, which PyTorch uses for alignment.
    private static func dataRange(
        of entry: Entry, named name: String, in file: UnsafeRawBufferPointer
    ) throws -> Range<Int> {
        let start = entry.headerOffset
        guard file.littleEndian(UInt32.self, at: start) == Signature.localEntry,
            let nameLength = file.littleEndian(UInt16.self, at: start + 26),
            let extraLength = file.littleEndian(UInt16.self, at: start + 28),
            let localName = file.slice(at: start + 30, count: Int(nameLength)),
            localName.elementsEqual(entry.name)
        else { throw ZipFault.damagedRecord(name) }
        let dataStart = start + 30 + Int(nameLength) + Int(extraLength)
        guard file.slice(at: dataStart, count: entry.byteCount) != nil else {
            throw ZipFault.damagedRecord(name)
        }
        return dataStart..<dataStart + entry.byteCount
    }

    private static func name(_ bytes: UnsafeRawBufferPointer) throws -> String {
        guard let name = String(validating: bytes, as: UTF8.self), !name.isEmpty,
            name.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F && $0 != "\\" }),
            !name.hasPrefix("/"), !name.split(separator: "/").contains("..")
        else { throw ZipFault.unsafeName(printable(bytes)) }
        return name
    }

    private static func printable(_ bytes: UnsafeRawBufferPointer) -> String {
        String(decoding: bytes, as: UTF8.self)
    }
}

extension ZipDirectory {
    private enum Signature {
        static let localEntry: UInt32 = 0x0403_4B50
        static let centralEntry: UInt32 = 0x0201_4B50
        static let end: UInt32 = 0x0605_4B50
        static let wideEnd: UInt32 = 0x0606_4B50
        static let wideLocator: UInt32 = 0x0706_4B50
    }

    /// Finds the central directory from the end of the file.
    private static func directoryRange(
        _ file: UnsafeRawBufferPointer
    ) throws -> (range: Range<Int>, entryCount: Int) {
        guard let end = endRecord(file),
            let disk = file.littleEndian(UInt16.self, at: end + 4),
            let directoryDisk = file.littleEndian(UInt16.self, at: end + 6),
            let count = file.littleEndian(UInt16.self, at: end + 10),
            let size = file.littleEndian(UInt32.self, at: end + 12),
            let offset = file.littleEndian(UInt32.self, at: end + 16)
        else { throw ZipFault.noDirectory }
        guard disk == 0 || disk == .max, directoryDisk == 0 || directoryDisk == .max else {
            throw ZipFault.severalVolumes
        }
        var entryCount = Int(count)
        var start = Int(offset)
        var length = Int(size)
        if file.littleEndian(UInt32.self, at: end - 20) == Signature.wideLocator {
            guard let location = file.littleEndian(UInt64.self, at: end - 12).flatMap({ Int(exactly: $0) }),
                file.littleEndian(UInt32.self, at: location) == Signature.wideEnd,
                let wideCount = file.littleEndian(UInt64.self, at: location + 32).flatMap({ Int(exactly: $0) }
                ),
                let wideSize = file.littleEndian(UInt64.self, at: location + 40).flatMap({ Int(exactly: $0) }
                ),
                let wideOffset = file.littleEndian(UInt64.self, at: location + 48).flatMap({
                    Int(exactly: $0)
                }),
                count == .max || Int(count) == wideCount, size == .max || Int(size) == wideSize,
                offset == .max || Int(offset) == wideOffset
            else { throw ZipFault.noDirectory }
            (entryCount, start, length) = (wideCount, wideOffset, wideSize)
        }
        guard file.slice(at: start, count: length) != nil, start + length <= end else {
            throw ZipFault.noDirectory
        }
        return (start..<start + length, entryCount)
    }

    /// The offset of the end record: 22 bytes and a comment of at most 65,535 that reaches the end of the
    /// file.
    private static func endRecord(_ file: UnsafeRawBufferPointer) -> Int? {
        let last = file.count - 22
        guard last >= 0 else { return nil }
        for offset in stride(from: last, through: max(0, last - 65_535), by: -1)
        where file.littleEndian(UInt32.self, at: offset) == Signature.end {
            guard let comment = file.littleEndian(UInt16.self, at: offset + 20) else { return nil }
            if offset + 22 + Int(comment) == file.count { return offset }
        }
        return nil
    }

    /// The 64-bit values of a central entry, in order, for those 32-bit fields that are saturated.
    private struct WideFields {
        private var values: UnsafeRawBufferPointer?
        private var offset = 0

        init(_ extra: UnsafeRawBufferPointer) {
            var offset = 0
            while let identifier = extra.littleEndian(UInt16.self, at: offset),
                let size = extra.littleEndian(UInt16.self, at: offset + 2)
            {
                if identifier == 1 {
                    values = extra.slice(at: offset + 4, count: Int(size))
                    return
                }
                offset += 4 + Int(size)
            }
        }

        mutating func value(_ field: UInt32) -> Int? {
            guard field == .max else { return Int(field) }
            guard let wide = values?.littleEndian(UInt64.self, at: offset) else { return nil }
            offset += 8
            return Int(exactly: wide)
        }
    }
}

/// Why a ZIP archive was refused.
public enum ZipFault: Error, Equatable, Sendable {
    case noDirectory
    case severalVolumes
    case tooManyRecords(Int)
    case damagedDirectory(offset: Int)
    case damagedRecord(String)
    case notStored(String)
    case unsafeName(String)
    case duplicateRecord(String)
    case overlappingRecords(offset: Int)

    /// The end of the sentence "… is damaged: ".
    public var description: String {
        switch self {
        case .noDirectory:
            "it has no table of contents at its end. The download probably stopped early: fetch it again."
        case .severalVolumes: "it is one part of an archive in several files."
        case .tooManyRecords(let count): "it claims to hold \(count) records."
        case .damagedDirectory(let offset): "its table of contents makes no sense at byte \(offset)."
        case .damagedRecord(let name): "record \(quoted(name)) is not where the table of contents says."
        case .notStored(let name):
            "record \(quoted(name)) is compressed or encrypted, which PyTorch never does."
        case .unsafeName(let name): "record \(quoted(name)) has a name that PyTorch never writes."
        case .duplicateRecord(let name): "record \(quoted(name)) occurs twice."
        case .overlappingRecords(let offset): "two records share the bytes from \(offset)."
        }
    }
}
