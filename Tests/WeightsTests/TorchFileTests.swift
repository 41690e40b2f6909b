import Tensors
import TestSupport
import Testing
import Weights

@Suite struct TorchFileTests {
    @Test(arguments: [
        "torch_views", "torch_views_legacy", "torch_views_protocol4", "torch_float8", "torch_module",
        "torch_checkpoint",
    ])
    func everyTensorEqualsWhatPyTorchLoads(stem: String) throws {
        let expected = try Fixture.load(bundle: .module, stem)
        let file = try WeightFile.open(Fixture.path(bundle: .module, "\(stem).pt"))
        #expect(file.names == expected.source.names)
        for name in expected.source.names {
            #expect(file.shape(of: name) == expected.source.shape(of: name), "\(name)")
            #expect(
                try file.tensor(named: name, in: expected.workspace).values == expected[name].values,
                "\(name)")
        }
    }

    @Test func moreEntriesThanOneBatchOfThePicklerAreAllRead() throws {
        let file = try WeightFile.open(Fixture.path(bundle: .module, "torch_many.pt"))
        #expect(file.names.count == 1_001)
        let workspace = Workspace(threadCount: 1)
        #expect(try file.tensor(named: "t1000", in: workspace).values == [1_000])
    }

    @Test(
        arguments: ["torch_views.pt", "torch_views_legacy.pt", "element_types.safetensors"],
        ["x.pt", "x.safetensors", "x.zip", "x"])
    func theKindOfFileIsToldFromItsBytes(fixture: String, name: String) throws {
        let original = try Fixture.path(bundle: .module, fixture)
        let directory = try TemporaryDirectory()
        let renamed = try directory.write(bytes(of: original), to: name)
        #expect(try WeightFile.open(renamed).names == WeightFile.open(original).names)
    }

    @Test func torchScriptIsRefusedByName() throws {
        let path = try Fixture.path(bundle: .module, "torch_script.pt")
        #expect(throws: WeightsError.foreignFormat(file: path, .torchScript)) { try WeightFile.open(path) }
    }

    static let foreignFiles: [(ForeignFormat, [UInt8])] = [
        (.gitLFSPointer, Array("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n".utf8)),
        (.webPage, Array("\n<!DOCTYPE html><html><head>".utf8)),
        (.gguf, Array("GGUF".utf8) + [3, 0, 0, 0]),
        (.sevenZip, [0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C, 0, 4]),
        (.gzip, [0x1F, 0x8B, 8, 0]),
        (.tar, [UInt8](repeating: 0x61, count: 257) + Array("ustar".utf8)),
        (.otherZip, zipArchive([("hello.txt", [1, 2, 3])])),
        (.barePickle, [0x80, 2, 0x4E, 0x2E]),
        (.numpy, [0x93] + Array("NUMPY".utf8)),
        (.hdf5, [0x89] + Array("HDF\r\n".utf8)),
        (.unknown, Array("hello, this is a text file".utf8)),
        (.unknown, [1]),
    ]

    @Test(arguments: foreignFiles)
    func otherFormatsAreRefusedByName(format: ForeignFormat, bytes: [UInt8]) throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write(bytes, to: "model.ckpt")
        #expect(throws: WeightsError.foreignFormat(file: path, format)) { try WeightFile.open(path) }
    }

    @Test func aMissingFileAndAFolderAreNamed() throws {
        let directory = try TemporaryDirectory()
        let missing = directory.file("none")
        #expect(throws: WeightsError.cannotRead(file: missing, reason: "No such file or directory")) {
            try WeightFile.open(missing)
        }
        try directory.write([], to: "empty")
        #expect(throws: WeightsError.cannotRead(file: directory.file("empty"), reason: "it is empty")) {
            try WeightFile.open(directory.file("empty"))
        }
    }
}
