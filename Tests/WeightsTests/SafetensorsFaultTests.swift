import Tensors
import TestSupport
import Testing
import Weights

/// One case per rule of the format: a file that breaks it and the fault that names it.
@Suite struct SafetensorsFaultTests {
    struct Case: CustomTestStringConvertible {
        var testDescription: String
        var bytes: [UInt8]
        var fault: SafetensorsFault

        init(_ description: String, _ bytes: [UInt8], _ fault: SafetensorsFault) {
            testDescription = description
            self.bytes = bytes
            self.fault = fault
        }
    }

    static func entry(_ name: String, _ type: String, _ shape: String, _ begin: Int, _ end: Int) -> String {
        #""\#(name)":{"dtype":"\#(type)","shape":\#(shape),"data_offsets":[\#(begin),\#(end)]}"#
    }

    static func malformed(_ offset: Int, _ expected: String) -> SafetensorsFault {
        .malformedHeader(JSONFault(offset: offset, expected: expected))
    }

    static let containerCases: [Case] = [
        Case("seven bytes", [UInt8](repeating: 1, count: 7), .tooShort(byteCount: 7)),
        Case("header beyond 2^63", [UInt8](repeating: 0xFF, count: 9), .headerTooLong(.max)),
        Case(
            "header above the limit", [1, 0xE1, 0xF5, 5, 0, 0, 0, 0, 0x7B], .headerTooLong(100_000_001)),
        Case(
            "header beyond the file", [3, 0, 0, 0, 0, 0, 0, 0, 0x7B, 0x7D],
            .headerBeyondFile(header: 3, file: 10)),
        Case("header not UTF-8", [3, 0, 0, 0, 0, 0, 0, 0, 0x7B, 0xFF, 0x7D], .headerNotUTF8),
        Case(
            "truncated data", safetensors("{\(entry("a", "F32", "[2]", 0, 8))}", data: [1, 2, 3]),
            .truncated(missing: 5)),
        Case(
            "trailing data", safetensors("{\(entry("a", "U8", "[2]", 0, 2))}", data: [1, 2, 3]),
            .trailingBytes(count: 1)),
    ]

