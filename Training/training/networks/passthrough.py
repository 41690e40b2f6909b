"""Starts an autoencoder as "8x box-down, bilinear-up", from where it only has to learn the detail.

Twelve channels carry the picture through every layer, colour by colour as [x, -x, K, -K]: silu(x) - silu(-x) = x
undoes the last activation exactly, and the constants K make the last group normalisation a known factor.
"""

import math

import torch

CARRIED = 12
CONSTANT = 4.0


def initialise_as_passthrough(autoencoder):
    encoder, decoder = autoencoder.encoder, autoencoder.decoder
    with torch.no_grad():
        _carry_colours(encoder.conv_in)
        for block in encoder.down_blocks:
            _carry_through_resnets(block.resnets)
            for downsampler in block.downsamplers or []:
                _carry(downsampler.conv, _box_kernel())
        _carry_through_middle(encoder.mid_block)
        _read_colours(encoder.conv_out, _deviation(encoder.conv_norm_out))

        _identity(autoencoder.quant_conv)
        _identity(autoencoder.post_quant_conv)

        _carry_colours(decoder.conv_in)
        _carry_through_middle(decoder.mid_block)
        for block in decoder.up_blocks:
            _carry_through_resnets(block.resnets)
            for upsampler in block.upsamplers or []:
                _carry(upsampler.conv, _tent_kernel())
        _read_colours(decoder.conv_out, _deviation(decoder.conv_norm_out))


def _point_kernel():
    kernel = torch.zeros(3, 3)
    kernel[1, 1] = 1
    return kernel


def _box_kernel():
    """Mean of 2 x 2 for a stride-2 convolution that pads on the right and below only."""
    kernel = torch.zeros(3, 3)
    kernel[:2, :2] = 0.25
    return kernel


def _tent_kernel():
    """Turns nearest up-sampling by two into the bilinear one."""
    tent = torch.tensor([0.25, 0.5, 0.25])
    return tent[:, None] * tent


def _carry_colours(convolution):
    convolution.weight[:CARRIED] = 0
    convolution.bias[:CARRIED] = 0
    for colour in range(3):
        convolution.weight[4 * colour, colour] = _point_kernel()
        convolution.weight[4 * colour + 1, colour] = -_point_kernel()
        convolution.bias[4 * colour + 2] = CONSTANT
        convolution.bias[4 * colour + 3] = -CONSTANT


def _carry(convolution, kernel):
    convolution.weight[:CARRIED] = 0
    convolution.bias[:CARRIED] = 0
    for channel in range(CARRIED):
        # Constants take the kernel's centre only, or the zero padding would fade them at the border.
        constant = channel % 4 >= 2 and kernel[2, 2] > 0
        convolution.weight[channel, channel] = _point_kernel() if constant else kernel


def _carry_through_resnets(resnets):
    for resnet in resnets:
        resnet.conv2.weight[:CARRIED] = 0
        resnet.conv2.bias[:CARRIED] = 0
        if resnet.conv_shortcut is not None:
            resnet.conv_shortcut.weight[:CARRIED] = 0
            resnet.conv_shortcut.bias[:CARRIED] = 0
            resnet.conv_shortcut.weight[range(CARRIED), range(CARRIED)] = 1


def _carry_through_middle(block):
    _carry_through_resnets(block.resnets)
    for attention in block.attentions:
        attention.to_out[0].weight[:CARRIED] = 0
        attention.to_out[0].bias[:CARRIED] = 0


def _deviation(norm) -> float:
    """Standard deviation of a group that holds the constants: all twelve carried channels, or one colour's four."""
    size = norm.num_channels // norm.num_groups
    constants = 6 if size >= CARRIED else 2
    return math.sqrt(constants * CONSTANT**2 / size)


def _read_colours(convolution, deviation):
    convolution.weight[:3] = 0
    convolution.bias.zero_()
    for colour in range(3):
        convolution.weight[colour, 4 * colour] = deviation * _point_kernel()
        convolution.weight[colour, 4 * colour + 1] = -deviation * _point_kernel()


def _identity(convolution):
    convolution.weight.zero_()
    convolution.weight[range(len(convolution.weight)), range(len(convolution.weight))] = 1
    convolution.bias.zero_()
