"""Stage `observer`: reads from a picture what its caption and its light say, and does nothing but judge portraits.

It learns from rendered photos and portraits, and is then asked about painted ones: are style, clothes and background
those of the words, and do expression and light follow the photo, which they should not?
"""

from dataclasses import dataclass

import torch
from torch.nn import functional

from training import dataset, optimizers, runs
from training.networks import judges
from training.networks.judges import Judge
from training.world import Pictures

SIDE = 128
CHOICES = ("style", "clothes", "clothes_colour", "background", "background_colour")
VALUES = ("smile", "mouth_open", "brow_raise", "frown", "pursed", "light_azimuth", "light_elevation", "light_hardness", "yaw")


@dataclass
class Observation:
    """What is to be seen in B pictures."""

    choices: dict[str, torch.Tensor]  # numbers of options [B], or logits [B, options]
    values: torch.Tensor  # [B, VALUES], in -1...1

    @staticmethod
    def of(pictures: Pictures) -> "Observation":
        """The truth, from the renderer's factors."""
        names = pictures.names
        values = pictures.vector()[:, [names.index(name) for name in VALUES]]
        return Observation({name: pictures.choice(name) for name in CHOICES}, values)

    @staticmethod
    def read(answer: torch.Tensor) -> "Observation":
        """A network's answer [B, OUTPUTS] taken apart."""
        *choices, values = answer.split([*_option_counts(), len(VALUES)], dim=1)
        return Observation(dict(zip(CHOICES, choices)), values)


def _option_counts() -> list[int]:
    return [len(Pictures.factors[Pictures.index[name]].options) for name in CHOICES]


OUTPUTS = sum(_option_counts()) + len(VALUES)


def shrunken(pictures: torch.Tensor) -> torch.Tensor:
    """Pictures of 256 pixels in 0...1 as the network sees them."""
    return functional.avg_pool2d(pictures, pictures.shape[-1] // SIDE) * 2 - 1


def augmented(pictures: torch.Tensor, generator) -> torch.Tensor:
    """Softer, sharper, shifted by some pixels, with noise: a painted picture is none of the renderer's."""
    batch = len(pictures)
    draws = dict(generator=generator, device=generator.device)

    def uniform(low, high):
        return low + (high - low) * torch.rand(batch, 1, 1, 1, **draws)

    shift = torch.randint(-6, 7, (2,), **draws).tolist()
    padded = functional.pad(pictures, (6, 6, 6, 6), mode="replicate")
    pictures = padded[..., 6 + shift[0] : 6 + shift[0] + SIDE, 6 + shift[1] : 6 + shift[1] + SIDE]
    soft = functional.avg_pool2d(functional.pad(pictures, (1, 1, 1, 1), mode="replicate"), 3, stride=1)
    pictures = pictures + uniform(-0.5, 1.0) * (soft - pictures)
    return pictures + uniform(0, 0.08) * torch.randn(pictures.shape, **draws)


def load() -> Judge:
    """The trained network."""
    return judges.load("observer", Judge(SIDE, OUTPUTS))


@torch.no_grad()
def observed(network: Judge, pictures: torch.Tensor) -> Observation:
    """What the network sees in pictures [B, 3, 256, 256] in 0...1."""
    return Observation.read(torch.cat([network(shrunken(part)) for part in pictures.split(32)]))


def accuracies(seen: Observation, truth: Observation) -> dict[str, float]:
    """The share of pictures in which each choice is the true one."""
    return {name: float((seen.choices[name].argmax(1) == truth.choices[name]).float().mean()) for name in truth.choices}


def main():
    arguments = runs.arguments(__doc__, batch=32, rate=2e-3, add=runs.add_validation)
    device = arguments.device
    shards, unseen = (dataset.load(folder, device) for folder in (arguments.data, arguments.validation))
    network = Judge(SIDE, OUTPUTS).to(device, memory_format=torch.channels_last)
    optimizer = optimizers.MuonAdamW(optimizers.parameter_groups(network, arguments.rate, ("answer",)), weight_decay=0.01)
    run = runs.Run(arguments.runs / "observer", {"network": network}, optimizer, arguments, ema=0.99, warmup=50)
    generator = runs.generator(device, arguments.seed + run.step)

    def error():
        rows = torch.randint(len(shards), (arguments.batch,), generator=generator, device=device)
        truth = Observation.of(Pictures.from_vector(shards.nuisances[rows]))
        pictures = augmented(shrunken(shards.floats(rows)), generator)
        with runs.autocast(device):
            answer = network(pictures.to(memory_format=torch.channels_last))
        seen = Observation.read(answer.float())
        missed = [functional.cross_entropy(seen.choices[name], truth.choices[name]) for name in CHOICES]
        return sum(missed) / len(CHOICES) + functional.mse_loss(seen.values, truth.values)

    def report(mean_error: float):
        network.eval()
        rows = torch.arange(len(unseen), device=device)
        truth = Observation.of(Pictures.from_vector(unseen.nuisances))
        seen = observed(network, unseen.floats(rows))
        explained = 1 - (seen.values - truth.values).square().mean(0) / truth.values.var(0)
        run.log(loss=mean_error, **accuracies(seen, truth), **dict(zip(VALUES, explained.tolist())))
        network.train()
        run.save_product(run.averages["network"].state)

    run.learn(error, report, arguments.validate_every)


if __name__ == "__main__":
    main()
