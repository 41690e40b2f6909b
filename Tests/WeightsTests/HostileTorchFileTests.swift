import Tensors
import TestSupport
import Testing
import Weights

/// Files made to deceive: each is refused with the error that names the deceit.
@Suite struct HostileTorchFileTests {
    let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    func open(_ bytes: [UInt8]) throws -> any WeightSource {
        try WeightFile.open(directory.write(bytes, to: "model.pt"))
    }

    func pickleFault(_ pickle: PickleWriter, storage: Int = 16) throws -> PickleFault? {
        do {
            _ = try open(torchArchive(pickle, storage: storage))
            return nil
        } catch WeightsError.pickle(_, let fault) {
            return fault
        }
    }

    @Test func theBuildersMakeAValidFile() throws {
        let pickle = PickleWriter(
            "}", .text("w"), .tensor(count: 4, offset: 1, shape: [3], strides: [1]), "s.")
        let file = try open(torchArchive(pickle))
        #expect(file.names == ["w"])
        #expect(file.shape(of: "w") == [3])
    }

    @Test(arguments: [
        ("os", "system"), ("posix", "system"), ("nt", "system"), ("subprocess", "Popen"),
        ("builtins", "eval"),
        ("__builtin__", "exec"), ("builtins", "getattr"), ("runpy", "_run_code"),
        ("importlib", "import_module"),
        ("pickle", "loads"), ("asyncio.unix_events", "_UnixSubprocessTransport._start"), ("pip", "main"),
        ("webbrowser", "open"), ("socket", "create_connection"), ("shutil", "rmtree"),
        ("operator", "attrgetter"),
    ])
    func codeIsNamedAndNeverRun(module: String, name: String) throws {
        let marker = directory.file("marker")
        let pickle = PickleWriter(.global(module, name), .text("touch \(marker)"), .raw(0x85), "R.")
        #expect(try pickleFault(pickle) == .runsCode(["\(module).\(name)"]))
        #expect(try directory.contents == ["model.pt"])
    }

    @Test func codeIsNamedEvenWhenTheRestIsDamaged() throws {
        let pickle = PickleWriter(.global("os", "system"), .text("true"), .raw(0x85), "R", .raw(0xFE))
        #expect(try pickleFault(pickle) == .runsCode(["os.system"]))
    }

    @Test func codeNamedThroughTheStackIsFound() throws {
        let pickle = PickleWriter(.text("os"), .text("system"), .raw(0x93), .text("true"), .raw(0x85), "R.")
        #expect(try pickleFault(pickle) == .runsCode(["os.system"]))
    }

    @Test func objectsWithoutUseAreNamed() throws {
        let pickle = PickleWriter(.global("my.models", "Net"), ")", .raw(0x81), ".")
        #expect(try pickleFault(pickle) == .unknownObjects(["my.models.Net"]))
    }

    @Test func leftoversOfTrainingProgramsAreIgnored() throws {
        let pickle = PickleWriter(
            "}(", .text("callbacks"), "}",
            .global("pytorch_lightning.callbacks.model_checkpoint", "ModelCheckpoint"), "}s", .text("w"),
            .tensor(count: 4, offset: 0, shape: [4], strides: [1]), "u.")
        #expect(try open(torchArchive(pickle)).names == ["w"])
    }

    static let views: [(count: Int, offset: Int, shape: [Int], strides: [Int], reason: String)] = [
        (4, 0, [5], [1], "reaches beyond its storage"),
        (4, 4, [1], [1], "reaches beyond its storage"),
        (4, 0, [2, 2], [3, 1], "reaches beyond its storage"),
        (4, -1, [1], [1], "has a negative offset or stride"),
        (4, 3, [4], [-1], "has a negative offset or stride"),
        (4, 0, [-1], [1], "has the size [-1]"),
        (4, 0, [1 << 32, 1 << 32], [0, 0], "has the size [4294967296, 4294967296]"),
        (4, 0, [0, 1 << 32, 1 << 32], [1, 1 << 32, 1], "has the size [0, 4294967296, 4294967296]"),
        (4, 0, [3], [Int.max], "has the strides [9223372036854775807]"),
        (4, Int.max, [2], [1], "has the strides [1]"),
        (4, 0, [2, 2], [1], "has 2 axes"),
        (4, 0, [1, 1, 1, 1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 1, 1, 1, 1, 1], "has 9 axes"),
    ]

    @Test(arguments: views)
    func viewsBeyondTheirStorageAreRefused(
        _ view: (count: Int, offset: Int, shape: [Int], strides: [Int], reason: String)
    ) throws {
        let tensor = PicklePart.tensor(
            count: view.count, offset: view.offset, shape: view.shape, strides: view.strides)
        let fault = try pickleFault(PickleWriter("}", .text("w"), tensor, "s."))
        guard case .malformedTensor(_, let reason) = fault else {
            Issue.record("found \(String(describing: fault))")
            return
        }
        #expect(reason == view.reason)
    }

