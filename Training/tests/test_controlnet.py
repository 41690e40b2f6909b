"""The ControlNet's contract: nothing at first, skeletons where the people are, small files."""

import argparse
import json
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import torch
from safetensors.torch import load_file, save_file

from training import configuration, dataset, export, skeletons, world
from training.controlnet import PosedUNet, make_controlnet
from training.networks.base import make_unet
from training.networks.face_adapter import FaceAdapter, face_condition

torch.set_num_threads(1)
# What the model may weigh beside everything else that is shipped in it.
LARGEST_FILE = 10_800_000


def people_and_pictures(count, seed=5):
    generator = torch.Generator().manual_seed(seed)
    people = world.sample_identities(count, generator)
    return people, world.sample_pictures(people, generator)


class ControlNetTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        torch.manual_seed(0)
        unet = make_unet().eval()
        torch.nn.init.normal_(unet.conv_out.weight, std=0.05)
        adapter = FaceAdapter(unet, configuration.RESAMPLER).eval()
        adapter.attach(unet)
        cls.controlnet = make_controlnet(unet).eval()
        cls.posed = PosedUNet(unet, cls.controlnet)
        cls.condition = face_condition(torch.randn(2, 16, configuration.FACE_TOKEN_DIMENSION), 1.0)

    @torch.no_grad()
    def predict(self, pictures):
        generator = torch.Generator().manual_seed(1)
        latents = torch.randn(2, 4, 16, 16, generator=generator)
        states = torch.randn(2, 77, configuration.TEXT_DIMENSION, generator=generator)
        with self.posed.following(pictures):
            return self.posed(latents, torch.tensor([500, 500]), states, cross_attention_kwargs=self.condition).sample

    def test_changes_nothing_before_it_is_trained(self):
        picture = torch.rand(1, 3, 128, 128)
        self.assertTrue(torch.equal(self.predict(picture), self.predict(None)))
        with torch.no_grad():
            self.controlnet.controlnet_mid_block.bias.fill_(0.5)
        self.assertFalse(torch.allclose(self.predict(picture), self.predict(None), atol=1e-3))
        with torch.no_grad():
            self.controlnet.controlnet_mid_block.bias.zero_()

    def test_holds_nothing_of_the_face(self):
        self.assertFalse([name for name, _ in self.controlnet.named_modules() if "fuser" in name])
        self.assertIsNone(getattr(self.controlnet, "position_net", None))

    def test_its_file_is_small_and_whole(self):
        with tempfile.TemporaryDirectory() as name:
            export.save_diffusers(self.controlnet, Path(name))
            size = sum(file.stat().st_size for file in Path(name).iterdir())
            self.assertLess(size, LARGEST_FILE)
            config = json.loads((Path(name) / "config.json").read_text())
            loaded = load_file(Path(name) / "diffusion_pytorch_model.safetensors")
        self.assertEqual(config["layers_per_block"], list(configuration.UNET["layers_per_block"]))
        for key, value in self.controlnet.state_dict().items():
            self.assertTrue(torch.equal(loaded[key], value.half()), key)


class SkeletonTests(unittest.TestCase):
    def test_joints_are_drawn_in_their_colours_where_they_are(self):
        skeleton = torch.zeros(18, 3)
        skeleton[0] = torch.tensor([0.25, 0.5, 1.0])  # nose
        skeleton[1] = torch.tensor([0.25, 0.75, 1.0])  # neck
        skeleton[2] = torch.tensor([0.75, 0.75, 0.0])  # a shoulder that is not seen
        picture = skeletons.drawn(skeleton.tolist())
        self.assertEqual(picture.shape, (256, 256, 3))
        self.assertEqual(picture[128, 64].tolist(), [255, 0, 0])
        self.assertEqual(picture[192, 64].tolist(), [255, 85, 0])
        self.assertEqual(picture[160, 64].tolist(), [0, 0, 153])
        self.assertFalse(picture[:, 80:].any())

    def test_pictures_are_a_batch_of_floats(self):
        shown = dataset.floats(skeletons.drawings(torch.rand(3, 18, 3)))
        self.assertEqual(shown.shape, (3, 3, 256, 256))
        self.assertLessEqual(shown.max(), 1)


class DatasetTests(unittest.TestCase):
    def test_factors_survive_their_vector(self):
        for table in people_and_pictures(16):
            again = type(table).from_vector(table.vector())
            torch.testing.assert_close(again.values, table.values, rtol=1e-5, atol=1e-5)

    def test_skeletons_follow_from_factors(self):
        people, pictures = people_and_pictures(2)
        with torch.no_grad():
            drawn = world.render(people, pictures, 64, compiled=False).skeleton
        torch.testing.assert_close(world.skeletons(people, pictures, 64), drawn)

    def test_rendered_shards_hold_the_skeletons_that_their_factors_say(self):
        arguments = argparse.Namespace(photos=1, portraits=1, kin=False, posed=1, device="cpu")
        small = mock.patch.multiple(dataset, PEOPLE_PER_SHARD=2), mock.patch.multiple(configuration, PICTURE_SIZE=64)
        with small[0], small[1], torch.no_grad():
            tensors, _ = dataset.render_shard(3, 1, arguments)
            expected = dataset.skeletons_of(tensors)
        self.assertEqual((expected.shape, tensors["skeletons"].dtype), ((4, 18, 3), torch.float16))
        # Factors come back from their vector with rounding in the last place.
        torch.testing.assert_close(tensors["skeletons"], expected, rtol=2e-3, atol=1e-3)

    def test_shards_from_before_skeletons_get_them(self):
        people, pictures = people_and_pictures(4)
        count = len(people)
        shard = dict(
            images=torch.zeros(count, 8, 8, 3, dtype=torch.uint8), landmarks=torch.zeros(count, 5, 2),
            face_masks=torch.zeros(count, 1, 1), head_masks=torch.zeros(count, 1, 1), nuisances=pictures.vector(),
            styles=pictures.choice("style"), people=torch.arange(count) + 64,
            photos=torch.zeros(count, dtype=torch.bool), identities=people.vector(),
        )  # fmt: skip
        expected = dataset.unit_skeletons(world.skeletons(people, pictures))
        self.assertEqual((expected.shape, expected.dtype), ((count, 18, 3), torch.float16))
        for stored in ({}, dict(skeletons=expected)):
            with tempfile.TemporaryDirectory() as name:
                save_file(shard | stored, Path(name) / "shard_0000.safetensors", {"captions": "[]"})
                found = dataset.load(Path(name)).skeletons
            torch.testing.assert_close(found, expected)


if __name__ == "__main__":
    unittest.main()
