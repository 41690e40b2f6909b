"""Makes Fixtures/drawn_bodies.safetensors: a narrow body network of two stages, as Training makes them, and its answer.

The answer is that of the network with its batch norms; the weights are what is left when those are folded in.

    python3 Tests/NetworksTests/make_drawn_bodies_fixtures.py
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

torch.set_grad_enabled(False)
torch.manual_seed(1)
network = BodyNetwork(stem=(4, 6, 8, 10), features=5, first=(6, 9), refinement=4, stages=2).eval()
for name, value in network.state_dict().items():
    if name.endswith("running_mean"):
        value.normal_(0, 0.1)
    elif name.endswith("running_var"):
        value.uniform_(0.1, 0.5)
image = torch.rand(1, 3, 44, 59) - 0.5
affinities, heatmaps = network(image)[-1]
tensors = {f"network.{name}": value.contiguous() for name, value in network.folded_state_dict().items()}
tensors |= {"image": image, "affinities": affinities, "heatmaps": heatmaps}
print(affinities.std(), heatmaps.std())
save_file(tensors, HERE / "Fixtures" / "drawn_bodies.safetensors")
