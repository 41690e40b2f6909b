"""A deeper network must say what the smaller one said, from the first step on, and be able to learn more."""

import unittest
from unittest import mock

import torch

from training import configuration
from training.controlnet import PosedUNet, make_controlnet
from training.deepening import deepened
from training.networks.base import make_unet

torch.set_num_threads(1)


def networks(depth):
    """A UNet and a ControlNet of some depth, nothing of them zero."""
    with mock.patch.dict(configuration.UNET, layers_per_block=depth):
        unet = make_unet().eval()
        controlnet = make_controlnet(unet).eval()
    return unet, controlnet


class DeepeningTests(unittest.TestCase):
    @torch.no_grad()
    def test_says_what_the_smaller_one_said(self):
        torch.manual_seed(0)
        small = networks(1)
        for parameter in (*small[0].conv_out.parameters(), *(p for n, p in small[1].named_parameters() if n.startswith("controlnet"))):
            torch.nn.init.normal_(parameter, std=0.05)
        large = networks((3, 1, 1, 1))
        for old, new in zip(small, large):
            new.load_state_dict(deepened(old.state_dict(), new.state_dict()))
        generator = torch.Generator().manual_seed(1)
        latents, states, pictures = (
            torch.randn(*shape, generator=generator)
            for shape in ((2, 4, 16, 16), (2, 77, configuration.TEXT_DIMENSION), (2, 3, 128, 128))
        )
        for shown in (None, pictures):
            said = []
            for unet, controlnet in (small, large):
                posed = PosedUNet(unet, controlnet)
                with posed.following(shown):
                    said.append(posed(latents, torch.tensor([500, 20]), states, cross_attention_kwargs=None).sample)
            self.assertLess(float((said[0] - said[1]).abs().max()), 1e-5 * float(said[0].abs().max()))
        self.assertGreater(float((said[0]).abs().max()), 0.1)

    def test_further_layers_learn(self):
        torch.manual_seed(0)
        unet, _ = networks((3, 1, 1, 1))
        unet.load_state_dict(deepened(networks(1)[0].state_dict(), unet.state_dict()))
        torch.nn.init.normal_(unet.conv_out.weight, std=0.05)
        unet(torch.randn(1, 4, 16, 16), torch.tensor([500]), torch.randn(1, 77, configuration.TEXT_DIMENSION)).sample.sum().backward()
        for name in ("down_blocks.0.resnets.2", "up_blocks.3.resnets.1", "up_blocks.3.resnets.2"):
            self.assertGreater(float(unet.get_submodule(name).conv2.weight.grad.abs().max()), 0)


if __name__ == "__main__":
    unittest.main()
