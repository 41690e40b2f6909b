"""Heads of drawn people: where they are looked for, what counts as before them, and the network that learns it."""

import json
import tempfile
import unittest
from pathlib import Path

import cv2
import numpy as np
import torch

from training import head_segmenter
from training.networks.segmenter import HeadNetwork, places

LANDMARKS = [[20.0, 20.0], [30.0, 20.0], [25.0, 25.0], [21.0, 30.0], [29.0, 30.0]]


class Squares(unittest.TestCase):
    def test_lie_around_the_middle_of_eyes_and_mouth(self):
        middle, side = head_segmenter.square_of(np.array(LANDMARKS))
        self.assertEqual((*middle, side), (25.0, 25.0, 75.0))

    def test_are_black_where_the_picture_ends(self):
        part = head_segmenter.seen(np.full((40, 40, 3), 200, np.uint8), np.array([0.0, 20.0]), 40)
        half = head_segmenter.SIZE // 2
        self.assertTrue((part[:, : half - 6] == 0).all() and (part[:, half + 6 :] == 200).all())


class Scenes(unittest.TestCase):
    """Two people: the first, red, behind the second, green, whose head hides a part of the other's."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        image, masks = np.full((100, 100, 3), 128, np.uint8), np.zeros((6, 100, 100), np.uint8)
        masks[0, 15:35, 15:35], masks[1, 25:45, 30:50] = 255, 255
        masks[2] = masks[1]  # before the first: the second's head and body
        masks[2, 45:, 25:55] = 255
        masks[0][masks[2] > 0] = 0
        masks[4:] = masks[:2]  # faces are the lower halves of heads
        masks[4, :25], masks[5, :35] = 0, 0
        image[masks[0] > 0], image[masks[2] > 0] = (0, 0, 255), (0, 255, 0)
        path = Path(self.folder.name) / "scene0000_00.png"
        cv2.imwrite(str(path), image)
        for name, mask in zip(("head0", "head1", "before0", "before1", "face0", "face1"), masks):
            cv2.imwrite(str(path.with_stem(f"{path.stem}_{name}")), mask)
        second = (np.array(LANDMARKS) + (15, 10)).tolist()
        path.with_suffix(".json").write_text(json.dumps({"landmarks": [LANDMARKS, second], "skeletons": [0, 0]}))
        self.heads = head_segmenter.Heads([Path(self.folder.name)])

    def test_say_whose_head_it_is_and_who_stands_before_it(self):
        self.assertEqual(len(self.heads), 2)
        first, second = self.heads.head(0), self.heads.head(1)
        for head in (first, second):
            self.assertTrue(np.allclose(head.shares.sum(0), 1))
        for head, own, other in ((first, 0, 1), (second, 1, 0)):
            is_own = (head.image[..., own] > 200) & (head.image[..., other] < 60)
            self.assertGreater(head.shares[head_segmenter.HEAD][is_own][:200].mean(), 0.4)
            # The other's head is nobody's to paint over, whoever stands before whom.
            is_other = (head.image[..., other] > 200) & (head.image[..., own] < 60)
            self.assertLess(head.shares[head_segmenter.HEAD][is_other].mean(), 0.02)
        body = second.image[..., 1] > 200
        body[: int(0.62 * head_segmenter.SIZE)] = False
        self.assertLess(second.shares[1:, body].mean(), 0.02)  # one's own body is neither
        red, green = (head.shares[head_segmenter.BEFORE :].sum(0) > 0.5 for head in (first, second))
        self.assertGreater(red.sum(), 1.5 * green.sum())
        # The other's face is the lower half of what is seen of the head.
        rows = np.nonzero(first.shares[head_segmenter.FACE] > 0.5)[0]
        self.assertGreater(len(rows), 100)
        self.assertTrue((first.image[rows.min() + 2 : rows.max() - 2, :, 1].max(1) > 200).all())
        self.assertLess((second.shares[head_segmenter.FACE] > 0.5).sum(), len(rows))

    def test_cut_by_an_edge_keep_face_and_place(self):
        random, seen = np.random.default_rng(5), set()
        picture = np.zeros((100, 120), np.uint8)
        picture[40, 60] = 255
        for _ in range(60):
            (image, mask), middle = head_segmenter._cut([picture[..., None], picture], np.array([60.0, 40.0]), 75, random)
            self.assertEqual(image.shape[:2], mask.shape)
            self.assertEqual(mask[int(middle[1]), int(middle[0])], 255)
            seen.add((mask.shape[0] < 100, mask.shape[1] < 120, middle[0] < 60))
        self.assertEqual(seen, {(False, False, False), (True, False, False), (False, True, False), (False, True, True)})

    def test_are_mirrored_together_with_what_is_known_of_them(self):
        random = np.random.default_rng(3)
        for _ in range(8):
            head = self.heads.head(0, random)
            reddish = head.image[..., 0].astype(int) - head.image[..., 1]
            if reddish.max() < 60:  # a black and white camera
                continue
            columns = np.arange(head_segmenter.SIZE)
            seen = (reddish.clip(0) * columns).sum() / reddish.clip(0).sum()
            known = (head.shares[head_segmenter.HEAD] * columns).sum() / head.shares[head_segmenter.HEAD].sum()
            self.assertLess(abs(seen - known), 0.1 * head_segmenter.SIZE)


class Network(unittest.TestCase):
    def test_knows_where_the_middle_is(self):
        axis = places(4)[0, 0, 0]
        self.assertEqual(axis.tolist(), [-0.75, -0.25, 0.25, 0.75])
        self.assertTrue(torch.equal(places(4)[0, 0], places(4)[0, 1].T))

    def test_is_the_same_without_its_norms(self):
        torch.manual_seed(0)
        network = HeadNetwork(widths=(4, 6, 8))
        network(torch.rand(2, 3, 16, 16))  # the norms see something
        network.eval()
        folded = HeadNetwork(widths=(4, 6, 8)).eval()
        state = network.folded_state_dict()
        for stack in (*folded.down, *folded.up, folded.answer):
            for name, convolution in stack.convolutions.items():
                convolution.weight.data, convolution.bias.data = state[f"{name}.weight"], state[f"{name}.bias"]
            for norm in stack.norms.values():
                norm.running_var.fill_(1 - norm.eps)
        image = torch.rand(1, 3, 16, 16)
        with torch.no_grad():
            self.assertTrue(torch.allclose(network(image), folded(image), atol=1e-5))


if __name__ == "__main__":
    unittest.main()
