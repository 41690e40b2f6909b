"""The critic's word: about the person, only where one is shown, and on the latents that a velocity promises."""

import unittest

import torch

from training import critic, denoising
from training.cache import Examples
from training.critic import Critic
from training.diffusion import Diffusion


def examples(people: int, portraits: int) -> Examples:
    """Portraits that differ between people and hardly between portraits of one."""
    generator = torch.Generator().manual_seed(0)
    own = torch.randn(people, 1, 4, 32, 32, generator=generator)
    latents = (own + 0.05 * torch.randn(people, portraits, 4, 32, 32, generator=generator)).flatten(0, 1)
    fields = dict.fromkeys(Examples.__dataclass_fields__, torch.zeros(people * portraits))
    numbers = torch.arange(people).repeat_interleave(portraits)
    return Examples(**fields | dict(latents=latents, people=numbers, tokens=torch.zeros(people, 1)))


class Word(unittest.TestCase):
    def setUp(self):
        torch.manual_seed(0)
        self.examples = examples(people=4, portraits=3)
        self.critique = denoising.Critique(Critic().eval(), self.examples, weight=0.5)

    def test_is_about_the_person(self):
        everybody = torch.ones(12)
        right = self.critique.loss(self.examples.latents, self.examples.people, everybody)
        wrong = self.critique.loss(self.examples.latents, (self.examples.people + 1) % 4, everybody)
        self.assertLess(float(right), 0.2 * float(wrong))

    def test_counts_only_where_somebody_is_shown(self):
        latents = torch.randn(12, 4, 32, 32, requires_grad=True)
        shown = torch.zeros(12)
        shown[3] = 1
        self.critique.loss(latents, self.examples.people, shown).backward()
        moved = latents.grad.flatten(1).norm(dim=1) > 0
        self.assertEqual(moved.nonzero().flatten().tolist(), [3])


class Softening(unittest.TestCase):
    def test_draws_two_different_portraits_of_each_person(self):
        shown = examples(people=4, portraits=3)
        people = critic.People(shown, torch.randn(4, 6))
        pairs = people.pairs(torch.tensor([2, 0]), torch.Generator().manual_seed(0))
        self.assertEqual(list(pairs.shape), [4, 4, 32, 32])
        self.assertTrue(bool(pairs.isfinite().all()))
        self.assertFalse(torch.equal(pairs[0], pairs[2]))


class Promise(unittest.TestCase):
    def test_velocity_and_noise_give_the_latents_back(self):
        diffusion, latents = Diffusion("cpu"), torch.randn(3, 4, 8, 8)
        timesteps = torch.tensor([1, 500, 998])
        noisy, velocity = diffusion.noised(latents, torch.randn(3, 4, 8, 8), timesteps)
        self.assertTrue(torch.allclose(diffusion.clean(noisy, velocity, timesteps), latents, atol=1e-4))


if __name__ == "__main__":
    unittest.main()
