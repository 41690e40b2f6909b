"""Stage `evaluate`: measures the trained model on people never trained on, and writes a table and contact sheets.

Identity: the cosine between the encoder's embedding of the photo and of the portrait, for the same person and for
others (chance). Face region: the loss with the right person's photo, a wrong person's and none. The encoder that
judges is the one that conditions, so its score flatters; the separate recogniser is a stage still to be written.
"""

import argparse
import json
from pathlib import Path

import torch
from torch.nn import functional

from training import denoising, faces, runs
from training.cache import load_face_encoder
from training.export import Networks
from training.sheets import save_sheet
from training.tokenizer import Tokenizer


def load_denoiser(folder: Path, device: str) -> denoising.Denoiser:
    tokenizer = Tokenizer(folder / "tokenizer")
    networks = Networks(len(tokenizer))
    networks.load(folder)
    for network in (networks.unet, networks.text_encoder, networks.adapter):
        network.to(device).eval()
    return denoising.Denoiser(networks.unet, networks.text_encoder, networks.adapter, tokenizer(""), device)


@torch.no_grad()
def identity(encoder, photos, portraits, landmarks) -> dict:
    """Cosines of photo and portrait; `beats_chance`: share of people above the 95th percentile of strangers."""
    crops = [faces.aligned(pictures, marks) * 2 - 1 for pictures, marks in zip((photos, portraits), landmarks)]
    vectors = [functional.normalize(encoder.embedding(encoder(x)), dim=1) for x in crops]
    similarity = vectors[0] @ vectors[1].T
    own = similarity.diagonal()
    strangers = similarity[~torch.eye(len(own), dtype=torch.bool)]
    threshold = strangers.quantile(0.95)
    return dict(same=float(own.mean()), other=float(strangers.mean()), beats_chance=float((own > threshold).float().mean()))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=Path, required=True)
    denoising.add_arguments(parser)
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--threads", type=int)
    parser.add_argument("--people", type=int, default=32)
    parser.add_argument("--weights", type=float, nargs="+", default=[0.0, 0.5, 1.0], help="adapter weights")
    arguments = parser.parse_args()
    runs.prepare_process(arguments.threads)
    corpus = denoising.Corpus(arguments)
    denoiser = load_denoiser(arguments.runs, arguments.device)
    encoder = load_face_encoder(arguments.runs)
    examples, pictures = corpus.unseen, corpus.unseen_pictures
    rows = torch.stack([(examples.people == p).nonzero()[0, 0] for p in range(len(examples.tokens))])
    rows = rows[: arguments.people]
    people = examples.people[rows]
    photos, truth = pictures.floats(examples.photos[people, 0]), pictures.floats(examples.portraits[rows])
    # Pose is drawn from the noise: the true portrait's landmarks are the best guess of where the face came to lie.
    marks = (pictures.landmarks[examples.photos[people, 0]], pictures.landmarks[examples.portraits[rows]])
    report = {"gauge": denoiser.gauge(examples, seed=3), "rendered portrait": identity(encoder, photos, truth, marks)}
    drawn = []
    for weight in arguments.weights:
        drawn.append(denoiser.portraits(
            examples.captions[rows], examples.tokens[people, 0], corpus.autoencoder, seed=11, face_scale=weight
        ))  # fmt: skip
        report[f"weight {weight}"] = identity(encoder, photos, drawn[-1], marks)
    folder = arguments.runs / "evaluate"
    save_sheet([x[:8] for x in (photos, truth, *drawn)], folder / "sheet.png")
    (folder / "report.json").write_text(json.dumps(report, indent=2) + "\n")
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
