"""Stage `evaluate`: lets the program paint people never trained on, and measures whom and what it painted.

    swift build -c release
    python3 -m training.evaluate --out EVALUATION

Everybody gives three photos: an ordinary one, one in harsh light and one with an exaggerated expression. From each the
program paints a portrait in some style, with words for clothes, background and expression. Two judges that had no part
in it, stages `recogniser` and `observer`, and the model's own identity encoder (which flatters) then say

* identity: the share of portraits that are more like their photo than 95 of 100 pairs of strangers;
* words: the share of portraits in which style, clothes and background are those of the prompt;
* decoupling: how far expression and light of the portrait follow the photo's (correlation over all portraits);
* the same for smaller weights of the adapter.

Writes report.json, report.md and contact sheets; everything painted stays in the folder.
"""

import argparse
import json
from dataclasses import dataclass, field
from pathlib import Path

import torch

from training import configuration, likeness, observer, program, runs, world
from training.likeness import Likeness
from training.program import Program
from training.render import save_png
from training.sheets import save_sheet

# One of so many people is painted with other weights of the adapter too.
WEIGHED = 3
KINDS = ("ordinary", "harsh light", "exaggerated")
SEEN_VALUES = ("smile", "mouth_open", "brow_raise", "light_azimuth", "light_elevation", "light_hardness")


@dataclass
class Case:
    """One portrait to paint: from whose photo, in which words."""

    person: int
    kind: str
    photo: Path
    prompt: str
    style: str
    portrait: Path
    weight: float = 1.0
    # Filled in once it is painted.
    landmarks: list | None = None


@dataclass
class Cast:
    """People with their photos of one kind, and what their portraits shall show."""

    kind: str
    photographed: world.Pictures
    photos: torch.Tensor  # [B, 3, 256, 256]
    landmarks: torch.Tensor  # [B, 5, 2]
    wanted: world.Pictures
    cases: list[Case] = field(default_factory=list)


def cast(kind: str, people: world.Identities, generator) -> Cast:
    photographed = world.sample_pictures(people, generator, preset="photo")
    count = len(people)
    side = torch.where(torch.rand(count, generator=generator) < 0.5, -1.0, 1.0)

    def uniform(low: float, high: float):
        return low + (high - low) * torch.rand(count, generator=generator)

    # Nothing before the face: whether a hidden face is recognised is another question.
    photographed = photographed.replacing(occlusion=0.0)
    if kind == "harsh light":
        photographed = photographed.replacing(
            light_azimuth=side * uniform(0.9, 1.45), light_elevation=uniform(-0.3, 0.7), light_hardness=uniform(0.7, 1.0),
            light_strength=uniform(1.0, 1.4), fill_strength=uniform(0.15, 0.35),
        )  # fmt: skip
    if kind == "exaggerated":
        laughing = torch.rand(count, generator=generator) < 0.5
        photographed = photographed.replacing(
            smile=torch.where(laughing, 1.2, -0.2), mouth_open=uniform(0.75, 1.0),
            brow_raise=torch.where(laughing, 0.3, 1.2), frown=0.0, pursed=0.0, lopsided=0.0, left_lid=-0.1, right_lid=-0.1,
        )  # fmt: skip
    rendering = world.render(people, photographed, size=configuration.PICTURE_SIZE)
    wanted = world.sample_pictures(people, generator, preset="portrait")
    return Cast(kind, photographed, rendering.image, rendering.landmarks, wanted)


def add_cases(cast: Cast, people: world.Identities, folder: Path):
    styles = {style.name: style.prompt for style in world.STYLES}
    words = world.captions(people, cast.wanted)
    for person, (caption, style) in enumerate(zip(words, cast.wanted.chosen("style"))):
        name = f"{person:03d}_{cast.kind.replace(' ', '_')}"
        photo = folder / f"{name}.photo.png"
        save_png(cast.photos[person], photo)
        # The style has its words from the program's library, the subject from the model's profile.
        prompt = caption.removeprefix(f"{styles[style]}, portrait of a person, ")
        cast.cases.append(Case(person, cast.kind, photo, prompt, style, folder / f"{name}.png"))


def weighed(cast: Cast, weight: float, count: int) -> list[Case]:
    """The first cases once more, with another weight of the adapter."""
    return [
        Case(c.person, c.kind, c.photo, c.prompt, c.style, c.portrait.with_suffix(f".{weight}.png"), weight)
        for c in cast.cases[:count]
    ]


def painted(cases: list[Case]) -> torch.Tensor:
    return torch.stack([likeness.read(case.portrait) for case in cases])


def identity(judge: Likeness, cast: Cast, cases: list[Case]) -> dict:
    """Whom the portraits show; one without a face shows nobody."""
    photos = [likeness.crop(*pair) for pair in zip(cast.photos, cast.landmarks)]
    seen = [case for case in cases if case.landmarks]
    portraits = [likeness.crop(likeness.read(case.portrait), case.landmarks) for case in seen]
    report = {"portraits": len(cases), "with a face": len(seen)}
    for name, cosines in judge.cosines(portraits, photos).items():
        report[name] = likeness.summary(cosines, [case.person for case in seen])
        report[name]["recognised"] *= len(seen) / len(cases)
    return report


