"""Makes Fixtures/fairface*: torchvision's ResNet-34 with 18 answers and generated weights, and its answers to a face.

    python3 Tests/NetworksTests/make_fairface_fixtures.py        (written with torch 2.15.0 and torchvision 0.29.2)

fairface.json lists the weights, fairface.safetensors holds a picture (NASA's portrait of Eileen Collins, public domain,
from scikit-image) and the 18 answers.
"""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
import numpy as np
import skimage.data
import torch
import torchvision
from PIL import Image
from safetensors.torch import save_file
from torchvision import transforms

from generated_weights import FIXTURES, generate, save_list

torch.set_num_threads(1)
torch.set_grad_enabled(False)


def main() -> None:
    face = Image.fromarray(skimage.data.astronaut()[60:180, 170:280]).resize((100, 112), Image.BICUBIC)
    network = torchvision.models.resnet34(weights=None)
    network.fc = torch.nn.Linear(network.fc.in_features, 18)
    weights, entries = generate(network.state_dict())
    network.load_state_dict(weights)
    save_list(entries, "fairface")
    prepare = transforms.Compose(
        [
            transforms.Resize((224, 224)),
            transforms.ToTensor(),
            transforms.Normalize(mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225]),
        ]
    )
    answers = network.eval()(prepare(face)[None])[0]
    print(answers.tolist())
    tensors = {"face": torch.from_numpy(np.asarray(face).copy()), "answers": answers}
    tensors |= {"gender": answers[7:9].softmax(0), "age": answers[9:18].softmax(0)}
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, FIXTURES / "fairface.safetensors")


if __name__ == "__main__":
    main()
