"""OpenPose's coloured drawing of a person, as the program draws it for the model (Sources/Imaging/Skeleton).

Joints, limbs, colours and sizes are those of controlnet_aux (`draw_bodypose`), which belong to pictures of 512 pixels:
skeletons are drawn at that size and shrunken to the model's.
"""

import math
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import torch

from training import configuration

DRAWING_SIZE = 512
STICK_WIDTH = JOINT_RADIUS = 4
LIMB_BRIGHTNESS = 0.6
LIMBS = ((1, 2), (1, 5), (2, 3), (3, 4), (5, 6), (6, 7), (1, 8), (8, 9), (9, 10), (1, 11), (11, 12), (12, 13), (1, 0),
         (0, 14), (14, 16), (0, 15), (15, 17))  # fmt: skip
COLOURS = ((255, 0, 0), (255, 85, 0), (255, 170, 0), (255, 255, 0), (170, 255, 0), (85, 255, 0), (0, 255, 0),
           (0, 255, 85), (0, 255, 170), (0, 255, 255), (0, 170, 255), (0, 85, 255), (0, 0, 255), (85, 0, 255),
           (170, 0, 255), (255, 0, 255), (255, 0, 170), (255, 0, 85))  # fmt: skip


def drawn(skeleton, size: int = configuration.PICTURE_SIZE) -> np.ndarray:
    """A picture uint8 [size, size, 3], red first, of one person: 18 rows of x and y in 0...1 and visibility."""
    canvas = np.zeros((DRAWING_SIZE, DRAWING_SIZE, 3), np.uint8)
    points = [(x * DRAWING_SIZE - 0.5, y * DRAWING_SIZE - 0.5) if seen > 0.5 else None for x, y, seen in skeleton]
    for (start, end), colour in zip(LIMBS, COLOURS):
        if points[start] and points[end]:
            dimmed = [int(channel * LIMB_BRIGHTNESS) for channel in colour]
            cv2.fillConvexPoly(canvas, _stick(points[start], points[end]), dimmed)
    for point, colour in zip(points, COLOURS):
        if point:
            cv2.circle(canvas, (int(point[0]), int(point[1])), JOINT_RADIUS, colour, thickness=-1)
    return cv2.resize(canvas, (size, size), interpolation=cv2.INTER_AREA) if size < DRAWING_SIZE else canvas


def _stick(start, end):
    """An ellipse that reaches from joint to joint."""
    across, down = start[0] - end[0], start[1] - end[1]
    middle = (int((start[0] + end[0]) / 2), int((start[1] + end[1]) / 2))
    axes = (int(math.hypot(across, down) / 2), STICK_WIDTH)
    return cv2.ellipse2Poly(middle, axes, int(math.degrees(math.atan2(down, across))), 0, 360, 1)


def drawings(skeletons: torch.Tensor) -> torch.Tensor:
    """Pictures uint8 [B, 256, 256, 3] of skeletons [B, 18, 3]."""
    with ThreadPoolExecutor() as threads:  # drawing leaves Python's lock
        return torch.from_numpy(np.stack(list(threads.map(drawn, skeletons.float().tolist()))))
