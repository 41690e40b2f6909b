"""Stage `encoder`: the identity encoder and a resampler that already reads it.

Two photos of one person shall have similar embeddings (InfoNCE), and the sixteen face tokens shall tell every factor
of the person. Half of each batch are look-alikes who differ in shape only; without them the encoder reads colours and
accessories and nothing else. Half of all crops look photographed (`photographic`), so that it knows real photos too. The
resampler is trained along, because an adapter whose tokens mean nothing yet gets no gradient worth the name.
"""

import argparse
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch.nn import functional

from training import configuration, dataset, faces, optimizers, photographic, runs, world
from training.networks.face_encoder import FaceEncoder
from training.networks.resampler import Resampler

TEMPERATURE = 0.1
# So many of the crops that shall look photographed keep the rendered world's faces.
MILD_SHARE = 0.25
PHOTOGRAPHED_SHARE = 0.5
RESAMPLER_PRODUCT = "resampler.safetensors"


class FactorProbe(torch.nn.Module):
    """Reads the factors of an identity from tokens [B, T, D], all together; used in training only."""

    def __init__(self, token_count: int, dimension: int, factor_count: int):
        super().__init__()
        self.linear = torch.nn.Linear(token_count * dimension, factor_count)

    def forward(self, tokens):
        return self.linear(tokens.flatten(1))


class Photos:
    """The photos of some shards, their people in order, with identity factors standardised."""

    def __init__(self, pictures: dataset.Pictures, mean=None, deviation=None):
        self.pictures = pictures
        rows = pictures.photos.nonzero()[:, 0]
        order = pictures.people[rows].argsort(stable=True)
        self.of_person = rows[order].unflatten(0, (len(pictures.identities), -1))
        self.mean = pictures.identities.mean(0) if mean is None else mean
        self.deviation = pictures.identities.std(0).clamp_min(0.05) if deviation is None else deviation
        # Rare choices would be many deviations away from everybody else.
        self.factors = ((pictures.identities - self.mean) / self.deviation).clamp(-3, 3)

    def __len__(self):
        return len(self.of_person)

    def pairs(self, people, generator):
        """Two photos' aligned, augmented crops of each person, [2B, 3, 112, 112] in -1...1, first all firsts."""
        draws = dict(generator=generator, device=generator.device)
        order = torch.rand(len(people), self.of_person.shape[1], **draws).argsort(1)[:, :2]
        rows = self.of_person[people].gather(1, order).T.flatten()
        mixed = torch.randperm(len(rows), **draws)
        strange, known = rows[mixed].tensor_split([round(PHOTOGRAPHED_SHARE * len(rows))])
        crops = torch.cat([self.photographed(strange, generator), self.crops(known, generator)])
        return crops[mixed.argsort()] * 2 - 1

    def crops(self, rows, generator=None):
        """Crops in 0...1: jittered and augmented with a generator, plain without one."""
        landmarks = self.pictures.landmarks[rows]
        if generator is None:
            return faces.aligned(self.pictures.floats(rows), landmarks)
        whole = self.pictures.masked_floats(rows, "head_masks")
        crops = faces.aligned(whole, faces.jittered(landmarks, generator))
        return faces.augmented(crops[:, :3], crops[:, 3:], generator)

    def photographed(self, rows, generator):
        """Crops in 0...1 as from many cameras (see `photographic`), some of them only as `crops` changes them."""
        whole = self.pictures.masked_floats(rows, "head_masks")
        landmarks = faces.jittered(self.pictures.landmarks[rows], generator)
        mild = round(MILD_SHARE * len(rows))
        known = faces.aligned(whole[:mild], landmarks[:mild]).split((3, 1), 1)
        points = photographic.WIDE_TEMPLATE.expand(len(rows) - mild, 5, 2)
        wide = faces.aligned(whole[mild:], landmarks[mild:], points)
        strange = photographic.photographed(wide[:, :3], wide[:, 3:], generator)
        crops, heads = (torch.cat(pair) for pair in zip(known, strange))
        return faces.augmented(crops, heads, generator)


def contrast(embeddings) -> torch.Tensor:
    """InfoNCE in both directions over embeddings [2B, E], of which i and B + i show one person."""
    first, second = functional.normalize(embeddings, dim=1).chunk(2)
    logits = first @ second.T / TEMPERATURE
    target = torch.arange(len(first), device=logits.device)
    return 0.5 * (functional.cross_entropy(logits, target) + functional.cross_entropy(logits.T, target))


def sameness(face_tokens) -> torch.Tensor:
    """How much the tokens [2B, 16, D] of different people fail to differ.

    Left alone the resampler gives everybody nearly the same tokens with small deviations that tell who it is; a linear
    probe reads these, but an adapter behind it hardly gets a gradient from them.
    """
    of_people = face_tokens.unflatten(0, (2, -1)).mean(0)
    return functional.relu(0.5 - of_people.std(0)).mean()


