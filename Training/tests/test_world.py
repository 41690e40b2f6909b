"""The rendered world: places and masks fit what is drawn, people stay recognisable in every style."""

import json
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import torch
from PIL import Image

from training import render as command
from training.world import STYLES, render, render_group, sample_identities, sample_pictures

SIZE = 128
torch.set_num_threads(1)


def subjects(count, preset="portrait", style="photo-soft", seed=3, **factors):
    """People without anything before their faces, looking at the viewer."""
    generator = torch.Generator().manual_seed(seed)
    people = sample_identities(count, generator).replacing(glasses=0, beard=0, hair_cut=2, mole=0, freckles=0)
    pictures = sample_pictures(people, generator, style, preset)
    calm = dict(occlusion=0, gaze_x=0, gaze_y=0, left_lid=0, right_lid=0, mouth_open=0, pursed=0)
    return people, pictures.replacing(**{**calm, **factors})


def luminance(colours):
    return colours @ torch.tensor([0.3, 0.59, 0.11])


def mean_colour(image, mask):
    """[B, 3] over masks [B, 1, H, W]."""
    return (image * mask).sum((2, 3)) / mask.sum((2, 3))


@torch.no_grad()
def drawn(people, pictures):
    return render(people, pictures, SIZE, compiled=False)


def changed(first, second):
    """Where two renderings differ: weights [B, H, W]."""
    return (first.image - second.image).abs().sum(1)


class PlacesTests(unittest.TestCase):
    def setUp(self):
        self.people, self.pictures = subjects(6, preset="photo", light_hardness=0.2)
        self.plain = drawn(self.people, self.pictures)
        self.x = torch.arange(SIZE).float()

    def test_eye_landmarks_lie_on_the_irises(self):
        other = self.people.replacing(eye_red=1 - self.people.column("eye_red"), eye_green=0.9, eye_blue=0.1)
        weight = changed(self.plain, drawn(other, self.pictures))
        for row, places in enumerate(self.plain.landmarks):
            middle = places[:2, 0].mean()
            for eye, half in ((0, self.x < middle), (1, self.x >= middle)):
                part = weight[row] * half
                centre = torch.stack([(part * self.x).sum(), (part * self.x[:, None]).sum()]) / part.sum()
                self.assertLess((centre - places[eye]).norm(), 0.02 * SIZE)

    def test_mouth_landmarks_lie_on_the_ends_of_the_lips(self):
        pale, red = self.people.replacing(lip_redness=0.0), self.people.replacing(lip_redness=1.0)
        weight = changed(drawn(pale, self.pictures), drawn(red, self.pictures))
        for row, places in enumerate(self.plain.landmarks):
            columns = (weight[row].amax(0) > 0.05).nonzero()[:, 0].float()
            self.assertLess((columns.min() - places[3, 0]).abs(), 0.025 * SIZE)
            self.assertLess((columns.max() - places[4, 0]).abs(), 0.025 * SIZE)
            rows = (weight[row].amax(1) > 0.05).nonzero()[:, 0].float()
            self.assertTrue(rows.min() - 2 < places[3:, 1].mean() < rows.max() + 2)

    def test_nose_landmark_lies_on_the_tip(self):
        small, large = self.people.replacing(nose_tip=0.8), self.people.replacing(nose_tip=1.25)
        weight = changed(drawn(small, self.pictures), drawn(large, self.pictures))
        for row, places in enumerate(self.plain.landmarks):
            centre = torch.stack([(weight[row] * self.x).sum(), (weight[row] * self.x[:, None]).sum()]) / weight[row].sum()
            self.assertLess((centre - places[2]).norm(), 0.05 * SIZE)

    def test_masks_hold_the_face_and_nothing_of_the_background(self):
        other = drawn(self.people, self.pictures.replacing(background=0, background_colour=0))
        background = changed(drawn(self.people, self.pictures.replacing(background=0, background_colour=5)), other)
        for row in range(len(self.people)):
            face, head = self.plain.face_mask[row, 0], self.plain.head_mask[row, 0]
            # Edges are smoothed along their course, so the outermost pixels may hold some background.
            inner = -torch.nn.functional.max_pool2d(-head[None], 5, stride=1, padding=2)[0]
            self.assertLess(background[row][inner > 0.99].max(), 0.02)
            self.assertLess((face - head).clamp_min(0).mean(), 0.003)
            for x, y in self.plain.landmarks[row].round().long().tolist():
                self.assertGreater(face[y - 1 : y + 2, x - 1 : x + 2].max() + self._eye(row, x, y), 0.5)
            self.assertTrue(0.04 < face.mean() < 0.4)

    def _eye(self, row, x, y):
        """Eyes may count as part of the face or not, but lie within it."""
        face = self.plain.face_mask[row, 0]
        return face[y - 8 : y + 9, x - 8 : x + 9].mean()

    def test_skeleton_agrees_with_the_landmarks(self):
        joints = self.plain.skeleton
        self.assertTrue(torch.equal(joints[:, 14:16, :2], self.plain.landmarks[:, :2]))
        self.assertTrue((joints[:, 1, 1] > joints[:, 0, 1]).all())  # the neck is below the nose
        self.assertTrue((joints[:, 16, 0] < joints[:, 17, 0]).all())


