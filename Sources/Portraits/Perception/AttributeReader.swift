import Foundation
import Imaging
import Networks
import Tensors
import Weights

/// Reads age and gender from a face by FairFace, where the user has its weights; nothing is shipped for that.
struct AttributeReader {
    static let title = "FairFace"

    /// The name that the published file has, and plain ones.
    static let fileNames = ["res34_fair_align_multi_7_20190809.pt", "fairface.pt", "fairface.safetensors"]

    private let network: FairFace
    private let workspace: Workspace

    /// - Throws: `WeightsError` if the file cannot be read or is another network.
    init(file: URL, in workspace: Workspace) throws {
        network = try FairFace(WeightScope(WeightFile.open(file.path), in: workspace))
        self.workspace = workspace
    }

    /// The weights in the user's folder of perception models.
    static func file(in folder: URL) -> URL? {
        fileNames.map { folder.appendingPathComponent($0) }
            .first { FileManager.default.fileExists(atPath: $0.path) }
    }

    /// What the prompt says of a person.
    ///
    /// - Parameter face: aligned, [1, 112, 112, 3] in -1…1.
    /// - Throws: `CancellationError`.
    func words(for face: Tensor) throws -> PersonWords {
        let picture = try Image(face, range: .signedUnit)
        return PersonWords(try network.attributes(of: picture, in: workspace), reader: Self.title)
    }
}
