import Tensors
import Weights

/// One operator of a TensorFlow Lite graph, with its constants and all shapes known and checked.
protocol TFLiteLayer: Sendable {
    /// How many of the operator's inputs are values to compute with, from the first on; the others are parameters.
    var operandCount: Int { get }

    /// The shape of the result.
    var outputShape: [Int] { get }

    /// - Parameter operands: `operandCount` tensors of the shapes that the layer was built for.
    func callAsFunction(_ operands: [Tensor]) -> Tensor
}

extension TFLiteLayer {
    var operandCount: Int { 1 }
}

extension TFLiteCall {
    /// The layer that computes this operator.
    ///
    /// - Throws: `WeightsError` if a shape, an option or a parameter is not one that the layer can compute with.
    func layer() throws -> any TFLiteLayer {
        switch definition.operation {
        case .add(let activation): try TFLiteCombination(self, .sum, activation)
        case .averagePool(let window, let height, let width, let activation):
            try TFLitePool(self, .average, window, height: height, width: width, activation)
        case .concatenation(let axis): try TFLiteConcatenation(self, axis: axis)
        case .convolution(let window, let activation): try TFLiteConvolution(self, window, activation)
        case .densify, .dequantize: try TFLiteWidening(self)
        case .depthToSpace(let block): try TFLiteDepthToSpace(self, block: block)
        case .depthwiseConvolution(let window, let activation):
            try TFLiteDepthwiseConvolution(self, window, activation)
        case .hardSwish: try TFLiteElementwise(self, .hardSwish)
        case .logistic: try TFLiteElementwise(self, .logistic)
        case .maxPool(let window, let height, let width, let activation):
            try TFLitePool(self, .maximum, window, height: height, width: width, activation)
        case .mean: try TFLiteMean(self)
        case .multiply(let activation): try TFLiteCombination(self, .product, activation)
        case .pad: try TFLitePad(self)
        case .prelu: try TFLitePReLU(self)
        case .relu: try TFLiteElementwise(self, .relu)
        case .reshape: try TFLiteReshape(self)
        case .resizeBilinear(let alignsCorners, let hasHalfPixelCenters):
            try TFLiteBilinearResize(
                self, alignsCorners: alignsCorners, hasHalfPixelCenters: hasHalfPixelCenters)
        case .transposedConvolution(let window): try TFLiteTransposedConvolution(self, window)
        }
    }
}

extension TFLiteOperation.Activation {
    func callAsFunction(_ x: consuming Tensor) -> Tensor {
        switch self {
        case .none: x
        case .relu: Tensors.relu(x)
        case .relu6: Tensors.relu6(x)
        }
    }
}
