import Imaging
import Tensors
import Weights

/// Tells a person's age and gender from the face, as words for a prompt need them.
///
/// Karkkainen & Joo: "FairFace: Face Attribute Dataset for Balanced Race, Gender, and Age for Bias Measurement and
/// Mitigation", WACV 2021, arXiv:1908.04913: a ResNet-34 with 18 answers. Its seven answers about race are never read.
public struct FairFace: Sendable {
    private static let inputSide = 224
    private static let answerCount = 18
    private static let genderAnswers = 7..<9
    private static let ageAnswers = 9..<18

    private let network: ResNet
    private let classifier: Linear

    /// - Parameter scope: the root of `res34_fair_align_multi_7_20190809.pt`, with or without the prefix `module.`; also
    ///   of ModelScope's `damo/cv_resnet34_face-attribute-recognition_fairface`.
    /// - Throws: `WeightsError` if a tensor is missing, left over or of the wrong shape.
    public init(_ scope: WeightScope) throws {
        let scope = scope.withoutDataParallelPrefix(of: "conv1")
        network = try ResNet(scope, .resNet34)
        classifier = try Linear(scope.scope("fc"), inputs: 512, outputs: Self.answerCount)
        try scope.finish(ignoring: scope.batchCounters)
    }

    /// Judges one face.
    ///
    /// - Parameter face: the face alone, upright; ModelScope gives the 112 x 112 pixels aligned for ArcFace. Any size: it
    ///   is resized to 224 x 224.
    /// - Throws: `CancellationError` if the workspace was cancelled.
    public func attributes(of face: Image, in workspace: Workspace) throws -> FaceAttributes {
        let logits = try logits(of: face, in: workspace)
        func probabilities(_ answers: Range<Int>) -> [Float] {
            softmax(Tensor(Array(logits[answers]), shape: [answers.count], in: workspace)).values
        }
        return FaceAttributes(
            genderProbabilities: probabilities(Self.genderAnswers),
            ageProbabilities: probabilities(Self.ageAnswers))
    }

    /// The network's 18 answers before softmax.
    package func logits(of face: Image, in workspace: Workspace) throws -> [Float] {
        let input = face.resized(width: Self.inputSide, height: Self.inputSide, filter: .bilinear)
            .tensor(range: .unit, in: workspace)
        // ImageNet's means and deviations of red, green and blue.
        let means = Tensor([0.485, 0.456, 0.406], shape: [3], in: workspace)
        let scales = Tensor([1 / 0.229, 1 / 0.224, 1 / 0.225], shape: [3], in: workspace)
        let features = try network((input - means) * scales)[3]
        let mean = averagePool2D(
            features, height: features.shape[1], width: features.shape[2], stride: 1, padding: .none)
        return classifier(mean).values
    }
}
