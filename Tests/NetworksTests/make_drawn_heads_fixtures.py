"""Makes Fixtures/drawn_heads.safetensors: a narrow head network of three levels, as Training makes them, and its answer.

The answer is that of the network with its batch norms; the weights are what is left when those are folded in.

    python3 Tests/NetworksTests/make_drawn_heads_fixtures.py
"""

import os
import sys
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
import torch
from safetensors.torch import save_file

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent.parent / "Training"))
from training.networks.segmenter import HeadNetwork

torch.set_grad_enabled(False)
torch.manual_seed(1)
network = HeadNetwork(widths=(4, 6, 9)).eval()
for name, value in network.state_dict().items():
    if name.endswith("running_mean"):
        value.normal_(0, 0.1)
    elif name.endswith("running_var"):
        value.uniform_(0.05, 0.2)
image = torch.rand(1, 3, 20, 20) * 2 - 1
shares = network(image).softmax(1)
tensors = {f"network.{name}": value.contiguous() for name, value in network.folded_state_dict().items()}
print(shares.std((0, 2, 3)))
save_file(tensors | {"image": image, "shares": shares}, HERE / "Fixtures" / "drawn_heads.safetensors")
