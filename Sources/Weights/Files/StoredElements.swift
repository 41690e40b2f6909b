import Tensors

/// Elements as they lie, contiguous, in a mapped file.
struct StoredElements {
    var bytes: UnsafeRawBufferPointer
    var type: ElementType
    /// Keeps `bytes` valid.
    var owner: MappedFile
}

extension WeightSource {
    /// A tensor of contiguous elements: borrowed from the file where that is possible, else widened.
    func denseTensor(
        _ elements: StoredElements, shape: [Int], name: String, in workspace: Workspace
    ) throws -> Tensor {
        if elements.type == .float32, let start = elements.bytes.baseAddress, elements.bytes.count > 0,
            Int(bitPattern: start).isMultiple(of: MemoryLayout<Float>.alignment)
        {
            return Tensor(
                borrowing: start.assumingMemoryBound(to: Float.self), shape: shape, owner: elements.owner,
                in: workspace)
        }
        return try widenedTensor(elements.bytes, of: elements.type, shape: shape, name: name, in: workspace)
    }

    /// A new tensor of contiguous elements, widened to 32-bit floats.
    func widenedTensor(
        _ bytes: UnsafeRawBufferPointer, of type: ElementType, shape: [Int], name: String,
        in workspace: Workspace
    ) throws -> Tensor {
        try Tensor(shape: shape, in: workspace) { values in
            guard widen(bytes, of: type, to: values) else {
                throw WeightsError.unsupportedElementType(origin: origin, name: name, type: type.rawValue)
            }
        }
    }
}
