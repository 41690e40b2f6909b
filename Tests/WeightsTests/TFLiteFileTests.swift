import Foundation
import Tensors
import TestSupport
import Testing
import Weights

/// The smallest shipped graph, whole and damaged: a damaged file must either be refused with an error or give a graph
/// and constants, but never crash.
@Suite struct TFLiteFileTests {
    private static let path = URL(fileURLWithPath: #filePath).appending(
        path: "../../../Models/perception/mediapipe/face_detection_short_range.tflite"
    ).standardized.path

    private let bytes: [UInt8]
    private let directory: TemporaryDirectory
    private let workspace = Workspace(threadCount: 1)

    init() throws {
        bytes = Array(try Data(contentsOf: URL(fileURLWithPath: Self.path)))
        directory = try TemporaryDirectory()
    }

    /// How many constants a file holds; `nil` if it was refused.
    private func constantCount(_ bytes: [UInt8]) throws -> Int? {
        do {
            let file = try TFLiteFile(path: directory.write(bytes, to: "damaged.tflite"))
            return try file.tensors.indices.count { index in
                guard file.tensors[index].isConstant else { return false }
                return try file.integers(index) != nil
                    || file.floats(index, in: workspace).shape == file.tensors[index].shape
            }
        } catch let error as WeightsError {
            #expect(!error.description.isEmpty)
            return nil
        }
    }

    private func fault(_ bytes: [UInt8]) -> TFLiteFault? {
        do {
            _ = try TFLiteFile(path: directory.write(bytes, to: "damaged.tflite"))
        } catch WeightsError.tflite(_, let fault) {
            return fault
        } catch {
            Issue.record("\(error)")
        }
        return nil
    }

    @Test func theGraphIsRead() throws {
        let file = try TFLiteFile(path: Self.path)
        #expect(file.inputs.map { file.tensors[$0].shape } == [[1, 128, 128, 3]])
        #expect(file.outputs.map { file.tensors[$0].shape } == [[1, 896, 16], [1, 896, 1]])
        #expect(file.outputs.map { file.tensors[$0].name } == ["regressors", "classificators"])
        #expect(file.operators.count { $0.name == "DEPTHWISE_CONV_2D" } == 16)
        #expect(file.operators.first?.operation == .dequantize)
        #expect(
            file.operators.contains {
                $0.operation == .convolution(.init(isPadded: true, stride: 2), .none)
            })
    }

    @Test func constantsAreWidened() throws {
        let file = try TFLiteFile(path: Self.path)
        let halves = file.tensors.indices.filter { file.tensors[$0].element == .float16 }
        #expect(halves.count == 74)
        for index in halves {
            let values = try file.floats(index, in: workspace).values
            #expect(values.allSatisfy { Float(Float16($0)) == $0 })
            // Some biases are zero throughout; no weight is.
            #expect(file.tensors[index].shape.count == 1 || values.contains { $0 != 0 })
        }
        #expect(try constantCount(bytes) ?? 0 > 74)
    }

    @Test func everyTruncationIsRefused() throws {
        for length in Array(0..<64) + Array(stride(from: 64, to: bytes.count, by: 2_503)) {
            #expect(try constantCount(Array(bytes[..<length])) == nil, "\(length) bytes")
        }
    }

    @Test func everyChangedByteGivesAGraphOrAnError() throws {
        // Weights are most of the file, and any byte is a weight; tables and lists lie between them.
        for index in Array(stride(from: 0, to: 512, by: 3))
            + Array(stride(from: 512, to: bytes.count, by: 701))
        {
            for value in [0x00, 0xFF, bytes[index] ^ 4] where value != bytes[index] {
                var damaged = bytes
                damaged[index] = value
                _ = try constantCount(damaged)
            }
        }
    }

    @Test func otherFilesAreNamedSo() throws {
        #expect(fault(Array("TFL3".utf8)) == .tooShort(byteCount: 4))
        var other = bytes
        other[7] = UInt8(ascii: "2")
        #expect(fault(other) == .wrongIdentifier)
    }

    @Test func offsetsOutsideTheFileAreRefused() throws {
        for offset in [UInt32(bytes.count), .max, 0x7FFF_FFFF, UInt32(bytes.count - 2)] {
            var damaged = bytes
            damaged.replaceSubrange(0..<4, with: littleEndian(offset))
            #expect(fault(damaged) == .outsideFile(part: "model", offset: Int(offset)))
        }
        // The model's own vtable, and the root that points at itself.
        let root = Int(bytes[0]) | Int(bytes[1]) << 8 | Int(bytes[2]) << 16
        for distance in [Int32.min, .max, 0, Int32(root) + 1] {
            var damaged = bytes
            damaged.replaceSubrange(root..<root + 4, with: littleEndian(distance))
            #expect(fault(damaged) != nil, "\(distance)")
        }
        var looped = bytes
        looped.replaceSubrange(0..<4, with: littleEndian(UInt32(0)))
        #expect(fault(looped) != nil)
    }

    @Test func sentencesSayWhatIsWrongAndWhere() {
        func sentence(_ fault: TFLiteFault) -> String {
            WeightsError.tflite(file: "a.tflite", fault).description
        }
        #expect(
            sentence(.outsideFile(part: "tensors", offset: 12))
                == "a.tflite is not a TFLite model that can be run "
                + "here: the part \"tensors\", expected at byte 12, does not lie inside the file. "
                + "The download probably stopped early: fetch it again.")
        #expect(
            sentence(.unknownOperator("SOFTMAX"))
                == "a.tflite is not a TFLite model that can be run here: it needs the operator \"SOFTMAX\", "
                + "which is not known here.")
        #expect(
            sentence(
                .operation(index: 7, name: "CONV_2D", reason: "its dilation is 2, and only 1 is supported"))
                == "a.tflite is not a TFLite model that can be run here: operator 7 (CONV_2D) cannot be computed: "
                + "its dilation is 2, and only 1 is supported.")
    }
}
