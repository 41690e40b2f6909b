import Tensors
import TestSupport
import Testing
import Weights

@Suite struct SafetensorsTests {
    @Test(arguments: [
        "F64", "F32", "F16", "BF16", "F8_E4M3", "F8_E5M2", "I64", "I32", "I16", "I8", "U8", "U16", "U32",
        "U64",
        "BOOL", "I64.negative", "I32.negative", "I16.negative", "I8.negative", "every_half", "every_e4m3",
        "every_e5m2",
    ])
    func elementsWidenToTheFloatsThatPyTorchGives(type: String) throws {
        let fixture = try Fixture.load(bundle: .module, "element_types")
        let found = try fixture[type].values
        let expected = try fixture["\(type).expected"].values
        #expect(found.count == expected.count && !found.isEmpty)
        for (index, (found, expected)) in zip(found, expected).enumerated() {
            // Bits, so that the sign of zero counts; a NaN may have any payload.
            #expect(
                found.bitPattern == expected.bitPattern || found.isNaN && expected.isNaN, "element \(index)")
        }
    }

    @Test func shapesAreThoseOfTheFile() throws {
        let source = try Fixture.load(bundle: .module, "element_types").source
        #expect(source.shape(of: "matrix") == [2, 3])
        #expect(source.shape(of: "scalar") == [])
        #expect(source.shape(of: "empty") == [3, 0, 2])
        #expect(source.shape(of: "absent") == nil)
        #expect(source.names == source.names.sorted())
        #expect(source.metadata == ["format": "pt", "quote": "a \"b\" \\ é 😀"])
    }

    @Test func valuesAreInRowMajorOrder() throws {
        let fixture = try Fixture.load(bundle: .module, "element_types")
        #expect(try fixture["matrix"].values == [0, 1, 2, 3, 4, 5])
        #expect(try fixture["scalar"].values == [0.25])
        #expect(try fixture["empty"].values == [])
    }

    @Test func integersKeepAllTheirBits() throws {
        let directory = try TemporaryDirectory()
        let bytes = safetensors(
            #"{"n":{"dtype":"I64","shape":[2],"data_offsets":[0,16]}}"#,
            data: [1, 0, 0, 0, 0, 0, 0, 0x80] + [UInt8](repeating: 0xFF, count: 8))
        let file = try SafetensorsFile(path: directory.write(bytes, to: "integers.safetensors"))
        #expect(try file.integers(named: "n") == [Int64.min + 1, -1])
    }

    @Test func integersAreNotReadFromFloats() throws {
        let fixture = try Fixture.load(bundle: .module, "element_types")
        #expect(throws: WeightsError.self) { try fixture.integers("F32") }
    }

    @Test func misalignedFloatsAreCopied() throws {
        let directory = try TemporaryDirectory()
        let header =
            #"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"#
            + #""b":{"dtype":"F32","shape":[2],"data_offsets":[1,9]}}"#
        let bytes = safetensors(header, data: [7, 0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0])
        let file = try SafetensorsFile(path: directory.write(bytes, to: "odd.safetensors"))
        let workspace = Workspace(threadCount: 1)
        #expect(try file.tensor(named: "b", in: workspace).values == [1, -2])
    }

    @Test func aBorrowedTensorOutlivesTheFileObject() throws {
        let workspace = Workspace(threadCount: 1)
        let tensor = try Fixture.load(bundle: .module, "element_types", in: workspace)["matrix"]
        #expect(tensor.values == [0, 1, 2, 3, 4, 5])
    }

    @Test func writtenFilesAreReadBackExactly() throws {
        let directory = try TemporaryDirectory()
        let workspace = Workspace(threadCount: 1)
        let path = directory.file("written.safetensors")
        let weird = "quote \" backslash \\ newline \n é"
        try SafetensorsWriter.write(
            [
                "b": Tensor([1, -2, .infinity], shape: [1, 3], in: workspace),
                "a": Tensor([0.5], shape: [], in: workspace),
                weird: Tensor.zeros([2, 0], in: workspace),
            ],
            metadata: ["note": weird], to: path)
        let file = try SafetensorsFile(path: path)
        #expect(Set(file.names) == ["a", "b", weird])
        #expect(file.shape(of: "b") == [1, 3])
        #expect(file.shape(of: weird) == [2, 0])
        #expect(try file.tensor(named: "b", in: workspace).values == [1, -2, .infinity])
        #expect(try file.tensor(named: "a", in: workspace).values == [0.5])
        #expect(file.metadata == ["note": weird])
        #expect(try directory.contents == ["written.safetensors"])
    }

    @Test func aFileThatCannotBeWrittenLeavesNothingBehind() throws {
        let directory = try TemporaryDirectory()
        try directory.write([1], to: "taken/inside")
        #expect(throws: WeightsError.self) {
            try SafetensorsWriter.write([:], to: directory.file("taken"))
        }
        #expect(try directory.contents == ["taken"])
    }
}

/// A safetensors file with the given header text and data.
func safetensors(_ header: String, data: [UInt8] = []) -> [UInt8] {
    withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian, Array.init) + Array(header.utf8) + data
}
