"""Low-rank additions to the UNet's attention and convolutions, with the key names of kohya's files."""

import torch
from torch import nn


class LoRALayer(nn.Module):
    """weight x + up(down(x)); kohya's `alpha` equals the rank here, so the factor alpha / rank is 1."""

    def __init__(self, layer: nn.Module, rank: int):
        super().__init__()
        if isinstance(layer, nn.Conv2d):
            shape = dict(kernel_size=layer.kernel_size, stride=layer.stride, padding=layer.padding, bias=False)
            self.lora_down = nn.Conv2d(layer.in_channels, rank, **shape)
            self.lora_up = nn.Conv2d(rank, layer.out_channels, 1, bias=False)
        else:
            self.lora_down = nn.Linear(layer.in_features, rank, bias=False)
            self.lora_up = nn.Linear(rank, layer.out_features, bias=False)
        nn.init.zeros_(self.lora_up.weight)
        self.register_buffer("alpha", torch.tensor(float(rank)))

    def forward(self, x):
        return self.lora_up(self.lora_down(x))


class LoRA(nn.Module):
    """Layers for every linear of the transformer blocks and every convolution of the residual blocks."""

    def __init__(self, unet, rank: int):
        super().__init__()
        self.layers = nn.ModuleDict()
        self.targets = {}
        for path, layer in unet.named_modules():
            inside = ".transformer_blocks." in path and isinstance(layer, nn.Linear)
            convolution = ".resnets." in path and path.endswith((".conv1", ".conv2"))
            if inside or convolution:
                name = "lora_unet_" + path.replace(".", "_")
                self.layers[name] = LoRALayer(layer, rank)
                self.targets[name] = layer

    def attach(self):
        """Adds the layers' outputs to those of the UNet's; returns handles that undo it."""
        return [
            layer.register_forward_hook(lambda _, inputs, output, low=self.layers[name]: output + low(inputs[0]))
            for name, layer in self.targets.items()
        ]

    def kohya_state_dict(self, state: dict | None = None) -> dict:
        state = self.state_dict() if state is None else state
        return {key.removeprefix("layers."): value for key, value in state.items()}
