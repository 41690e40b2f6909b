"""Stage `recogniser`: tells whether two pictures show one person, and does nothing but judge portraits.

It shares nothing with the identity encoder that portraits are made with: convolutions instead of a transformer, people
in all styles instead of photos, no factors. Half of its crops have another person's hair and surroundings around the
face, so that it reads the face: what is redrawn in a template is the face alone.
"""

import argparse
from pathlib import Path

import torch
from torch.nn import functional

from training import configuration, dataset, encoder, faces, optimizers, runs
from training.networks import judges
from training.networks.judges import Judge

DIMENSION = 128
SWAPPED_SHARE = 0.5


class People:
    """The pictures of some shards, photos and portraits alike, in order of their people."""

    def __init__(self, pictures: dataset.Pictures):
        self.pictures = pictures
        order = pictures.people.argsort(stable=True)
        self.of_person = order.unflatten(0, (len(pictures.identities), -1))

    def __len__(self):
        return len(self.of_person)

    def crops(self, rows, generator=None, swapped: bool = False):
        """Aligned crops [B, 3, 112, 112] in 0...1, plain without a generator.

        `swapped` faces sit in the surroundings of the row before theirs.
        """
        images, landmarks = self.pictures.floats(rows), self.pictures.landmarks[rows]
        if generator is not None:
            landmarks = faces.jittered(landmarks, generator)
        masks = (self.pictures.face_masks[rows], self.pictures.head_masks[rows])
        face, head = (functional.interpolate(m[:, None].float() / 255, images.shape[-2:], mode="bilinear") for m in masks)
        parts = faces.aligned(torch.cat([images, face, head], 1), landmarks)
        crops, face, head = parts[:, :3], parts[:, 3:4], parts[:, 4:]
        if swapped:
            crops = face * crops + (1 - face) * crops.roll(1, 0)
            head = torch.maximum(face, head.roll(1, 0))
        return crops if generator is None else faces.augmented(crops, head, generator)

    def pairs(self, count: int, generator):
        """Two pictures' crops of each of some people, [2 * count, ...] in -1...1, first all firsts."""
        people = torch.randperm(len(self), generator=generator)[:count]
        order = torch.rand(count, self.of_person.shape[1], generator=generator).argsort(1)[:, :2]
        rows = self.of_person[people].gather(1, order)
        halves = []
        for column in rows.T:
            swapped = round(SWAPPED_SHARE * count)
            mixed = torch.randperm(count, generator=generator)
            parts = [self.crops(column[mixed[:swapped]], generator, True), self.crops(column[mixed[swapped:]], generator)]
            halves.append(torch.cat(parts)[mixed.argsort()])
        return torch.cat(halves) * 2 - 1


@torch.no_grad()
def recognised(network: Judge, photos, portraits) -> float:
    """The share of people whose portrait is more like their photo than 95 of 100 pairs of strangers; crops in 0...1."""
    first, second = (functional.normalize(network(x * 2 - 1), dim=1) for x in (photos, portraits))
    similarity = first @ second.T
    strangers = similarity[~torch.eye(len(similarity), dtype=torch.bool)]
    return float((similarity.diagonal() > strangers.quantile(0.95)).float().mean())


def load() -> Judge:
    """The trained network."""
    return judges.load("recogniser", Judge(configuration.FACE_CROP_SIZE, DIMENSION))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    runs.add_arguments(parser, batch=48, rate=2e-3)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--validation", type=Path, required=True)
    parser.add_argument("--validate-every", type=int, default=200, help="steps")
    arguments = parser.parse_args()
    runs.prepare_process(arguments.threads)
    torch.manual_seed(arguments.seed)
    people, unseen = (People(dataset.load(folder)) for folder in (arguments.data, arguments.validation))
    device = arguments.device
    network = Judge(configuration.FACE_CROP_SIZE, DIMENSION).to(device, memory_format=torch.channels_last)
    optimizer = optimizers.MuonAdamW(optimizers.parameter_groups(network, arguments.rate, ("answer",)), weight_decay=0.01)
    run = runs.Run(arguments.runs / "recogniser", {"network": network}, optimizer, arguments, ema=0.99, warmup=50)
    generator = torch.Generator().manual_seed(arguments.seed + run.step)

    def error():
        crops = people.pairs(arguments.batch, generator).to(device, memory_format=torch.channels_last)
        with runs.autocast(device):
            vectors = network(crops)
        return encoder.contrast(vectors.float())

    def report(mean_error: float):
        network.eval()
        photos, portraits = unseen.of_person[:, 0], unseen.of_person[:, -1]
        plain = [unseen.crops(rows).to(device) for rows in (photos, portraits)]
        strange = unseen.crops(portraits, swapped=True).to(device)
        run.log(loss=mean_error, plain=recognised(network, *plain), swapped=recognised(network, plain[0], strange))
        network.train()
        run.save_product(run.averages["network"].state)

    run.learn(error, report, arguments.validate_every)


if __name__ == "__main__":
    main()
