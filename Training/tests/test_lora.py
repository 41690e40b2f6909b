"""Style LoRAs: kohya's key names, and a merge into the weights that equals the layers at work."""

import unittest

import torch

from training import configuration
from training.networks.base import make_unet
from training.networks.lora import LoRA


class LoRATests(unittest.TestCase):
    def test_merged_weights_equal_attached_layers(self):
        torch.manual_seed(0)
        unet = make_unet().eval()
        torch.nn.init.normal_(unet.conv_out.weight, std=0.05)
        lora = LoRA(unet, rank=2)
        for layer in lora.layers.values():
            torch.nn.init.normal_(layer.lora_up.weight, std=0.05)
        latents, text = torch.randn(1, 4, 16, 16), torch.randn(1, 77, configuration.TEXT_DIMENSION)
        with torch.no_grad():
            handles = lora.attach()
            attached = unet(latents, 300, text).sample
            for handle in handles:
                handle.remove()
            plain = unet(latents, 300, text).sample
            state = lora.kohya_state_dict()
            for path, layer in unet.named_modules():
                name = "lora_unet_" + path.replace(".", "_")
                if f"{name}.alpha" in state:
                    down, up = state[f"{name}.lora_down.weight"], state[f"{name}.lora_up.weight"]
                    factor = state[f"{name}.alpha"] / len(down)
                    layer.weight += factor * (up.flatten(1) @ down.flatten(1)).view_as(layer.weight)
            merged = unet(latents, 300, text).sample
        self.assertGreater((attached - plain).abs().max().item(), 1e-2)
        self.assertLess((attached - merged).abs().max().item(), 1e-4)


if __name__ == "__main__":
    unittest.main()
