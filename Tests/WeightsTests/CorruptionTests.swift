import Tensors
import TestSupport
import Testing
import Weights

/// Small valid files of each kind, damaged in every way that one edit can: each must either be refused with
/// an error, or give tensors, but never crash.
@Suite struct CorruptionTests {
    struct Subject: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var bytes: [UInt8]
    }

    static let pickle = PickleWriter(
        "}q", .raw(0), "(", .text("w"), .tensor(count: 4, offset: 1, shape: [3], strides: [1]), .text("v"),
        .tensor(count: 4, offset: 0, shape: [2, 2], strides: [1, 2]), "u.")

    static var legacy: [UInt8] {
        let magic: [UInt8] = [
            0x80, 2, 0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, 0x2E,
        ]
        let version: [UInt8] = [0x80, 2, 0x4D, 0xE9, 3, 0x2E]
        let system = PickleWriter("}", .text("little_endian"), .raw(0x88), "s.").bytes
        let keys = PickleWriter("](", .text("0"), "e.").bytes
        return magic + version + system + pickle.bytes + keys + littleEndian(Int64(4))
            + (0..<16).map { UInt8($0) }
    }

    static let subjects: [Subject] = [
        Subject(
            testDescription: "safetensors",
            bytes: safetensors(
                #"{"__metadata__":{"a":"b"},"w":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},"#
                    + #""v":{"dtype":"F16","shape":[2],"data_offsets":[8,12]}}  "#,
                data: (0..<12).map { UInt8($0) })),
        Subject(testDescription: "torch zip", bytes: torchArchive(pickle)),
        Subject(testDescription: "torch legacy", bytes: legacy),
    ]

    /// Reads everything in a file; `nil` if it was refused.
    func contents(_ bytes: [UInt8], in directory: TemporaryDirectory) throws -> [String: [Float]]? {
        let workspace = Workspace(threadCount: 1)
        do {
            let source = try WeightFile.open(directory.write(bytes, to: "damaged"))
            return try Dictionary(
                uniqueKeysWithValues: source.names.map {
                    ($0, try source.tensor(named: $0, in: workspace).values)
                })
        } catch let error as WeightsError {
            #expect(!error.description.isEmpty)
            return nil
        }
    }

    @Test(arguments: subjects)
    func theFilesAreValid(subject: Subject) throws {
        #expect(try contents(subject.bytes, in: TemporaryDirectory())?.keys.sorted() == ["v", "w"])
    }

    @Test(arguments: subjects)
    func everyTruncationIsRefused(subject: Subject) throws {
        let directory = try TemporaryDirectory()
        for length in subject.bytes.indices {
            #expect(try contents(Array(subject.bytes[..<length]), in: directory) == nil, "\(length) bytes")
        }
    }

    @Test(arguments: subjects)
    func everyChangedByteGivesTensorsOrAnError(subject: Subject) throws {
        let directory = try TemporaryDirectory()
        for index in subject.bytes.indices {
            let original = subject.bytes[index]
            for value in [0x00, 0x7F, 0x80, 0xFF, original ^ 1, original ^ 0x40] where value != original {
                var damaged = subject.bytes
                damaged[index] = value
                // Any other kind of error, or a crash, fails the test. Names or values may differ where the
                // byte was part of one.
                _ = try contents(damaged, in: directory)
            }
        }
    }

    @Test(arguments: subjects)
    func randomDamageGivesTensorsOrAnError(subject: Subject) throws {
        let directory = try TemporaryDirectory()
        var generator = RepeatableGenerator(seed: 7)
        for _ in 0..<2_000 {
            var damaged = subject.bytes
            for _ in 0..<Int.random(in: 1...6, using: &generator) {
                let index = Int.random(in: damaged.indices, using: &generator)
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: damaged[index] = UInt8.random(in: 0...255, using: &generator)
                case 1: damaged.insert(UInt8.random(in: 0...255, using: &generator), at: index)
                default: damaged.remove(at: index)
                }
            }
            _ = try contents(damaged, in: directory)
        }
    }
}
