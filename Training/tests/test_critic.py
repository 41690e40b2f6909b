"""The critic's word: about the person, only where one is shown, and on the latents that a velocity promises."""

import contextlib
import types
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
        self.critique = denoising.Critique([Critic().eval(), Critic().eval()], self.examples, weight=0.5)

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


class Steps(unittest.TestCase):
    def test_of_latents_at_different_timesteps_are_those_of_one_after_the_other(self):
        diffusion = Diffusion("cpu")
        latents, velocity = torch.randn(2, 3, 4, 8, 8)
        timesteps = torch.tensor(diffusion.sampled_timesteps(10))[[0, 4, 9]]
        together = diffusion.stepped(latents, velocity, timesteps, 10)
        for index in range(3):
            alone = diffusion.stepped(latents[index : index + 1], velocity[index : index + 1], timesteps[index], 10)
            self.assertTrue(torch.allclose(together[index], alone[0], atol=1e-6))


class Photos(unittest.TestCase):
    def test_are_their_own_portraits_in_a_share_but_never_a_look_alikes(self):
        shown = examples(people=4, portraits=3)
        shown.tokens, shown.own_tokens = torch.zeros(4, 2, 5, 6), torch.ones(12, 5, 6)
        rows, generator = torch.arange(12).repeat(50), torch.Generator().manual_seed(0)
        own = denoising.own_views(0.25)(shown, rows, shown.people[rows], generator).mean((1, 2))
        self.assertAlmostEqual(float(own.mean()), 0.25, delta=0.06)
        swapped = denoising.own_views(1.0)(shown, rows, (shown.people[rows] + 1) % 4, generator)
        self.assertEqual(float(swapped.sum()), 0)


class Drafts(unittest.TestCase):
    def test_are_begun_anew_when_they_are_finished(self):
        shown = examples(people=4, portraits=3)
        shown.tokens = torch.randn(4, 1, 5, 6)
        generator = torch.Generator().manual_seed(0)
        denoiser = Still()
        drafts = denoising.Drafts(denoiser, shown, 3, generator)
        self.assertEqual(drafts.timesteps.tolist(), denoiser.diffusion.sampled_timesteps(denoising.DRAFT_STEPS)[:3])
        begun = drafts.latents.clone()
        for _ in range(denoising.DRAFT_STEPS - 2):
            drafts.advance(denoiser, shown, torch.zeros_like(drafts.latents), generator)
        # The third was two steps ahead: it is new noise. The others are what their own noise became.
        self.assertEqual(drafts.step.tolist(), [8, 9, 0])
        alike = torch.nn.functional.cosine_similarity(drafts.latents.flatten(1), begun.flatten(1))
        self.assertGreater(float(alike[:2].min()), 0.99)
        self.assertLess(float(alike[2]), 0.1)


class Still:
    """A denoiser that predicts no velocity."""

    device, autocast, empty_caption = "cpu", contextlib.nullcontext(), torch.zeros(3, dtype=torch.long)
    diffusion = Diffusion("cpu")
    drawn_views = staticmethod(denoising.random_views)

    def face_tokens(self, tokens):
        return tokens

    def text_states(self, captions):
        return torch.zeros(len(captions), 3, 8)

    def unet(self, latents, timesteps, states, cross_attention_kwargs):
        return types.SimpleNamespace(sample=torch.zeros_like(latents))


if __name__ == "__main__":
    unittest.main()
