"""Stage `critic`: reads from latents who they show, and tells a denoiser in training whether it is the right person.

The denoising error of a portrait is mostly about what no photo tells: pose, expression, folds of clothes. Who it is hides
in it, and a beard or the width of a jaw weighs little. The critic looks at nothing else. It is trained on true latents only,
never on a denoiser's, and softened as predictions from much noise are, so that these are nothing new to it. It shares nothing
with the networks that measure portraits afterwards (`recogniser`, the identity encoder).

One critic can be learned by heart: the denoiser finds what pleases it and shows nobody. Several that began from different
weights (`--name critic_2 --seed 2`) have different weak spots, and all that are in a folder of runs speak.
"""

from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import nn
from torch.nn import functional

from training import cache, configuration, dataset, encoder, optimizers, runs
from training.cache import Examples
from training.networks.judges import ResidualBlock

WIDTHS = (64, 128, 192, 256)
DIMENSION = 128


class Critic(nn.Module):
    """Latents [B, 4, 32, 32] to vectors [B, 128]; two of one person point the same way."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(4, WIDTHS[0], 3, padding=1, bias=False), nn.BatchNorm2d(WIDTHS[0]), nn.ReLU())
        self.trunk = nn.Sequential(*(ResidualBlock(*pair) for pair in zip(WIDTHS, WIDTHS[1:])))
        side = configuration.LATENT_SIZE >> (len(WIDTHS) - 1)
        self.answer = nn.Linear(WIDTHS[-1] * side**2, DIMENSION)

    def forward(self, latents):
        return self.answer(self.trunk(self.stem(latents)).flatten(1))

    @torch.no_grad()
    def faces_of(self, examples: Examples) -> torch.Tensor:
        """The mean direction [people, 128] of each person's portraits."""
        vectors = torch.cat([functional.normalize(self(part.float()), dim=1) for part in examples.latents.split(256)])
        sums = torch.zeros(len(examples.tokens), DIMENSION, device=vectors.device).index_add_(0, examples.people, vectors)
        return functional.normalize(sums, dim=1)


def load(folder: Path, device: str) -> list[Critic]:
    """The trained critics of a folder of runs (`critic`, `critic_2`, ...), to look with and not to train."""
    products = sorted(folder.glob(f"critic*/{runs.PRODUCT}"))
    if not products:
        raise SystemExit(f"No critic in {folder}: stage `critic` trains one.")
    critics = [Critic() for _ in products]
    for critic, product in zip(critics, products):
        critic.load_state_dict(load_file(product))
        critic.to(device, memory_format=torch.channels_last).eval().requires_grad_(False)
    return critics


class People:
    """Latents by person, with the factors of their identities."""

    def __init__(self, examples: Examples, identities, mean=None, deviation=None):
        self.latents = examples.latents
        self.of_person = examples.people.argsort(stable=True).unflatten(0, (len(examples.tokens), -1))
        self.mean = identities.mean(0) if mean is None else mean
        self.deviation = identities.std(0).clamp_min(0.05) if deviation is None else deviation
        self.factors = ((identities - self.mean) / self.deviation).clamp(-3, 3)

    def pairs(self, people, generator):
        """Softened latents of two portraits of each person, [2B, 4, 32, 32], first all firsts."""
        order = torch.rand(len(people), self.of_person.shape[1], generator=generator, device=generator.device).argsort(1)
        rows = self.of_person[people].gather(1, order)
        latents = self.latents[rows[:, :2].T.flatten()].float()
        return softened(latents, self.latents[rows[:, -1].repeat(2)].float(), generator)


def softened(latents, others, generator):
    """Latents moved a little and blurred, mixed with `others` of the same people, as what is guessed from noise."""
    draws = dict(generator=generator, device=generator.device)

    def uniform(low, high, *shape):
        return low + (high - low) * torch.rand(len(latents), *(shape or (1, 1, 1)), **draws)

    move = torch.zeros(len(latents), 2, 3, device=latents.device)
    move[:, 0, 0] = move[:, 1, 1] = uniform(0.92, 1.08, 1)[:, 0]
    move[:, :, 2] = uniform(-0.1, 0.1, 2)
    mixed = latents + uniform(-0.4, 0.4).relu() * (others - latents)
    x = functional.grid_sample(
        mixed, functional.affine_grid(move, list(mixed.shape), align_corners=False), padding_mode="border", align_corners=False
    )
    for size in (3, 5):
        x = x + uniform(-0.7, 1.0).relu() * (functional.avg_pool2d(x, size, 1, size // 2, count_include_pad=False) - x)
    return x * uniform(0.85, 1.1) + uniform(-0.3, 0.3).relu() * torch.randn(x.shape, **draws)


@torch.no_grad()
def validate(critic: Critic, probe, unseen: People) -> dict:
    """How many of the unseen people are found by their first portrait among all last ones, plain and softened."""
    generator = runs.generator(unseen.latents.device.type, 1)
    first, last = (unseen.latents[unseen.of_person[:, column]].float() for column in (0, -1))
    report = {}
    for name, pair in (("plain", (first, last)), ("soft", [softened(x, x, generator) for x in (first, last)])):
        vectors = [functional.normalize(critic(x), dim=1) for x in pair]
        cosines = vectors[0] @ vectors[1].T
        report[f"top1_{name}"] = (cosines.argmax(1) == torch.arange(len(cosines), device=cosines.device)).float().mean()
        report[f"same_{name}"] = cosines.diagonal().mean()
    error = (probe(critic(first)) - unseen.factors).square().mean(0) / unseen.factors.var(0).clamp_min(0.1)
    return report | {"r2": 1 - error.mean()}


def add_options(parser):
    runs.add_validation(parser)
    parser.add_argument("--name", default="critic", help="the run's folder, where critics of other seeds keep apart")


def main():
    arguments = runs.arguments(__doc__, batch=96, rate=2e-3, add=add_options)
    device = arguments.device
    examples, unseen = (cache.load_examples(arguments.runs, x, device) for x in (arguments.data, arguments.validation))
    known, strange = (dataset.identities(folder).to(device) for folder in (arguments.data, arguments.validation))
    people = People(examples, known)
    unseen = People(unseen, strange, people.mean, people.deviation)
    critic = Critic().to(device, memory_format=torch.channels_last)
    probe = nn.Linear(DIMENSION, people.factors.shape[1]).to(device)
    modules = {"critic": critic, "probe": probe}
    groups = [g for module in modules.values() for g in optimizers.parameter_groups(module, arguments.rate, ("answer", "stem"))]
    optimizer = optimizers.MuonAdamW(groups, weight_decay=0.02)
    run = runs.Run(arguments.runs / arguments.name, modules, optimizer, arguments, ema=0.99, warmup=50)
    generator = runs.generator(device, arguments.seed + run.step)

    def error():
        chosen = torch.randperm(len(people.of_person), generator=generator, device=device)[: arguments.batch // 2]
        latents = people.pairs(chosen, generator).to(memory_format=torch.channels_last)
        with runs.autocast(device):
            vectors = critic(latents)
        vectors = vectors.float()
        return encoder.contrast(vectors) + functional.mse_loss(probe(vectors), people.factors[chosen].repeat(2, 1))

    def report(mean_error: float):
        critic.eval()
        run.log(loss=mean_error, **validate(critic, probe, unseen))
        critic.train()
        run.save_product(run.averages["critic"].state)

    run.learn(error, report, arguments.validate_every)


if __name__ == "__main__":
    main()
