"""Gives a trained UNet or ControlNet the further residual layers of today's configuration, and changes nothing it says.

A further layer of the way down hands on what it gets, and one of the way up drops the skip connection that comes with it;
what they add to that starts as zero. So training goes on from where a smaller model stood. Levels with attention must be as deep
as they were: there is no attention that says nothing.
"""

import re

import torch

from training import configuration

LEVELS = len(configuration.UNET["block_out_channels"])
# Layers that have a number which another depth of their level changes.
NUMBERED = re.compile(r"((?:down|up)_blocks\.\d+\.resnets|controlnet_down_blocks)\.(\d+)\.")


def deepened(state: dict, target: dict) -> dict:
    """The weights of `target`, a fresh network of today's configuration, that say what those of `state` do."""
    places = layer_places(depths(state), depths(target))
    result = {}
    for key, value in target.items():
        layer = NUMBERED.match(key)
        if layer is None:
            result[key] = state[key]
        elif (place := places[layer[1]].get(int(layer[2]))) is None:
            result[key] = silent(key, value)
        else:
            result[key] = state[f"{layer[1]}.{place}.{key[layer.end():]}"]
    return result


def depths(state: dict) -> list[int]:
    """How many residual layers each level of the way down has."""
    blocks = [f"down_blocks.{level}.resnets." for level in range(LEVELS)]
    return [len({key.split(".")[3] for key in state if key.startswith(block)}) for block in blocks]


def layer_places(old: list[int], new: list[int]) -> dict[str, dict[int, int]]:
    """For each family of numbered layers: which of the old ones each of the new ones is; further ones are missing.

    The way up takes skip connections back last first, so it meets copies of the old last layer's before others; what came
    into a level comes last in both.
    """
    places, projections = {}, {0: 0}
    first, old_first = 1, 1
    for level, (before, now) in enumerate(zip(old, new)):
        places[f"down_blocks.{level}.resnets"] = {index: index for index in range(before)}
        places[f"up_blocks.{LEVELS - 1 - level}.resnets"] = {index: index for index in range(before)} | {now: before}
        # A ControlNet adds to the skip connections: to the last layer's, and to the way to the next level.
        sites = [*range(before - 1), now - 1, *([now] if level < LEVELS - 1 else [])]
        projections |= {first + site: old_first + index for index, site in enumerate(sites)}
        first, old_first = first + now + 1, old_first + before + 1
    return places | {"controlnet_down_blocks": projections}


def silent(key: str, value: torch.Tensor) -> torch.Tensor:
    """A further layer's weights: its last convolution zero, its shortcut the hidden states without the skip connection."""
    if key.startswith("controlnet_") or ".conv2." in key or key.endswith("conv_shortcut.bias"):
        return torch.zeros_like(value)
    if key.endswith("conv_shortcut.weight"):
        return torch.eye(*value.shape[:2])[..., None, None]
    return value
