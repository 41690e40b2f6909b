"""Makes Fixtures/tflite.safetensors: what TensorFlow Lite's own runtime computes with the six shipped graphs.

Needs numpy, pillow, scikit-image (for NASA's public-domain portrait), safetensors and ai-edge-litert.

    python3 Tests/NetworksTests/make_tflite_fixtures.py        (written with ai-edge-litert 2.3.0)

The input of a graph of side s is the photo of 128 x 128 pixels, of which it takes pixel (128 y // s, 128 x // s) at
(y, x), scaled to the graph's range of values. Of each output every (count // 2000)th element is kept.
"""

from pathlib import Path

import numpy as np
import skimage.data
from ai_edge_litert.interpreter import Interpreter
from PIL import Image
from safetensors.numpy import save_file

HERE = Path(__file__).parent
MODELS = HERE / "../../Models/perception/mediapipe"

# Those marked take -1...1, the others 0...1.
SIGNED = {"face_detection_full_range_sparse", "face_detection_short_range", "pose_detection"}


def main() -> None:
    portrait = Image.fromarray(skimage.data.astronaut()).crop((60, 0, 380, 320))
    photo = np.asarray(portrait.resize((128, 128), Image.LANCZOS))
    tensors = {"photo": photo}
    for path in sorted(MODELS.glob("*.tflite")):
        interpreter = Interpreter(model_path=str(path), num_threads=1)
        interpreter.allocate_tensors()
        (entry,) = interpreter.get_input_details()
        side = entry["shape"][1]
        index = np.arange(side) * 128 // side
        pixels = photo[index][:, index].astype(np.float32)
        values = pixels / np.float32(127.5) - 1 if path.stem in SIGNED else pixels / np.float32(255)
        interpreter.set_tensor(entry["index"], values[None].astype(np.float32))
        interpreter.invoke()
        for number, output in enumerate(interpreter.get_output_details()):
            flat = interpreter.get_tensor(output["index"]).flatten()
            tensors[f"{path.stem}.{number}"] = flat[:: max(1, flat.size // 2000)]
            print(path.stem, output["name"], output["shape"], flat.min(), flat.max())
    save_file({k: np.ascontiguousarray(v) for k, v in tensors.items()}, HERE / "Fixtures" / "tflite.safetensors")


if __name__ == "__main__":
    main()