    @Test func aStorageShorterThanItClaimsIsRefused() throws {
        let pickle = PickleWriter(
            "}", .text("w"), .tensor(count: 4, offset: 0, shape: [1], strides: [1]), "s.")
        let bytes = torchArchive(pickle, storage: 12)
        let path = try directory.write(bytes, to: "short.pt")
        #expect(throws: WeightsError.torch(file: path, .shortStorage(tensor: "w", expected: 16, found: 12))) {
            try WeightFile.open(path)
        }
    }

    @Test func aMissingStorageIsRefused() throws {
        let pickle = PickleWriter(
            "}", .text("w"), .tensor(count: 4, offset: 0, shape: [1], strides: [1]), "s.")
        let path = try directory.write(zipArchive([("a/data.pkl", pickle.bytes)]), to: "missing.pt")
        #expect(throws: WeightsError.torch(file: path, .missingStorage(tensor: "w"))) {
            try WeightFile.open(path)
        }
    }

    @Test(arguments: ["../1", "", "a", "123456789012345678901", "0/../../x"])
    func storageKeysThatAreNoNumbersAreRefused(key: String) throws {
        let fault = try pickleFault(PickleWriter(.storage(key, count: 1), "."))
        #expect(
            fault == .misplacedOpcode(0x51, offset: fault?.offset ?? -1, needs: "a storage key of digits"))
    }

    @Test(
        arguments: [UInt8]("PiolSIL\u{30}12".utf8).filter { !"012".utf8.contains($0) } + [
            0x82, 0x96, 0x97, 0xFF,
        ])
    func instructionsThatTorchNeverWritesAreRefused(opcode: UInt8) throws {
        #expect(try pickleFault(PickleWriter(.raw(opcode), ".")) == .unsupportedOpcode(opcode, offset: 2))
    }

    @Test func memoryIsBounded() throws {
        func repeated(_ part: String, _ count: Int) -> PickleWriter {
            PickleWriter(PicklePart(bytes: [UInt8](repeating: Array(part.utf8)[0], count: count)), ".")
        }
        #expect(try pickleFault(repeated("(", 2_000)) == .exceeds(limit: "1024 open groups"))
        #expect(try pickleFault(repeated("N", 100_000)) == .exceeds(limit: "65536 open values"))
        let pairs = PicklePart(bytes: (0..<2_600_000).flatMap { _ in Array("N0".utf8) })
        #expect(try pickleFault(PickleWriter(pairs, pairs, ".")) == .exceeds(limit: "5000000 values"))
    }

    @Test func deeplyNestedValuesNeedNoStack() throws {
        // A million lists, each inside the next, then a dictionary with a tensor.
        let nested = PicklePart(bytes: [0x5D] + (0..<1_000_000).flatMap { _ in [UInt8(0x85)] })
        let pickle = PickleWriter(
            nested, "0}", .text("w"), .tensor(count: 4, offset: 0, shape: [4], strides: [1]), "s.")
        #expect(try open(torchArchive(pickle)).names == ["w"])
    }

    @Test func aValueThatContainsItselfIsHarmless() throws {
        let pickle = PickleWriter(
            "}q", .raw(0), .text("self"), "h", .raw(0), "s", .text("w"),
            .tensor(count: 4, offset: 0, shape: [4], strides: [1]), "s.")
        #expect(try open(torchArchive(pickle)).names == ["w"])
        let wrapped = PickleWriter("}q", .raw(0), .text("state_dict"), "h", .raw(0), "s.")
        let path = try directory.write(torchArchive(wrapped), to: "cycle.pt")
        #expect(throws: WeightsError.noWeights(file: path, .noTensors)) { try WeightFile.open(path) }
    }
}

extension PickleFault {
    fileprivate var offset: Int? {
        if case .misplacedOpcode(_, let offset, _) = self { offset } else { nil }
    }
}

/// Archives whose table of contents lies.
@Suite struct HostileZipTests {
    static let record = [(name: "a/data.pkl", data: [UInt8]("payload".utf8))]

    static let lies: [(ZipLies, ZipFault)] = [
        (ZipLies(flags: 1), .notStored("a/data.pkl")),
        (ZipLies(method: 8), .notStored("a/data.pkl")),
        (ZipLies(centralSize: 1_000), .damagedRecord("a/data.pkl")),
        (ZipLies(centralSize: .max), .damagedDirectory(offset: 51)),
        (ZipLies(centralSize: 20), .overlappingRecords(offset: 51)),
        (ZipLies(headerOffset: 3), .damagedRecord("a/data.pkl")),
        (ZipLies(headerOffset: 0xFFFF_0000), .damagedRecord("a/data.pkl")),
        (ZipLies(entryCount: 2), .damagedDirectory(offset: 107)),
        (ZipLies(entryCount: 0), .damagedDirectory(offset: 51)),
        (ZipLies(localName: "b/data.pkl"), .damagedRecord("a/data.pkl")),
        (ZipLies(disk: 1), .damagedDirectory(offset: 51)),
        (ZipLies(trailing: [0]), .noDirectory),
    ]

    @Test(arguments: lies)
    func everyLieIsNamed(lies: ZipLies, fault: ZipFault) throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write(zipArchive(Self.record, lies: lies), to: "lie.pt")
        #expect(throws: WeightsError.zip(file: path, fault)) { try WeightFile.open(path) }
    }

    @Test(arguments: ["/etc/passwd", "../x", "a/../../x", "a\\b", "a\u{1B}[2J", ""])
    func namesThatLeaveTheArchiveAreRefused(name: String) throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write(zipArchive([(name, [1])]), to: "name.pt")
        #expect(throws: WeightsError.zip(file: path, .unsafeName(name))) { try WeightFile.open(path) }
    }

    @Test func twoRecordsOfOneNameAreRefused() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write(zipArchive(Self.record + Self.record), to: "twice.pt")
        #expect(throws: WeightsError.zip(file: path, .duplicateRecord("a/data.pkl"))) {
            try WeightFile.open(path)
        }
    }

    @Test func twoRecordsOverTheSameBytesAreRefused() throws {
        let directory = try TemporaryDirectory()
        let records = Self.record + [(name: "a/data.pkl", data: [UInt8]("payload".utf8))]
        let path = try directory.write(zipArchive(records, lies: ZipLies(headerOffset: 0)), to: "same.pt")
        #expect(throws: WeightsError.self) { try WeightFile.open(path) }
    }
}
