import Imaging
import Networks
import Tensors
import TestSupport
import Testing
import Weights

/// Against torchvision's ResNet-34, see `make_fairface_fixtures.py`.
struct FairFaceTests {
    @Test("Answers are PyTorch's; gender and age come from theirs, and the weights may stand below `module.`")
    func answers() throws {
        let fixture = try Fixture.load(bundle: .module, "fairface")
        let face = Image(
            width: 100, height: 112, channels: .rgb, pixels: try fixture.integers("face").map { UInt8($0) })
        func network(_ naming: GeneratedWeights.Naming) throws -> FairFace {
            try FairFace(GeneratedWeights("fairface", naming: naming).scope(in: fixture.workspace))
        }
        let logits = try network(.published).logits(of: face, in: fixture.workspace)
        // 36 convolutions with folded normalizations; 1e-4 of the range leaves room for other orders of summation.
        try expectRelative(
            Tensor(logits, shape: [18], in: fixture.workspace), fixture["answers"], maxError: 1e-4)
        let attributes = try network(.prefixed("module.")).attributes(of: face, in: fixture.workspace)
        try expectClose(
            attributes.genderProbabilities, fixture["gender"].values, absolute: 1e-4, relative: 0)
        try expectClose(attributes.ageProbabilities, fixture["age"].values, absolute: 1e-4, relative: 0)
    }
}

struct FaceAttributesTests {
    private func attributes(_ gender: FaceAttributes.Gender, ageBin: Int) -> FaceAttributes {
        FaceAttributes(
            genderProbabilities: gender == .male ? [0.6, 0.4] : [0.4, 0.6],
            ageProbabilities: (0..<9).map { $0 == ageBin ? 0.2 : 0.1 })
    }

    @Test("Men's prompts name a boy, a man of some age, or a mature man; none of the men shall be a child")
    func men() {
        let prefixes = [
            "a boy, children, ", "a boy, children, ", "a handsome man, 20-year-old, ",
            "a handsome man, 25-year-old, ", "a handsome man, 35-year-old, ", "a mature man, ",
            "a mature man, ", "a mature man, ", "a mature man, ",
        ]
        let men = (0..<9).map { attributes(.male, ageBin: $0) }
        #expect(men.map(\.promptPrefix) == prefixes)
        #expect(men.map(\.negativePromptSuffix) == ["", ""] + Array(repeating: ", children", count: 7))
    }

    @Test("Women's prompts name a girl, a woman or a mature woman")
    func women() {
        let prefixes = [
            "a girl, children, ", "a girl, children, ", "a beautiful woman, ", "a beautiful woman, ",
            "a beautiful woman, ", "a mature woman, ", "a mature woman, ", "a mature woman, ",
            "a mature woman, ",
        ]
        let women = (0..<9).map { attributes(.female, ageBin: $0) }
        #expect(women.map(\.promptPrefix) == prefixes)
        #expect(women.allSatisfy { $0.negativePromptSuffix.isEmpty })
    }

    @Test("Of equally likely answers the first one counts")
    func ties() {
        let attributes = FaceAttributes(
            genderProbabilities: [0.5, 0.5], ageProbabilities: Array(repeating: 1 / 9, count: 9))
        #expect(attributes.gender == .male && attributes.age == .to2)
    }
}
