"""Makes Fixtures/drawn_bodies.safetensors and Fixtures/drawn_heads.safetensors: a narrow body network of two stages and a
narrow head network of three levels, as Training makes them, and their answers.

The answers are those of the networks with their batch norms; the weights are what is left when those are folded in.

    python3 Tests/NetworksTests/make_drawn_fixtures.py
"""

import os
import sys
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
import torch
from safetensors.torch import save_file

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent.parent / "Training"))
from training.networks.openpose import BodyNetwork
from training.networks.segmenter import HeadNetwork


def used(network, least: float, most: float):
    """The network with norms that have seen something, variances between these."""
    for name, value in network.state_dict().items():
        if name.endswith("running_mean"):
            value.normal_(0, 0.1)
        elif name.endswith("running_var"):
            value.uniform_(least, most)
    return network.eval()


def save(name: str, network, **tensors):
    weights = {f"network.{key}": value.contiguous() for key, value in network.folded_state_dict().items()}
    save_file(weights | tensors, HERE / "Fixtures" / f"{name}.safetensors")


torch.set_grad_enabled(False)
torch.manual_seed(1)
network = used(BodyNetwork(stem=(4, 6, 8, 10), features=5, first=(6, 9), refinement=4, stages=2), 0.1, 0.5)
image = torch.rand(1, 3, 44, 59) - 0.5
affinities, heatmaps = network(image)[-1]
print(affinities.std(), heatmaps.std())
save("drawn_bodies", network, image=image, affinities=affinities, heatmaps=heatmaps)

torch.manual_seed(1)
network = used(HeadNetwork(widths=(4, 6, 9)), 0.05, 0.2)
image = torch.rand(1, 3, 20, 20) * 2 - 1
shares = network(image).softmax(1)
print(shares.std((0, 2, 3)))
save("drawn_heads", network, image=image, shares=shares)
