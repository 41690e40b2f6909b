import Foundation
import Tensors
import Weights

/// Keeps every stage's tensors under fixed names, so that anyone can compare them with another implementation.
///
/// Names and layouts are those of the reference's tensors (PyTorch's channels-first): `face.aligned` [n, 3, 112, 112],
/// `face.heads` (what is encoded, where everything but heads is black) of the same shape, `face.tokens` [n, T, D], `face.embeds` and `face.embeds.uncond` [1, 16n, C], `text.cond` and `text.uncond`
/// [1, 77, C], `pose.1` … (a ControlNet's picture) [1, 3, H, W], `latents.0` … `latents.N` [1, 4, h, w], `image` [3, H, W] in 0…1.
struct PortraitTrace {
    private let file: URL?
    private var tensors: [String: Tensor] = [:]

    /// A trace for that file; `nil` keeps nothing.
    init(file: URL?) {
        self.file = file
    }

    /// Keeps a sequence as it is.
    mutating func record(_ name: String, _ tensor: Tensor) {
        guard file != nil else { return }
        tensors[name] = tensor
    }

    /// Keeps images [batch, height, width, channels] as [batch, channels, height, width].
    mutating func record(_ name: String, images: Tensor) {
        guard file != nil else { return }
        tensors[name] = images.transposed([0, 3, 1, 2])
    }

    /// Keeps a picture [1, height, width, 3] of -1…1 as [3, height, width] of 0…1.
    mutating func record(_ name: String, picture: Tensor) {
        guard file != nil else { return }
        let unit = Tensor(shape: picture.shape, in: picture.workspace) { buffer in
            picture.withUnsafeBuffer { values in
                for index in values.indices { buffer[index] = min(max(values[index] / 2 + 0.5, 0), 1) }
            }
        }
        tensors[name] = unit.transposed([0, 3, 1, 2]).reshaped([3, picture.shape[1], picture.shape[2]])
    }

    /// Writes the file, whole or not at all, and forgets the tensors.
    mutating func write() throws {
        guard let file else { return }
        try SafetensorsWriter.write(tensors, to: file.path)
        tensors = [:]
    }
}