    static let headerCases: [Case] = [
        Case("empty header", safetensors(""), malformed(0, "'{'")),
        Case("leading space", safetensors(" {}"), malformed(0, "'{'")),
        Case("an array", safetensors("[]"), malformed(0, "'{'")),
        Case("text behind", safetensors("{}{}"), malformed(2, "nothing after the closing brace")),
        Case("unclosed", safetensors(#"{"a""#), malformed(4, "':'")),
        Case("trailing comma", safetensors(#"{"__metadata__":{},}"#), malformed(19, "a string")),
        Case("metadata not strings", safetensors(#"{"__metadata__":{"a":1}}"#), malformed(21, "a string")),
        Case(
            "duplicate metadata", safetensors(#"{"__metadata__":{},"__metadata__":{}}"#),
            .duplicateName("__metadata__")),
        Case("duplicate pair", safetensors(#"{"__metadata__":{"k":"1","k":"2"}}"#), .duplicateName("k")),
        Case(
            "duplicate tensor",
            safetensors("{\(entry("a", "U8", "[1]", 0, 1)),\(entry("a", "U8", "[1]", 1, 2))}", data: [1, 2]),
            .duplicateName("a")),
        Case(
            "duplicate by escape",
            safetensors(
                "{\(entry("a", "U8", "[1]", 0, 1)),\(entry(#"\u0061"#, "U8", "[1]", 1, 2))}", data: [1, 2]),
            .duplicateName("a")),
        Case(
            "duplicate member",
            safetensors(#"{"a":{"dtype":"U8","dtype":"U8","shape":[],"data_offsets":[0,1]}}"#),
            .duplicateName("a/dtype")),
        Case(
            "missing member", safetensors(#"{"a":{"dtype":"U8","shape":[]}}"#),
            malformed(30, "dtype, shape and two data_offsets for \"a\"")),
        Case(
            "three offsets", safetensors(#"{"a":{"dtype":"U8","shape":[],"data_offsets":[0,1,2]}}"#),
            malformed(53, "dtype, shape and two data_offsets for \"a\"")),
        Case(
            "long name", safetensors("{\"\(String(repeating: "a", count: 1_025))\":{}}"),
            .nameTooLong(1_025)),
        Case(
            "unknown type", safetensors("{\(entry("a", "F33", "[]", 0, 1))}"),
            .unknownElementType(tensor: "a", type: "F33")),
        Case(
            "fraction", safetensors("{\(entry("a", "U8", "[1.0]", 0, 1))}"), malformed(28, "a whole number")),
        Case(
            "exponent", safetensors("{\(entry("a", "U8", "[1e0]", 0, 1))}"), malformed(28, "a whole number")),
        Case("negative", safetensors("{\(entry("a", "U8", "[-1]", 0, 1))}"), malformed(28, "a whole number")),
        Case(
            "leading zero", safetensors("{\(entry("a", "U8", "[01]", 0, 1))}"),
            malformed(28, "a whole number")),
        Case(
            "2^63", safetensors("{\(entry("a", "U8", "[9223372036854775808]", 0, 1))}"),
            malformed(28, "a number below 2^63")),
        Case(
            "deep nesting",
            safetensors("{\"a\":{\"extra\":\(String(repeating: "[", count: 500))"),
            malformed(142, "less deeply nested values")),
        Case("lone surrogate", safetensors(#"{"\ud800":1}"#), malformed(2, "a pair of surrogates")),
        Case(
            "raw newline in name", safetensors("{\"a\nb\":1}"),
            malformed(3, "no control character inside a string")),
    ]

    static let layoutCases: [Case] = [
        Case(
            "hole", safetensors("{\(entry("a", "U8", "[1]", 1, 2))}", data: [1, 2]),
            .offsetsOutOfPlace(tensor: "a", begin: 1, end: 2, expectedBegin: 0)),
        Case(
            "overlap",
            safetensors(
                "{\(entry("a", "U8", "[2]", 0, 2)),\(entry("b", "U8", "[2]", 1, 3))}", data: [1, 2, 3]),
            .offsetsOutOfPlace(tensor: "b", begin: 1, end: 3, expectedBegin: 2)),
        Case(
            "backwards",
            safetensors("{\(entry("a", "U8", "[1]", 0, 1)),\(entry("b", "U8", "[1]", 1, 0))}", data: [1]),
            .offsetsOutOfPlace(tensor: "b", begin: 1, end: 0, expectedBegin: 1)),
        Case(
            "shape overflow", safetensors("{\(entry("a", "U8", "[4294967296,4294967296]", 0, 0))}"),
            .sizeOverflow(tensor: "a", shape: [1 << 32, 1 << 32])),
        Case(
            "shape overflow behind a zero",
            safetensors("{\(entry("a", "U8", "[0,4294967296,4294967296]", 0, 0))}"),
            .sizeOverflow(tensor: "a", shape: [0, 1 << 32, 1 << 32])),
        Case(
            "bit overflow", safetensors("{\(entry("a", "F64", "[2305843009213693952]", 0, 0))}"),
            .sizeOverflow(tensor: "a", shape: [1 << 61])),
        Case(
            "half a byte", safetensors("{\(entry("a", "F4", "[3]", 0, 2))}", data: [1, 2]),
            .partialByte(tensor: "a", bits: 12)),
        Case(
            "wrong length",
            safetensors("{\(entry("a", "F32", "[2]", 0, 7))}", data: [UInt8](repeating: 0, count: 7)),
            .lengthMismatch(tensor: "a", expected: 8, found: 7)),
    ]

    @Test(arguments: containerCases + headerCases + layoutCases)
    func everyBrokenRuleIsNamed(_ example: Case) throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write(example.bytes, to: "broken.safetensors")
        #expect(throws: WeightsError.safetensors(file: path, example.fault)) {
            try SafetensorsFile(path: path)
        }
        #expect(!example.fault.description.isEmpty)
    }

    @Test func tooManyTensorsAreRefusedBeforeTheyFillTheMemory() throws {
        let directory = try TemporaryDirectory()
        let entries = (0...100_000).map { Self.entry("\($0)", "U8", "[0]", 0, 0) }.joined(separator: ",")
        let path = try directory.write(safetensors("{\(entries)}"), to: "many.safetensors")
        #expect(throws: WeightsError.safetensors(file: path, .tooManyTensors)) {
            try SafetensorsFile(path: path)
        }
    }

    @Test(arguments: [
        "{}", "{ }  ", #"{"__metadata__":{}}"#,
        #"{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0],"x":[1.5e3,{"y":null}]}}"#,
    ])
    func unusualButValidHeadersAreAccepted(header: String) throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write(safetensors(header), to: "valid.safetensors")
        #expect(throws: Never.self) { try SafetensorsFile(path: path) }
    }

    @Test func entriesInAnyOrderAreAccepted() throws {
        let directory = try TemporaryDirectory()
        let header = "{\(Self.entry("b", "U8", "[1]", 1, 2)),\(Self.entry("a", "U8", "[1]", 0, 1))}"
        let file = try SafetensorsFile(
            path: directory.write(safetensors(header, data: [3, 4]), to: "any.safetensors"))
        let workspace = Workspace(threadCount: 1)
        #expect(try file.tensor(named: "a", in: workspace).values == [3])
        #expect(try file.tensor(named: "b", in: workspace).values == [4])
    }
}
