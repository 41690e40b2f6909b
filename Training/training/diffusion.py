"""Noise schedule, the distribution of training timesteps, v-prediction and a DDIM sampler."""

import torch

from . import configuration
from .networks.face_adapter import face_condition


def alphas_cumprod() -> torch.Tensor:
    s = configuration.SCHEDULER
    betas = torch.linspace(s["beta_start"] ** 0.5, s["beta_end"] ** 0.5, s["num_train_timesteps"], dtype=torch.float64)
    return (1 - betas.square()).cumprod(0).float()


class Diffusion:
    def __init__(self, device):
        self.alphas = alphas_cumprod().to(device)
        self.log_ratios = (self.alphas / (1 - self.alphas)).log()  # of signal to noise, falling

    def noised(self, latents, noise, timesteps):
        """Noisy latents and the velocity sqrt(a) noise - sqrt(1 - a) latents that the UNet predicts."""
        a = self.alphas[timesteps].view(-1, 1, 1, 1)
        signal, level = a.sqrt(), (1 - a).sqrt()
        return signal * latents + level * noise, signal * noise - level * latents

    def clean(self, noisy, velocity, timesteps):
        """The latents that noisy ones come from, if the velocity is right."""
        a = self.alphas[timesteps].view(-1, 1, 1, 1)
        return a.sqrt() * noisy - (1 - a).sqrt() * velocity

    def timesteps(self, quantiles):
        """Timesteps at quantiles in 0...1 of the noise distribution: log SNR normal around -1.5 with deviation 2.2.

        The velocity's plain error is the loss, so this alone decides what is learned most. Min-SNR weights of evenly
        drawn timesteps left next to nothing above t = 600, where it is settled whose hair and clothes it will be, and
        EDM2's distribution (arXiv 2312.02696; around 0 with deviation 2 here) 8 % above t = 750, where a wrong person's
        photo costs most. This one has 27 % there, as an even draw would, and fewer at both ends.
        """
        log_ratios = 2.2 * torch.special.ndtri(quantiles.clamp(1e-4, 1 - 1e-4).double()).float() - 1.5
        return torch.searchsorted(-self.log_ratios, -log_ratios.to(self.alphas.device)).clamp_max(len(self.alphas) - 1)

    @torch.no_grad()
    def sample(self, predict, noise, steps: int):
        """DDIM from pure noise; `predict(latents, timestep)` returns the (guided) velocity."""
        latents = noise
        for t in self.sampled_timesteps(steps):
            latents = self.stepped(latents, predict(latents, t), torch.tensor(t), steps)
        return latents

    def sampled_timesteps(self, steps: int) -> list[int]:
        """The timesteps of `sample`, falling ("leading" spacing with an offset of 1)."""
        return (torch.arange(steps - 1, -1, -1) * (len(self.alphas) // steps) + 1).tolist()

    def stepped(self, latents, velocity, timesteps, steps: int):
        """Latents after one of `steps` DDIM steps from `timesteps`."""
        previous = (timesteps - len(self.alphas) // steps).clamp_min(0)
        a, a_previous = (self.alphas[t].view(-1, 1, 1, 1) for t in (timesteps, previous))
        clean = self.clean(latents, velocity, timesteps)
        direction = a.sqrt() * velocity + (1 - a).sqrt() * latents
        return a_previous.sqrt() * clean + (1 - a_previous).sqrt() * direction


@torch.no_grad()
def guided(unet, text, no_text, tokens, no_tokens, *, guidance: float, face_scale: float):
    """Classifier-free guidance against no text and no face: a `predict` for `Diffusion.sample`."""
    states = torch.cat([no_text.expand_as(text), text])
    faces = torch.cat([no_tokens.expand_as(tokens), tokens])
    condition = face_condition(faces, face_scale)

    def predict(latents, timestep):
        both = torch.cat([latents, latents])
        velocity = unet(both, timestep, states, cross_attention_kwargs=condition).sample
        without, with_ = velocity.chunk(2)
        return without + guidance * (with_ - without)

    return predict
