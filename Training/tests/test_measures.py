"""What measurements rest on: the words of the judges, and the share that counts as recognised."""

import tempfile
import unittest
from pathlib import Path

import torch

from training import configuration, curves, faces, likeness, observer, photographic, recogniser, world


class LikenessTests(unittest.TestCase):
    def test_recognised_is_above_95_of_100_strangers(self):
        cosines = torch.linspace(-0.5, 0.5, 400).reshape(20, 20)[:, torch.randperm(20)]
        own = list(range(20))
        cosines[range(20), own] = torch.tensor([0.6] * 15 + [-0.6] * 5)
        said = likeness.summary(cosines, own)
        self.assertAlmostEqual(said["recognised"], 0.75)
        self.assertAlmostEqual(said["cosine of the same"], 0.3, places=5)
        strangers = cosines[~torch.eye(20, dtype=torch.bool)]
        self.assertLess(abs(float((strangers > said["others, 95th percentile"]).float().mean()) - 0.05), 0.005)

    def test_two_portraits_may_be_of_one_person(self):
        cosines = torch.tensor([[0.9, 0.1], [0.8, 0.0], [0.2, 0.7]])
        said = likeness.summary(cosines, [0, 0, 1])
        self.assertEqual(said["recognised"], 1.0)
        self.assertAlmostEqual(said["cosine of others"], 0.1, places=6)


class CurvesTests(unittest.TestCase):
    def test_losses_are_what_stages_print(self):
        with tempfile.TemporaryDirectory() as folder:
            log = Path(folder) / "vae.log"
            log.write_text("warning: step by step\nstep 50 loss 0.4 0.1 min\nstep 100 loss 0.25 0.2 min\nstep 100 samples 800\n")
            self.assertEqual(curves.losses(log), ((50, 100), (0.4, 0.25)))
            log.write_text("nothing yet\n")
            with self.assertRaises(SystemExit):
                curves.losses(log)


class ObserverTests(unittest.TestCase):
    def test_truth_and_answer_have_the_same_parts(self):
        generator = torch.Generator().manual_seed(0)
        people = world.sample_identities(4, generator)
        pictures = world.sample_pictures(people, generator, preset="photo")
        truth = observer.Observation.of(pictures)
        self.assertEqual(truth.values.shape, (4, len(observer.VALUES)))
        self.assertAlmostEqual(float(truth.values[1, 0]), float((pictures.column("smile")[1] + 1.2) / 2.45 * 2 - 1), places=5)
        answer = torch.zeros(4, observer.OUTPUTS)
        start = 0
        for name, choice in truth.choices.items():
            answer[range(4), start + choice] = 1
            start += len(world.Pictures.factors[world.Pictures.index[name]].options)
        answer[:, start:] = truth.values
        seen = observer.Observation.read(answer)
        self.assertEqual(set(observer.accuracies(seen, truth).values()), {1.0})
        self.assertTrue(torch.equal(seen.values, truth.values))


class PhotographyTests(unittest.TestCase):
    def test_faces_stay_where_they_were(self):
        """A bright dot at every landmark is found close to the template's place, whatever the camera did."""
        generator = torch.Generator().manual_seed(3)
        count = 24
        dots = torch.zeros(count, 3, configuration.FACE_CROP_SIZE, configuration.FACE_CROP_SIZE)
        for x, y in photographic.WIDE_TEMPLATE.round().long().tolist():
            dots[:, :, y - 1 : y + 2, x - 1 : x + 2] = 1
        camera = photographic.Camera(count, generator)
        moved = photographic.reshaped(dots, camera)[:, 0]
        for x, y in faces.TEMPLATE.round().long().tolist():
            self.assertGreater(float(moved[:, y - 9 : y + 10, x - 9 : x + 10].amax((1, 2)).min()), 0.3)

    def test_crops_and_masks_keep_their_form(self):
        generator = torch.Generator().manual_seed(4)
        crops, heads = photographic.photographed(torch.rand(3, 3, 112, 112), torch.ones(3, 1, 112, 112), generator)
        self.assertEqual((crops.shape, heads.shape), ((3, 3, 112, 112), (3, 1, 112, 112)))
        self.assertTrue(bool(crops.isfinite().all()) and float(crops.min()) >= 0 and float(crops.max()) <= 1)


class RecogniserTests(unittest.TestCase):
    def test_a_crop_in_other_surroundings_keeps_its_face(self):
        people = _people()
        rows = torch.arange(2)
        plain, swapped = people.crops(rows), people.crops(rows, swapped=True)
        centre = (slice(None), slice(None), slice(50, 90), slice(40, 72))
        self.assertLess(float((plain[centre] - swapped[centre]).abs().max()), 1e-5)
        self.assertLess(float((swapped[0, :, 0, 0] - plain[1, :, 0, 0]).abs().max()), 1e-5)


def _people() -> recogniser.People:
    """Two plain pictures whose middle is face, without the renderer."""
    from training.dataset import Pictures

    images = torch.stack([torch.full((256, 256, 3), value, dtype=torch.uint8) for value in (60, 200)])
    face = torch.zeros(2, 32, 32, dtype=torch.uint8)
    face[:, 10:28, 8:24] = 255
    landmarks = (faces.TEMPLATE * 2 + 16).expand(2, 5, 2)
    return recogniser.People(Pictures(
        images=images, landmarks=landmarks, skeletons=torch.zeros(2, 18, 3), face_masks=face,
        head_masks=torch.zeros(2, 128, 128, dtype=torch.uint8), nuisances=torch.zeros(2, 1), styles=torch.zeros(2),
        people=torch.arange(2), photos=torch.ones(2, dtype=torch.bool), identities=torch.zeros(2, 1), captions=["", ""],
    ))  # fmt: skip


if __name__ == "__main__":
    unittest.main()
