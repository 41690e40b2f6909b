"""Stage `recogniser`: tells whether two pictures show one person, and does nothing but judge portraits.

It shares nothing with the identity encoder that portraits are made with: convolutions instead of a transformer, people
in all styles instead of photos, no factors. Half of its crops have another person's hair and surroundings around the
face, so that it reads the face: what is redrawn in a template is the face alone.
"""

import torch

from training import dataset, encoder, faces, likeness, optimizers, runs
from training.networks.judges import Judge

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
        landmarks = self.pictures.landmarks[rows]
        if generator is not None:
            landmarks = faces.jittered(landmarks, generator)
        parts = faces.aligned(self.pictures.masked_floats(rows, "face_masks", "head_masks"), landmarks)
        crops, face, head = parts[:, :3], parts[:, 3:4], parts[:, 4:]
        if swapped:
            crops = face * crops + (1 - face) * crops.roll(1, 0)
            head = torch.maximum(face, head.roll(1, 0))
        return crops if generator is None else faces.augmented(crops, head, generator)

    def pairs(self, count: int, generator):
        """Two pictures' crops of each of at most so many people, [2 * count, ...] in -1...1, first all firsts."""
        draws = dict(generator=generator, device=generator.device)
        people = torch.randperm(len(self), **draws)[:count]
        count = len(people)
        order = torch.rand(count, self.of_person.shape[1], **draws).argsort(1)[:, :2]
        rows = self.of_person[people].gather(1, order)
        halves = []
        for column in rows.T:
            swapped = round(SWAPPED_SHARE * count)
            mixed = torch.randperm(count, **draws)
            parts = [self.crops(column[mixed[:swapped]], generator, True), self.crops(column[mixed[swapped:]], generator)]
            halves.append(torch.cat(parts)[mixed.argsort()])
        return torch.cat(halves) * 2 - 1


@torch.no_grad()
def recognised(network: Judge, photos, portraits) -> float:
    """The share of people, in order, who are recognised in their portraits; crops in 0...1."""
    cosines = likeness.cosines(network, portraits, photos)
    return likeness.summary(cosines, list(range(len(photos))))["recognised"]


def main():
    arguments = runs.arguments(__doc__, batch=48, rate=2e-3, add=runs.add_validation)
    device = arguments.device
    people, unseen = (People(dataset.load(folder, device)) for folder in (arguments.data, arguments.validation))
    network = likeness.untrained_recogniser().to(device, memory_format=torch.channels_last)
    optimizer = optimizers.MuonAdamW(optimizers.parameter_groups(network, arguments.rate, ("answer",)), weight_decay=0.01)
    run = runs.Run(arguments.runs / "recogniser", {"network": network}, optimizer, arguments, ema=0.99, warmup=50)
    generator = runs.generator(device, arguments.seed + run.step)

    def error():
        crops = people.pairs(arguments.batch, generator).to(memory_format=torch.channels_last)
        with runs.autocast(device):
            vectors = network(crops)
        return encoder.contrast(vectors.float())

    def report(mean_error: float):
        network.eval()
        photos, portraits = unseen.of_person[:, 0], unseen.of_person[:, -1]
        plain = [unseen.crops(rows) for rows in (photos, portraits)]
        strange = unseen.crops(portraits, swapped=True)
        run.log(loss=mean_error, plain=recognised(network, *plain), swapped=recognised(network, plain[0], strange))
        network.train()
        run.save_product(run.averages["network"].state)

    run.learn(error, report, arguments.validate_every)


if __name__ == "__main__":
    main()
