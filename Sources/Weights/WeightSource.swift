import Tensors

/// Named tensors to build a network from: one file, a folder of files, or another source seen through a key
/// map.
///
/// Values always come out as 32-bit floats, whatever the file stores.
public protocol WeightSource: Sendable {
    /// What to call this source in a message to the user: a path, or a path and a part of it.
    var origin: String { get }

    /// The names of all tensors, sorted.
    var names: [String] { get }

    /// The shape of a tensor, outermost axis first and `[]` for a scalar; `nil` if there is no such tensor.
    func shape(of name: String) -> [Int]?

    /// Reads one tensor, widened to 32-bit floats.
    ///
    /// - Throws: ``WeightsError`` if there is no such tensor or its element type has no 32-bit float value.
    func tensor(named name: String, in workspace: Workspace) throws -> Tensor

    /// Gives back the memory in which the system keeps what was read of the files.
    ///
    /// Tensors stay valid: those that were used where they lie are read again when they are needed.
    func releasePages()
}
