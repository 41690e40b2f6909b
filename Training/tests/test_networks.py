"""The networks' contract: released key names, the adapter that is nothing at scale 0, whitening that changes nothing."""

import tempfile
import unittest
from pathlib import Path

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from transformers import CLIPTextModel, CLIPTokenizer

from training import configuration, export, tokenizer, vae
from training.networks.base import make_autoencoder, make_unet
from training.networks.face_adapter import FaceAdapter, face_condition
from training.networks.face_encoder import FaceEncoder

LAYER_KEYS = {
    "linear.weight", "linear.bias", "attn.to_q.weight", "attn.to_k.weight", "attn.to_v.weight",
    "attn.to_out.0.weight", "attn.to_out.0.bias", "ff.net.0.proj.weight", "ff.net.0.proj.bias", "ff.net.2.weight",
    "ff.net.2.bias", "norm1.weight", "norm1.bias", "norm2.weight", "norm2.bias", "alpha_attn", "alpha_dense",
}  # fmt: skip


class AdapterTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        torch.manual_seed(0)
        cls.unet = make_unet().eval()
        torch.nn.init.normal_(cls.unet.conv_out.weight, std=0.05)
        cls.adapter = FaceAdapter(cls.unet, configuration.RESAMPLER).eval()
        cls.adapter.attach(cls.unet)
        cls.latents, cls.text = torch.randn(1, 4, 32, 32), torch.randn(1, 77, configuration.TEXT_DIMENSION)
        encoder = FaceEncoder(**configuration.FACE_ENCODER).eval()
        with torch.no_grad():
            cls.tokens = cls.adapter.local_fac_prj(encoder(torch.randn(1, 3, 112, 112)))

    def predict(self, scale):
        with torch.no_grad():
            condition = face_condition(self.tokens, scale)
            return self.unet(self.latents, 500, self.text, cross_attention_kwargs=condition).sample

    def test_scale_zero_is_the_base_alone(self):
        with torch.no_grad():
            alone = self.unet(self.latents, 500, self.text).sample
        self.assertTrue(torch.equal(self.predict(0.0), alone))
        self.assertFalse(torch.allclose(self.predict(1.0), alone, atol=1e-4))

    def test_keys_are_the_released_ones(self):
        keys = self.adapter.adapter_state_dict()
        prefix = "down_blocks.1.attentions.0.transformer_blocks.0.attn2.processor."
        self.assertEqual({k.removeprefix(prefix) for k in keys if k.startswith(prefix)}, LAYER_KEYS)
        self.assertIn("local_fac_prj.layers.1.0.to_kv.weight", keys)
        self.assertFalse([key for key in self.unet.state_dict() if "fuser" in key])

    def test_state_survives_renaming(self):
        other = FaceAdapter(make_unet(), configuration.RESAMPLER)
        other.load_adapter_state_dict(self.adapter.adapter_state_dict())
        for key, value in self.adapter.state_dict().items():
            self.assertTrue(torch.equal(other.state_dict()[key], value), key)


class AutoencoderTests(unittest.TestCase):
    def test_starts_as_a_passthrough(self):
        ramp = torch.linspace(-0.8, 0.8, 64).expand(1, 3, 64, 64)
        with torch.no_grad():
            error = make_autoencoder()(ramp).sample - ramp
        self.assertGreater(vae.psnr(error[..., 8:-8, 8:-8]), 26)

    def test_whitening_keeps_pictures_and_normalises_latents(self):
        torch.manual_seed(0)
        plain, whitened = make_autoencoder(), make_autoencoder()
        whitened.load_state_dict(plain.state_dict())
        pictures = Photographs(torch.rand(6, 3, 64, 64))
        vae.whiten(whitened, pictures)
        with torch.no_grad():
            x = pictures.floats(torch.arange(6)) * 2 - 1
            before = plain.decode(plain.encode(x).latent_dist.mean).sample
            latents = whitened.encode(x).latent_dist.mean
            after = whitened.decode(latents).sample
        self.assertLess((before - after).abs().max().item(), 1e-3)
        covariance = torch.cov(latents.permute(1, 0, 2, 3).flatten(1))
        self.assertLess((covariance - torch.eye(4)).abs().max().item(), 1e-2)


class Photographs:
    def __init__(self, images):
        self.images = images

    def __len__(self):
        return len(self.images)

    def floats(self, rows):
        return self.images[rows]


class ExportTests(unittest.TestCase):
    def test_files_load_in_diffusers_and_transformers(self):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            words = tokenizer.Counter(tokenizer.word_pieces("a portrait of a woman with a red scarf " * 3))
            tokenizer.write(folder / "tokenizer", tokenizer.train_merges(words, 40))
            ours = tokenizer.Tokenizer(folder / "tokenizer")
            networks = export.Networks(len(ours))
            export.export(networks, folder / "tokenizer", folder / "model")
            for loader, part, network in (
                (UNet2DConditionModel, "unet", networks.unet),
                (AutoencoderKL, "vae", networks.autoencoder),
                (CLIPTextModel, "text_encoder", networks.text_encoder),
            ):
                loaded = loader.from_pretrained(folder / "model" / part).float().state_dict()
                for key, value in network.state_dict().items():
                    self.assertTrue(torch.equal(loaded[key], value.half().float()), key)
            theirs = CLIPTokenizer.from_pretrained(folder / "model" / "tokenizer")
            for text in ("A portrait, red SCARF!!", "", "éè 漢字 🎉 don't 123", "scarf " * 90):
                expected = theirs(text, padding="max_length", max_length=77, truncation=True).input_ids
                self.assertEqual(ours(text), expected, text)


if __name__ == "__main__":
    unittest.main()