class AppearanceTests(unittest.TestCase):
    def test_skin_tone_is_readable_in_every_style(self):
        people, pictures = subjects(1)
        people = people[[0] * 4].replacing(skin_melanin=torch.tensor([0.02, 0.33, 0.66, 0.98]))
        for style in range(len(STYLES)):
            rendering = drawn(people, pictures[[0] * 4].replacing(style=style))
            colours = mean_colour(rendering.image, rendering.face_mask)
            tones = luminance(colours)
            with self.subTest(STYLES[style].name):
                self.assertTrue((tones[:-1] - tones[1:] > 0.05).all(), tones)
                self.assertGreater(tones[0] - tones[-1], 0.25)
                if STYLES[style].name != "neon-night":
                    self.assertTrue((colours[:, 0] > 1.1 * colours[:, 2]).all(), colours)

    def test_hair_stays_inside_the_picture(self):
        people, pictures = subjects(3)
        people = people.replacing(hair_cut=torch.tensor([14.0, 15.0, 19.0]), hair_volume=1.2)  # afro, bun, beanie
        rendering = drawn(people, pictures)
        self.assertLess(rendering.head_mask[:, 0, 0].max(), 0.05)
        self.assertGreater(rendering.head_mask[:, 0, : SIZE // 6].max(), 0.9)

    def test_occluders_hide_part_of_the_face_and_leave_the_rest(self):
        people, pictures = subjects(3, preset="photo")
        free = drawn(people, pictures)
        covered = drawn(people, pictures.replacing(occlusion=torch.tensor([1.0, 2.0, 3.0]), occlusion_x=0.6, occlusion_y=0.5))
        share = covered.face_mask.mean((1, 2, 3)) / free.face_mask.mean((1, 2, 3))
        self.assertTrue(((share > 0.3) & (share < 0.97)).all(), share)

    def test_a_picture_does_not_depend_on_its_neighbours(self):
        people, pictures = subjects(3, seed=8, style=None)
        together, alone = drawn(people, pictures), drawn(people[1], pictures[1])
        self.assertTrue(torch.allclose(together.image[1], alone.image[0], atol=1e-5))


class GroupTests(unittest.TestCase):
    def test_everybody_is_seen_once(self):
        for count in (2, 3, 5):
            people, pictures = subjects(count, seed=count)
            with torch.no_grad():
                scene = render_group(people, pictures, count, SIZE, compiled=False)
            self.assertLess(scene.face_masks.sum(1).max(), 1.01)
            for person in range(count):
                mask = scene.face_masks[0, person]
                self.assertGreater(mask.mean(), 0.004)
                x, y = scene.landmarks[0, person, 2].round().long().tolist()
                self.assertGreater(mask[y, x], 0.5)

    def test_a_group_of_one_is_refused(self):
        people, pictures = subjects(1)
        with self.assertRaises(ValueError):
            render_group(people, pictures, 1, SIZE)


class CommandTests(unittest.TestCase):
    def run_command(self, folder, *options):
        with mock.patch.object(sys, "argv", ["render", "--size", "64", "--out", str(folder), *options]), torch.no_grad():
            command.main()

    def test_writes_pictures_masks_and_factors(self):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            self.run_command(folder, "--people", "2", "--pictures", "2", "--seed", "5")
            self.run_command(folder, "--people", "1", "--pictures", "1", "--seed", "5", "--scene-people", "2")
            record = json.loads((folder / "person0001_01.json").read_text())
            self.assertEqual((len(record["landmarks"]), len(record["skeleton"])), (5, 18))
            self.assertIn(record["picture"]["style"], [style.name for style in STYLES])
            self.assertIn("hair_cut", record["identity"])
            with Image.open(folder / "person0001_01.png") as picture:
                self.assertEqual(picture.size, (64, 64))
            with Image.open(folder / "person0001_01_face.png") as mask:
                self.assertEqual(mask.mode, "L")
            scene = json.loads((folder / "scene0000_00.json").read_text())
            self.assertEqual(len(scene["identities"]), 2)
            self.assertTrue((folder / "scene0000_00_face1.png").exists())

    def test_the_same_seed_draws_the_same_people(self):
        with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
            for folder in (first, second):
                self.run_command(folder, "--people", "1", "--pictures", "1", "--seed", "7")
            name = "person0000_00.png"
            self.assertEqual((Path(first) / name).read_bytes(), (Path(second) / name).read_bytes())


if __name__ == "__main__":
    unittest.main()
