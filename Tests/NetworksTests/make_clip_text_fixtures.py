"""Makes Fixtures/clip_text_*.safetensors and .json: small random CLIP text encoders run by transformers.

    python3 make_clip_text_fixtures.py        (written with transformers 5.24.0, torch 2.15.0)

One file has the names of the released Stable Diffusion 1.5 (`text_model.` before every key, and a `position_ids`
tensor damaged as merging tools damage it), the other those that transformers 5 saves (neither).
"""

import json
import os
import pathlib

os.environ.setdefault("OMP_NUM_THREADS", "1")
import torch
from safetensors.torch import save_file
from transformers import CLIPTextConfig, CLIPTextModel

FIXTURES = pathlib.Path(__file__).parent / "Fixtures"
SIZES = dict(vocab_size=50, hidden_size=24, intermediate_size=40, num_hidden_layers=2, num_attention_heads=3)


def randomize(module):
    with torch.no_grad():
        for name, parameter in module.named_parameters():
            if parameter.ndim == 1:
                parameter.copy_(torch.randn(parameter.shape) * 0.2 + (1 if name.endswith("weight") else 0))
            else:
                parameter.copy_(torch.randn(parameter.shape) * (1.2 / parameter.shape[-1] ** 0.5))
            parameter.copy_(parameter.half().float())


@torch.no_grad()
def make(name, activation, with_prefix):
    torch.manual_seed(len(name))
    config = CLIPTextConfig(**SIZES, hidden_act=activation, bos_token_id=48, eos_token_id=49, pad_token_id=49)
    model = CLIPTextModel(config).eval()
    randomize(model)
    tokens = torch.randint(0, 50, (2, 77))
    weights = {key.removeprefix("text_model."): tensor.half() for key, tensor in model.state_dict().items()}
    weights.pop("embeddings.position_ids", None)
    if with_prefix:
        weights["embeddings.position_ids"] = (torch.arange(77) * 0.97).half()[None]
        weights = {f"text_model.{key}": tensor for key, tensor in weights.items()}
    tensors = {f"text_encoder.{key}": tensor.contiguous() for key, tensor in weights.items()}
    tensors["input.tokens"] = tokens.float()
    tensors["output.hiddenStates"] = model(tokens).last_hidden_state.contiguous()
    save_file(tensors, FIXTURES / f"{name}.safetensors")
    (FIXTURES / f"{name}.json").write_text(json.dumps(config.to_dict(), indent=1) + "\n")
    print(name, sum(p.numel() for p in model.parameters()), tensors["output.hiddenStates"].std())


make("clip_text_quick_gelu", "quick_gelu", with_prefix=True)
make("clip_text_gelu", "gelu", with_prefix=False)
