"""Makes Fixtures/openpose*: OpenPose's networks with generated weights, and what its searches find in made-up maps.

Everything is done by controlnet_aux 0.0.10 (`pip install --no-deps controlnet_aux==0.0.10`, which needs einops,
matplotlib, opencv-python-headless, scikit-image, scipy, torch and torchvision), written with torch 2.15.0 and OpenCV
4.10.0.

    python3 Tests/NetworksTests/make_openpose_fixtures.py

openpose_{body,hand,face}.json list the weights under the published files' names (`alias`: under the module's own).
openpose.safetensors holds inputs and outputs, images and maps in PyTorch's NCHW.
"""

import importlib.util
import os
import sys
import types

os.environ.setdefault("OMP_NUM_THREADS", "1")
import numpy as np
import torch
from safetensors.torch import save_file

from generated_weights import FIXTURES, generate, save_list

# The package's initializer imports every annotator and what each of them needs; only one is wanted here.
package = types.ModuleType("controlnet_aux")
package.__path__ = importlib.util.find_spec("controlnet_aux").submodule_search_locations
sys.modules["controlnet_aux"] = package
from controlnet_aux.open_pose import util
from controlnet_aux.open_pose.body import Body, BodyResult, Keypoint
from controlnet_aux.open_pose.face import Face, FaceNet
from controlnet_aux.open_pose.hand import Hand
from controlnet_aux.open_pose.model import bodypose_model, handpose_model

torch.set_num_threads(1)
torch.set_grad_enabled(False)
tensors: dict[str, torch.Tensor] = {}


# ---------------------------------------------------------------- networks


def published_name(name: str) -> str:
    """What `util.transfer` looks for in the published file."""
    return name.split(".", 1)[1]


def make_networks() -> None:
    torch.manual_seed(1)
    image = (torch.rand(1, 3, 44, 59) - 0.5).half().float()
    tensors["image"] = image
    for name, model in [("body", bodypose_model()), ("hand", handpose_model()), ("face", FaceNet())]:
        modules = {name: name for name in model.state_dict()}
        if name != "face":
            modules = {published_name(name): name for name in model.state_dict()}
        weights, entries = generate({file: model.state_dict()[module] for file, module in modules.items()})
        if name != "face":
            model.load_state_dict(util.transfer(model, weights))
        else:
            model.load_state_dict(weights)
        save_list([entry | {"alias": modules[entry["name"]]} for entry in entries], f"openpose_{name}")
        output = model.eval()(image)
        if name == "body":
            tensors["body.affinities"], tensors["body.heatmaps"] = output
        else:
            tensors[f"{name}.heatmaps"] = output[-1] if name == "face" else output
    for name in tensors:
        print(name, tuple(tensors[name].shape), tensors[name].std().item())


# ---------------------------------------------------------------- search for bodies


class Stand_in:
    """In a network's place: keeps what it is given, and gives what it was told to."""

    def __init__(self, answer):
        self.answer = answer
        self.inputs = []

    def parameters(self):
        return iter([torch.zeros(1)])

    def __call__(self, data):
        self.inputs.append(data)
        return self.answer(data)


