"""Stage `photographs`: the identity encoder learns to see in a photograph what it sees in a rendering.

A copy of the trained encoder looks at renderings made to look photographed (`photographic`), and shall give the tokens and
the embedding that the encoder gives of the clean rendering. What a resampler and an adapter have learned to read stays
valid, so nothing behind the encoder has to be trained again.
"""

import copy

import torch
from torch.nn import functional

from training import cache, dataset, encoder, optimizers, runs


def main():
    arguments = runs.arguments(__doc__, batch=64, rate=1e-3, add=runs.add_validation)
    device = arguments.device
    photos, unseen = (encoder.Photos(dataset.load(folder, device)) for folder in (arguments.data, arguments.validation))
    teacher = cache.face_encoder(arguments.runs / "encoder" / runs.PRODUCT).to(device)
    student = copy.deepcopy(teacher).requires_grad_(True)
    for part in student.modules():  # the embedding's statistics stay those of the rendered world
        if isinstance(part, torch.nn.BatchNorm1d):
            part.momentum = 0.0
    groups = optimizers.parameter_groups(student, arguments.rate, ("pos_embed", "patch_embed"))
    optimizer = optimizers.MuonAdamW(groups, weight_decay=0.0)
    run = runs.Run(arguments.runs / "photographs", {"encoder": student}, optimizer, arguments, ema=0.99, warmup=50)
    generator = runs.generator(device, arguments.seed + run.step)
    rows = photos.of_person.flatten()
    student.eval()

    def missed(crops, clean):
        with torch.no_grad():
            truth = teacher(clean * 2 - 1)
            truth_vector = functional.normalize(teacher.embedding(truth), dim=1)
        tokens = student(crops * 2 - 1)
        vector = functional.normalize(student.embedding(tokens), dim=1)
        return functional.mse_loss(tokens, truth) / truth.var(0).mean(), (1 - (vector * truth_vector).sum(1)).mean()

    def error():
        chosen = rows[torch.randint(len(rows), (arguments.batch,), generator=generator, device=device)]
        tokens, vectors = missed(photos.photographed(chosen, generator), photos.crops(chosen))
        return tokens + vectors

    def report(mean_error: float):
        own = runs.generator(device, 1)
        everybody = unseen.of_person.flatten()
        clean, crops = unseen.crops(everybody), unseen.photographed(everybody, own)
        with torch.no_grad():
            strange, plain = missed(crops, clean), missed(clean, clean)
        run.log(loss=mean_error, tokens=strange[0], vectors=strange[1], clean_tokens=plain[0], clean_vectors=plain[1])
        run.save_product(run.averages["encoder"].state)

    run.learn(error, report, arguments.validate_every)


if __name__ == "__main__":
    main()
