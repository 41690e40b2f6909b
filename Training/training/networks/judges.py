"""Networks that only judge pictures: residual convolutions, and what is read from their last map."""

from safetensors.torch import load_file
from torch import nn

from training.configuration import JUDGES

WIDTHS = (24, 48, 96, 160)
# Channels of the last map once it is read place by place.
READ_CHANNELS = 32


class ResidualBlock(nn.Module):
    """Half as many rows and columns, then two convolutions beside a straight way."""

    def __init__(self, inputs: int, outputs: int):
        super().__init__()
        self.straight = nn.Sequential(nn.AvgPool2d(2), nn.Conv2d(inputs, outputs, 1, bias=False), nn.BatchNorm2d(outputs))
        self.bent = nn.Sequential(
            nn.Conv2d(inputs, outputs, 3, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(),
            nn.Conv2d(outputs, outputs, 3, padding=1, bias=False),
            nn.BatchNorm2d(outputs),
        )

    def forward(self, x):
        return (self.straight(x) + self.bent(x)).relu()


class Judge(nn.Module):
    """Pictures [B, 3, side, side] in -1...1, the side a multiple of 16, to vectors [B, outputs]."""

    def __init__(self, side: int, outputs: int):
        super().__init__()
        stem = nn.Sequential(
            nn.Conv2d(3, WIDTHS[0], 3, padding=1, bias=False), nn.BatchNorm2d(WIDTHS[0]), nn.ReLU(), nn.AvgPool2d(2)
        )
        blocks = [ResidualBlock(inputs, outputs) for inputs, outputs in zip(WIDTHS, WIDTHS[1:])]
        self.trunk = nn.Sequential(stem, *blocks)
        # Means alone would forget where eyes and lights are.
        self.read = nn.Sequential(nn.Conv2d(WIDTHS[-1], READ_CHANNELS, 1, bias=False), nn.BatchNorm2d(READ_CHANNELS))
        self.answer = nn.Linear(READ_CHANNELS * (side // 16) ** 2, outputs)

    def forward(self, x):
        return self.answer(self.read(self.trunk(x)).relu().flatten(1))


def load(name: str, network: Judge) -> Judge:
    """A judge with the weights that `export --judges` wrote."""
    state = load_file(JUDGES / f"{name}.safetensors")
    network.load_state_dict({key: value.float() for key, value in state.items()}, strict=False)
    return network.eval()
