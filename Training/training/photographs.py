"""Stage `photographs`: the identity encoder learns to see in a photograph what it sees in a rendering.

A copy of the trained encoder looks at renderings made to look photographed (`photographic`), and shall give the tokens and
the embedding that the encoder gives of the clean rendering. What a resampler and an adapter have learned to read stays
valid, so nothing behind the encoder has to be trained again.
"""

import argparse
import copy
from pathlib import Path

import torch
from torch.nn import functional

from training import cache, dataset, encoder, faces, optimizers, photographic, runs

# So much of each batch is changed no more than the encoder already knows.
MILD_SHARE = 0.25


def views(photos: encoder.Photos, rows, generator):
    """Clean crops [B, 3, 112, 112] of some pictures, and the same as photographed, both in 0...1."""
    clean = photos.crops(rows)
    images, landmarks = photos.pictures.floats(rows), faces.jittered(photos.pictures.landmarks[rows], generator)
    heads = photos.pictures.head_masks[rows][:, None].float() / 255
    heads = functional.interpolate(heads, images.shape[-2:], mode="bilinear", align_corners=False)
    whole = torch.cat([images, heads], 1)
    mild = round(MILD_SHARE * len(rows))
    known = faces.aligned(whole[:mild], landmarks[:mild]).split((3, 1), 1)
    points = photographic.WIDE_TEMPLATE.expand(len(rows) - mild, 5, 2)
    wide = faces.aligned(whole[mild:], landmarks[mild:], points)
    strange = photographic.photographed(wide[:, :3], wide[:, 3:], generator)
    crops, heads = (torch.cat(pair) for pair in zip(known, strange))
    return clean, faces.augmented(crops, heads, generator)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    runs.add_arguments(parser, batch=64, rate=1e-3)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--validation", type=Path, required=True)
    parser.add_argument("--validate-every", type=int, default=200, help="steps")
    arguments = parser.parse_args()
    runs.prepare_process(arguments.threads)
    torch.manual_seed(arguments.seed)
    photos, unseen = (encoder.Photos(dataset.load(folder)) for folder in (arguments.data, arguments.validation))
    device = arguments.device
    teacher = cache.load_face_encoder(arguments.runs, before_photographs=True).to(device)
    student = copy.deepcopy(teacher).requires_grad_(True)
    for part in student.modules():  # the embedding's statistics stay those of the rendered world
        if isinstance(part, torch.nn.BatchNorm1d):
            part.momentum = 0.0
    groups = optimizers.parameter_groups(student, arguments.rate, ("pos_embed", "patch_embed"))
    optimizer = optimizers.MuonAdamW(groups, weight_decay=0.0)
    run = runs.Run(arguments.runs / "photographs", {"encoder": student}, optimizer, arguments, ema=0.99, warmup=50)
    generator = torch.Generator().manual_seed(arguments.seed + run.step)
    rows = photos.of_person.flatten()
    student.eval()

    def missed(crops, clean):
        with torch.no_grad():
            truth = teacher(clean.to(device) * 2 - 1)
            truth_vector = functional.normalize(teacher.embedding(truth), dim=1)
        tokens = student(crops.to(device) * 2 - 1)
        vector = functional.normalize(student.embedding(tokens), dim=1)
        return functional.mse_loss(tokens, truth) / truth.var(0).mean(), (1 - (vector * truth_vector).sum(1)).mean()

    def error():
        chosen = rows[torch.randint(len(rows), (arguments.batch,), generator=generator)]
        clean, crops = views(photos, chosen, generator)
        tokens, vectors = missed(crops, clean)
        return tokens + vectors

    def report(mean_error: float):
        own = torch.Generator().manual_seed(1)
        clean, crops = views(unseen, unseen.of_person.flatten(), own)
        with torch.no_grad():
            strange, plain = missed(crops, clean), missed(clean, clean)
        run.log(loss=mean_error, tokens=strange[0], vectors=strange[1], clean_tokens=plain[0], clean_vectors=plain[1])
        run.save_product(run.averages["encoder"].state)

    run.learn(error, report, arguments.validate_every)


if __name__ == "__main__":
    main()