@torch.no_grad()
def validate(networks, photos: Photos, path: Path) -> dict:
    """Identification and R² of each factor on people never trained on; the table of R² goes to `path`."""
    encoder, resampler, probe, _ = (network.eval() for network in networks)
    rows = photos.of_person[:, :2].T.flatten()
    crops = photos.crops(rows) * 2 - 1
    tokens = torch.cat([encoder(x) for x in crops.split(64)])
    embeddings = functional.normalize(encoder.embedding(tokens), dim=1)
    first, second = embeddings.chunk(2)
    similarity = first @ second.T
    right = similarity.diagonal().mean()
    wrong = (similarity.sum() - similarity.diagonal().sum()) / (similarity.numel() - len(similarity))
    top = (similarity.argmax(1) == torch.arange(len(first), device=first.device)).float().mean()
    predicted = torch.cat([probe(resampler(x)) for x in tokens.split(64)])
    truth = photos.factors.repeat(2, 1)
    determination = 1 - (predicted - truth).square().mean(0) / truth.var(0).clamp_min(1e-3)
    names = world.Identities._vector_names()
    table = [f"{name},{value:.3f}" for name, value in zip(names, determination.tolist())]
    path.write_text("factor,r2\n" + "\n".join(table) + "\n")
    for network in networks:
        network.train()
    shape = torch.tensor([name.startswith(dataset.SHAPES) for name in names], device=determination.device)
    return dict(
        same=right, other=wrong, top1=top,
        r2_shape=determination[shape].mean(), r2_other=determination[~shape].clamp_min(-1).mean(),
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    runs.add_arguments(parser, batch=32, rate=1.5e-3)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--kin", type=Path, required=True, help="shards of look-alikes (dataset --kin)")
    parser.add_argument("--validation", type=Path, required=True)
    parser.add_argument("--validate-every", type=int, default=150, help="steps")
    arguments = parser.parse_args()
    runs.prepare_process(arguments.threads)
    torch.manual_seed(arguments.seed)
    device = arguments.device
    photos = Photos(dataset.load(arguments.data, device))
    scale = dict(mean=photos.mean, deviation=photos.deviation)
    kin = Photos(dataset.load(arguments.kin, device), **scale)
    unseen = Photos(dataset.load(arguments.validation, device), **scale)

    encoder = FaceEncoder(**configuration.FACE_ENCODER).to(device)
    resampler = Resampler(**configuration.RESAMPLER).to(device)
    if (arguments.runs / "encoder" / runs.PRODUCT).exists():  # a checkpoint takes the product's place
        encoder.load_state_dict(load_file(arguments.runs / "encoder" / runs.PRODUCT), strict=False)
        resampler.load_state_dict(load_file(arguments.runs / "encoder" / RESAMPLER_PRODUCT))
    factor_count = photos.factors.shape[1]
    probe = FactorProbe(configuration.FACE_TOKEN_COUNT, configuration.FACE_TOKEN_DIMENSION, factor_count).to(device)
    # The way to the encoder through the resampler is long: the factors are asked of its own tokens as well.
    near_probe = FactorProbe(encoder.pos_embed.shape[1], encoder.pos_embed.shape[2], factor_count).to(device)
    networks = (encoder, resampler, probe, near_probe)
    vectors = ("pos_embed", "latents", "patch_embed")
    groups = [group for network in networks for group in optimizers.parameter_groups(network, arguments.rate, vectors)]
    optimizer = optimizers.MuonAdamW(groups, weight_decay=0.02)
    modules = {"encoder": encoder, "resampler": resampler, "probe": probe, "near_probe": near_probe}
    run = runs.Run(arguments.runs / "encoder", modules, optimizer, arguments, ema=0.995, warmup=30)
    generator = runs.generator(device, arguments.seed + run.step)
    sums = torch.zeros(2, device=device)

    def finish():
        with run.all_averaged():
            figures = validate(networks, unseen, run.folder / "r2.csv")
        run.log(contrast=sums[0] / arguments.validate_every, factors=sums[1] / arguments.validate_every, **figures)
        run.save_product(run.averages["encoder"].state)
        run.save_product(run.averages["resampler"].state, RESAMPLER_PRODUCT)
        sums.zero_()

    half = arguments.batch // 2
    for step in run.steps():
        strangers = torch.randperm(len(photos), generator=generator, device=device)[:half]
        groups = torch.randperm(len(kin) // dataset.KIN_GROUP, generator=generator, device=device)
        first = groups[: half // dataset.KIN_GROUP, None] * dataset.KIN_GROUP
        alike = (first + torch.arange(dataset.KIN_GROUP, device=device)).flatten()
        crops = torch.stack([photos.pairs(strangers, generator), kin.pairs(alike, generator)])
        # [source, first/second photo, person] -> all firsts, then all seconds.
        crops = crops.unflatten(1, (2, half)).transpose(0, 1).flatten(0, 2)
        factors = torch.cat([photos.factors[strangers], kin.factors[alike]]).repeat(2, 1)
        with runs.autocast(device):
            tokens = encoder(crops)
            face_tokens = resampler(tokens)
        tokens, face_tokens = tokens.float(), face_tokens.float()
        likeness = contrast(encoder.embedding(tokens))
        regression = functional.mse_loss(probe(face_tokens), factors)
        loss = likeness + 2 * regression + 2 * functional.mse_loss(near_probe(tokens), factors) + sameness(face_tokens)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        run.samples += len(crops)
        sums += torch.stack([likeness.detach(), regression.detach()])
        if (step + 1) % arguments.log_every == 0:
            print(f"step {step + 1} contrast {likeness.item():.3f} factors {regression.item():.4f}", flush=True)
        if (step + 1) % arguments.validate_every == 0:
            finish()
    finish()


if __name__ == "__main__":
    main()
