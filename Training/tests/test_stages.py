"""What all stages are built on: crops, averages and the end of a run."""

import argparse
import tempfile
import time
import unittest
from pathlib import Path

import torch
from safetensors.torch import load_file

from training import dataset, runs, text_unet, vae
from training.restore import restore


def pictures_of_places(count: int) -> dataset.Pictures:
    """Pictures whose red is the column and whose green is the row, all with the same landmarks."""
    axis = torch.arange(256, dtype=torch.uint8)
    images = torch.stack([axis.expand(256, 256), axis[:, None].expand(256, 256), torch.zeros(256, 256, dtype=torch.uint8)], 2)
    landmarks = torch.tensor([[100.0, 90.0], [150.0, 90.0], [125.0, 120.0], [110.0, 150.0], [140.0, 150.0]])
    empty = torch.zeros(count)
    return dataset.Pictures(images.repeat(count, 1, 1, 1), landmarks.repeat(count, 1, 1), *[empty] * 8, captions=[])


class Crops(unittest.TestCase):
    def test_are_whole_parts_of_pictures_with_their_weights(self):
        crops, weights = vae.sample_crops(pictures_of_places(2), 16, torch.Generator().manual_seed(0))
        places = ((crops + 1) * 127.5).round()
        self.assertEqual(list(places.shape), [16, 3, vae.CROP, vae.CROP])
        self.assertTrue(bool((places[:, 0].diff(dim=2) == 1).all()) and bool((places[:, 1].diff(dim=1) == 1).all()))
        # The weight is greatest at the eyes, wherever the crop has them.
        at_eye = (places[:, 0] == 100) & (places[:, 1] == 90)
        self.assertTrue(bool(at_eye.any()))
        self.assertTrue(torch.allclose(weights[:, 0][at_eye], torch.tensor(5.0)))


class Products(unittest.TestCase):
    def test_later_stages_begin_with_base_and_adapter(self):
        model = Path(__file__).parents[2] / "Models" / "atelier"
        with tempfile.TemporaryDirectory() as folder:
            restore(model, Path(folder))
            denoiser = text_unet.build(Path(folder), "cpu")
            text_unet.load_base(denoiser, Path(folder))
            text_unet.load_adapter(denoiser, text_unet.adapter_product(Path(folder)))
        shipped = load_file(model / "face_adapter.safetensors")
        loaded = denoiser.adapter.adapter_state_dict()
        self.assertTrue(all(torch.equal(loaded[key], value.float()) for key, value in shipped.items()))


class Runs(unittest.TestCase):
    def run_until(self, folder: str, until: float) -> runs.Run:
        arguments = argparse.Namespace(samples=None, minutes=None, until=until, decay_share=0.5, save_every=1e9)
        module = torch.nn.Linear(2, 2)
        optimizer = torch.optim.SGD(module.parameters(), lr=0.1)
        return runs.Run(Path(folder), {"module": module}, optimizer, arguments, ema=0.5, warmup=1)

    def test_ends_at_its_time_and_slows_down_before(self):
        with tempfile.TemporaryDirectory() as folder:
            until = time.time() + 0.3
            run = self.run_until(folder, until)
            rates = []
            for _ in run.steps():
                rates.append(run.optimizer.param_groups[0]["lr"])
                time.sleep(0.01)
        self.assertGreaterEqual(time.time(), until)
        self.assertEqual(rates[0], 0.1)
        self.assertLess(rates[-1], 0.03)

    def test_averages_follow_weights_and_counters(self):
        module = torch.nn.BatchNorm1d(3)
        average = runs.Average(module, 0.5)
        with torch.no_grad():
            module.weight.fill_(3)
            module.num_batches_tracked.fill_(7)
        for step in range(100, 120):
            average.update(step)
        self.assertTrue(torch.allclose(average.state["weight"], torch.tensor(3.0), atol=1e-4))
        self.assertEqual(int(average.state["num_batches_tracked"]), 7)


if __name__ == "__main__":
    unittest.main()
