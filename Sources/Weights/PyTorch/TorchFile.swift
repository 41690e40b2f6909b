import Tensors

/// A file that `torch.save` wrote, in either of its two forms, mapped into memory.
///
/// Its pickle is read as a description and never executed. Views of any stride are honoured.
public final class TorchFile: WeightSource {
    private let file: MappedFile
    private let tensors: [String: TensorView]
    /// Where each storage's bytes lie in the file, by its key.
    private let storages: [String: Range<Int>]

    /// The names of all tensors, sorted.
    public let names: [String]

    /// The form that PyTorch has written since version 1.6: a ZIP archive.
    static func zip(_ file: MappedFile) throws -> TorchFile {
        try TorchFile(file) { try TorchZipContainer($0).contents }
    }

    /// The form that PyTorch wrote before version 1.6: pickles back to back, then raw storages.
    static func legacy(_ file: MappedFile) throws -> TorchFile {
        try TorchFile(file) { try TorchLegacyContainer($0).contents }
    }

    private init(_ file: MappedFile, _ read: (UnsafeRawBufferPointer) throws -> TorchContents) throws {
        self.file = file
        do {
            let contents = try read(file.bytes)
            tensors = contents.tensors
            storages = contents.storages
            names = tensors.keys.sorted()
            for name in names { try checkStorage(of: name) }
        } catch let fault as ZipFault {
            throw WeightsError.zip(file: file.path, fault)
        } catch let fault as PickleFault {
            throw WeightsError.pickle(file: file.path, fault)
        } catch let fault as StateDictionaryFault {
            throw WeightsError.noWeights(file: file.path, fault)
        } catch let fault as TorchFault {
            throw WeightsError.torch(file: file.path, fault)
        } catch let format as ForeignFormat {
            throw WeightsError.foreignFormat(file: file.path, format)
        }
    }

    /// The file's path.
    public var origin: String { file.path }

    /// The shape of a tensor; `nil` if there is no such tensor.
    public func shape(of name: String) -> [Int]? { tensors[name]?.shape }

    /// Gives back the pages of the mapped file.
    public func releasePages() { file.releasePages() }

    /// Reads one tensor, gathered into row-major order and widened to 32-bit floats.
    public func tensor(named name: String, in workspace: Workspace) throws -> Tensor {
        guard let view = tensors[name], let storage = storages[view.storage.key] else {
            throw WeightsError.missingTensor(origin: origin, name: name)
        }
        let size = view.type.bitCount / 8
        let bytes = UnsafeRawBufferPointer(rebasing: file.bytes[storage])
        let count = view.shape.reduce(1, *)
        if view.isContiguous {
            let start = count == 0 ? 0 : view.offset * size
            let run = UnsafeRawBufferPointer(rebasing: bytes[start..<start + count * size])
            return try denseTensor(
                StoredElements(bytes: run, type: view.type, owner: file), shape: view.shape, name: name,
                in: workspace)
        }
        let gathered = UnsafeMutableRawBufferPointer.allocate(byteCount: count * size, alignment: 8)
        defer { gathered.deallocate() }
        gather(view, from: bytes, to: gathered)
        return try widenedTensor(
            UnsafeRawBufferPointer(gathered), of: view.type, shape: view.shape, name: name, in: workspace)
    }

    /// The storage of a tensor must be present and large enough for every view that the pickle describes.
    private func checkStorage(of name: String) throws {
        guard let view = tensors[name] else { return }
        guard let range = storages[view.storage.key], let needed = view.storageByteCount else {
            throw TorchFault.missingStorage(tensor: name)
        }
        guard range.count >= needed else {
            throw TorchFault.shortStorage(tensor: name, expected: needed, found: range.count)
        }
    }
}

/// What a container yields: tensors and where the storages lie that they are views of.
struct TorchContents {
    var tensors: [String: TensorView]
    var storages: [String: Range<Int>]
}

/// Copies the elements of a view, in row-major order of its shape, to contiguous memory.
private func gather(
    _ view: TensorView, from storage: UnsafeRawBufferPointer, to destination: UnsafeMutableRawBufferPointer
) {
    let size = view.type.bitCount / 8
    guard let innerCount = view.shape.last, let innerStride = view.strides.last else { return }
    var position = [Int](repeating: 0, count: view.shape.count - 1)
    for start in stride(from: 0, to: destination.count, by: innerCount * size) {
        let row = zip(position, view.strides).reduce(view.offset) { $0 + $1.0 * $1.1 }
        let target = UnsafeMutableRawBufferPointer(rebasing: destination[start..<start + innerCount * size])
        switch size {
        case 1: copy(UInt8.self, innerCount, from: storage, at: row, stride: innerStride, to: target)
        case 2: copy(UInt16.self, innerCount, from: storage, at: row, stride: innerStride, to: target)
        case 4: copy(UInt32.self, innerCount, from: storage, at: row, stride: innerStride, to: target)
        default: copy(UInt64.self, innerCount, from: storage, at: row, stride: innerStride, to: target)
        }
        // Step the position like an odometer.
        for axis in position.indices.reversed() {
            position[axis] += 1
            if position[axis] < view.shape[axis] { break }
            position[axis] = 0
        }
    }
}

private func copy<Element: BitwiseCopyable>(
    _ type: Element.Type, _ count: Int, from storage: UnsafeRawBufferPointer, at start: Int, stride: Int,
    to destination: UnsafeMutableRawBufferPointer
) {
    let size = MemoryLayout<Element>.size
    for index in 0..<count {
        let element = storage.loadUnaligned(fromByteOffset: (start + index * stride) * size, as: type)
        destination.storeBytes(of: element, toByteOffset: index * size, as: type)
    }
}