def words(network, cases: list[Case], wanted: world.Pictures) -> dict:
    """The share of portraits that show what `wanted`, a row for each, says."""
    return observer.accuracies(observer.observed(network, painted(cases)), observer.Observation.of(wanted))


def decoupling(network, casts: list[Cast]) -> dict:
    """Correlations over all portraits of what is to be seen in them with the factors of their photos."""
    portraits = torch.cat([observer.observed(network, painted(cast.cases)).values for cast in casts])
    photos = torch.cat([observer.Observation.of(cast.photographed).values for cast in casts])
    report = {}
    for name in SEEN_VALUES:
        column = observer.VALUES.index(name)
        pair = torch.stack([portraits[:, column], photos[:, column]])
        report[name] = float(torch.corrcoef(pair)[0, 1])
    return report


def sheets(casts: list[Cast], weights: dict[float, list[Case]], folder: Path, columns: int = 8):
    rows = [part for cast in casts for part in (cast.photos[:columns], painted(cast.cases[:columns]))]
    save_sheet(rows, folder / "people.png")
    first = casts[0].cases[:columns]
    save_sheet([casts[0].photos[:columns], *(painted(c[:columns]) for c in weights.values()), painted(first)], folder / "weights.png")
    of_style = [[case for cast in casts for case in cast.cases if case.style == style.name] for style in world.STYLES]
    save_sheet([painted(cases[:columns]) for cases in of_style if cases], folder / "styles.png")


def markdown(report: dict) -> str:
    lines = ["| | " + " | ".join(report["identity"]) + " |", "|---|" + "---|" * len(report["identity"])]
    for name, key in (("recognised by the recogniser", "recogniser"), ("recognised by the encoder", "encoder")):
        cells = [f"{part[key]['recognised']:.0%} (cosine {part[key]['cosine of the same']:.2f}, others "
                 f"{part[key]['cosine of others']:.2f})" for part in report["identity"].values()]  # fmt: skip
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    lines += ["", "| words followed | share |", "|---|---|"]
    lines += [f"| {name} | {value:.0%} |" for name, value in report["words"].items()]
    lines += ["", "| correlation with the photo | |", "|---|---|"]
    lines += [f"| {name} | {value:.2f} |" for name, value in report["decoupling"].items()]
    lines += ["", "| adapter weight | recogniser | encoder | style |", "|---|---|---|---|"]
    lines += [
        f"| {weight} | {part['recogniser']['recognised']:.0%} | {part['encoder']['recognised']:.0%} | {part['style']:.0%} |"
        for weight, part in report["weights"].items()
    ]
    return "\n".join(lines) + "\n"


@torch.no_grad()
def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    program.add_arguments(parser)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--people", type=int, default=68, help="each gives three cases")
    parser.add_argument("--seed", type=int, default=900, help="of people and portraits; 0 to 6 made training's people")
    parser.add_argument("--weights", type=float, nargs="*", default=[0.0, 0.5], help="adapter weights besides 1")
    parser.add_argument("--adapter", type=Path, help="a run's adapter in place of the model's: an ablation's product")
    parser.add_argument("--threads", type=int)
    arguments = parser.parse_args()
    runs.prepare_process(arguments.threads)
    arguments.out.mkdir(parents=True, exist_ok=True)
    generator = torch.Generator().manual_seed(arguments.seed)
    people = world.sample_identities(arguments.people, generator)
    casts = [cast(kind, people, generator) for kind in KINDS]
    for one in casts:
        add_cases(one, people, arguments.out)
    weights = {weight: weighed(casts[0], weight, len(people) // WEIGHED) for weight in arguments.weights}
    everything = [case for one in casts for case in one.cases] + [case for cases in weights.values() for case in cases]
    facechain = Program(arguments.program, arguments.model)
    adapter = ("--adapter", arguments.adapter.resolve()) if arguments.adapter else ()
    for number, case in enumerate(everything):
        facechain.paint(
            "generate", "--photo", case.photo, "--style", case.style, "--prompt", case.prompt, "--id-weight", case.weight,
            "--seed", arguments.seed + case.person, *adapter, out=case.portrait,
        )  # fmt: skip
        face = program.largest(facechain.faces(case.portrait))
        case.landmarks = face and face["landmarks"]
        print(f"{number + 1}/{len(everything)} {case.portrait.name}", flush=True)
    judge, network = Likeness(arguments.model), observer.load()
    wanted = world.Pictures.concatenated([one.wanted for one in casts])
    ordinary, some = casts[0], len(people) // WEIGHED
    report = {
        "identity": {one.kind: identity(judge, one, one.cases) for one in casts},
        "words": words(network, [case for one in casts for case in one.cases], wanted),
        "decoupling": decoupling(network, casts),
        "weights": {
            weight: identity(judge, ordinary, part) | words(network, part, ordinary.wanted[list(range(some))])
            for weight, part in (weights | {1.0: ordinary.cases[:some]}).items()
        },
    }
    (arguments.out / "report.json").write_text(json.dumps(report, indent=2) + "\n")
    (arguments.out / "report.md").write_text(markdown(report))
    sheets(casts, weights, arguments.out)
    print(markdown(report))


if __name__ == "__main__":
    main()