def block_picture(random, height: int, width: int) -> tuple[torch.Tensor, np.ndarray]:
    """Random colours [rows, columns, 3], and the picture in which each fills 10 x 10 pixels."""
    blocks = random.integers(0, 256, (-(-height // 10), -(-width // 10), 3)).astype(np.uint8)
    picture = np.kron(blocks, np.ones((10, 10, 1), np.uint8))[:height, :width]
    return torch.from_numpy(blocks), picture


def thinned(data: torch.Tensor, step: int = 3) -> torch.Tensor:
    """Every so many pixels of an input, which is enough to compare it and keeps the file small."""
    return data[:, :, ::step, ::step].half()


LIMBS = [(1, 2, 12), (1, 5, 20), (2, 3, 14), (3, 4, 16), (5, 6, 22), (6, 7, 24), (1, 8, 0), (8, 9, 2), (9, 10, 4)]
LIMBS += [(1, 11, 6), (11, 12, 8), (12, 13, 10), (1, 0, 28), (0, 14, 30), (14, 16, 34), (0, 15, 32), (15, 17, 36)]
LIMBS += [(2, 16, 18), (5, 17, 26)]

# A standing person in units of its height, feet at y = 1.
STANDING = [(0, 0.1), (0, 0.2), (-0.1, 0.2), (-0.15, 0.37), (-0.14, 0.5), (0.1, 0.2), (0.17, 0.35), (0.22, 0.48)]
STANDING += [(-0.06, 0.5), (-0.07, 0.72), (-0.08, 0.95), (0.06, 0.5), (0.07, 0.73), (0.09, 0.95)]
STANDING += [(-0.025, 0.08), (0.025, 0.08), (-0.055, 0.09), (0.055, 0.09)]


def body_maps(people: list, height: int, width: int, image_height: int, image_width: int, random):
    """What a good network would answer about people given in parts of the image, with some noise."""
    y, x = np.mgrid[0:height, 0:width] * 8 + 3.5
    y, x = y * image_height / (height * 8), x * image_width / (width * 8)
    heat = np.abs(random.normal(0, 0.01, (19, height, width)))
    field = random.normal(0, 0.01, (38, height, width))
    reach = 0.035 * image_height
    for person in people:
        for joint, place in enumerate(person):
            if place is not None:
                bump = np.exp(-((x - place[0]) ** 2 + (y - place[1]) ** 2) / (2 * reach**2))
                heat[joint] = np.maximum(heat[joint], 0.95 * bump)
        for start, end, channel in LIMBS:
            if person[start] is None or person[end] is None:
                continue
            (ax, ay), (bx, by) = person[start], person[end]
            length = max(np.hypot(bx - ax, by - ay), 1e-3)
            ux, uy = (bx - ax) / length, (by - ay) / length
            along, across = (x - ax) * ux + (y - ay) * uy, (x - ax) * uy - (y - ay) * ux
            on_limb = (along > -reach) & (along < length + reach) & (np.abs(across) < reach)
            field[channel][on_limb], field[channel + 1][on_limb] = ux, uy
    halve = lambda array: torch.from_numpy(array)[None].half().float()
    return halve(field), halve(heat)


def make_bodies() -> None:
    random = np.random.default_rng(3)

    def person(x: float, y: float, size: float, missing=()) -> list:
        """A person with its head's top at (x, y), joints shaken a little."""
        places = np.array([x, y]) + size * (np.array(STANDING) + random.normal(0, 0.006, (18, 2)))
        return [None if joint in missing else tuple(place) for joint, place in enumerate(places)]

    cases = {
        # Enlarged and shrunk pictures; one, two and three people, some with hidden joints, two side by side.
        "one": (112, 90, [person(45, 6, 100)]),
        "two": (230, 256, [person(90, 20, 190), person(175, 30, 180, missing=(4, 10, 13))]),
        "three": (150, 200, [person(40, 10, 130, (3, 4)), person(75, 12, 130), person(150, 25, 110, (0, 14, 15, 16, 17))]),
    }
    for name, (height, width, people) in cases.items():
        blocks, image = block_picture(random, height, width)
        scale = 184.0 / height
        rows, columns = -(-int(height * scale) // 8), -(-int(width * scale) // 8)
        # The margin that pads the input to multiples of 8 is no part of the image.
        field, heat = body_maps(
            people, rows, columns, height, width * columns * 8 / int(width * scale), random)
        body = Body.__new__(Body)
        body.model = Stand_in(lambda data: (field, heat))
        candidate, subset = body(image[:, :, ::-1].copy())
        results = body.format_body_result(candidate, subset)
        print(name, [round(float(result.total_parts)) for result in results])
        assert len(results) == len(people)
        found = np.full((len(results), 18, 3), np.nan)
        for row, result in zip(found, results):
            for joint, keypoint in enumerate(result.keypoints):
                if keypoint is not None:
                    row[joint] = keypoint.x, keypoint.y, min(max(keypoint.score, 0), 1)
        missing = np.isnan(found[..., 0])
        tensors[f"{name}.size"] = torch.tensor([height, width], dtype=torch.int32)
        tensors[f"{name}.affinities"], tensors[f"{name}.heatmaps"] = field.half(), heat.half()
        tensors[f"{name}.found"] = torch.from_numpy((~missing).astype(np.uint8))
        tensors[f"{name}.points"] = torch.from_numpy(np.nan_to_num(found)).float()
        boxes = []
        for result in results:
            blank = np.zeros((height, width, 3))
            boxes.append([list(box[:3]) for box in util.handDetect(result, blank)])
            face = util.faceDetect(result, blank)
            boxes[-1].append(list(face) if face else [-1, -1, -1])
        tensors[f"{name}.boxCounts"] = torch.tensor([len(each) for each in boxes], dtype=torch.int32)
        tensors[f"{name}.boxes"] = torch.tensor([box for each in boxes for box in each], dtype=torch.int32)
        tensors[f"{name}.blocks"] = blocks
        tensors[f"{name}.input"] = thinned(body.model.inputs[0])


# ---------------------------------------------------------------- search for points of hands and faces


def bumps(points: list, size: int) -> torch.Tensor:
    """Maps of one bump each, at places given in parts of the picture; none where there is no place."""
    centers = (np.arange(size) + 0.5) / size
    maps = np.zeros((len(points), size, size))
    for channel, point in enumerate(points):
        if point is not None:
            column = np.exp(-((centers - point[1]) ** 2) / 0.005)
            row = np.exp(-((centers - point[0]) ** 2) / 0.005)
            maps[channel] = point[2] * column[:, None] * row[None]
    return torch.from_numpy(maps)[None].float()


def make_parts() -> None:
    random = np.random.default_rng(4)

    def places(count: int) -> list:
        points = [(*random.uniform(0.06, 0.94, 2), random.uniform(0.3, 1)) for _ in range(count)]
        points[3], points[5] = None, (0.5, 0.5, 0.01)  # none, and one too weak
        points[7] = (0.001, 0.4, 0.9)  # in the first column, which counts as lost
        return [None if point is None else tuple(float(np.float32(value)) for value in point) for point in points]

    def table(points: list) -> torch.Tensor:
        return torch.tensor([point or (0, 0, 0) for point in points], dtype=torch.float32)

    for side in (100, 230):
        blocks, picture = block_picture(random, side, side)
        points = places(22)
        hand = Hand.__new__(Hand)
        hand.model = Stand_in(lambda data: bumps(points, data.shape[-1] // 8))
        peaks = hand(picture[:, :, ::-1].copy())
        tensors[f"hand{side}.places"] = table(points)
        tensors[f"hand{side}.points"] = torch.from_numpy(peaks.astype(np.int32))
        tensors[f"hand{side}.blocks"] = blocks
        for index, data in enumerate(hand.model.inputs):
            tensors[f"hand{side}.input{index}"] = thinned(data, 3 + 4 * index)

    points = places(71)
    face = Face.__new__(Face)
    height, width = 131, 118
    blocks, picture = block_picture(random, height, width)
    face.model = Stand_in(lambda data: [bumps(points, 48)])
    heatmaps = face(picture[:, :, ::-1].copy())
    # One map after the other: together, the public code leaves out which point was not found.
    peaks = [face.compute_peaks_from_heatmaps(heatmap[None]) for heatmap in heatmaps[:70]]
    tensors["faceSearch.places"] = table(points)
    tensors["faceSearch.points"] = torch.tensor([peak[0].tolist() if len(peak) else [0, 0] for peak in peaks])
    tensors["faceSearch.size"] = torch.tensor([height, width], dtype=torch.int32)
    tensors["faceSearch.blocks"] = blocks
    tensors["faceSearch.input"] = thinned(face.model.inputs[0], 5)


if __name__ == "__main__":
    make_networks()
    make_bodies()
    make_parts()
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, FIXTURES / "openpose.safetensors")
