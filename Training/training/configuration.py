"""Sizes of the embedded model, in the form of the `config.json` files that diffusers and transformers read.

The exported folder carries these dictionaries, so a reader of the files needs nothing from here.
"""

from pathlib import Path

PICTURE_SIZE = 256
LATENT_SIZE = PICTURE_SIZE // 8
FACE_CROP_SIZE = 112
TEXT_DIMENSION = 128
TEXT_LENGTH = 77
FACE_TOKEN_COUNT = 16
FACE_TOKEN_DIMENSION = 128

AUTOENCODER = dict(
    in_channels=3,
    out_channels=3,
    latent_channels=4,
    block_out_channels=(16, 32, 64, 128),
    layers_per_block=1,
    norm_num_groups=4,
    down_block_types=("DownEncoderBlock2D",) * 4,
    up_block_types=("UpDecoderBlock2D",) * 4,
    act_fn="silu",
    sample_size=PICTURE_SIZE,
    # The latents are whitened inside quant_conv, so there is nothing left to scale.
    scaling_factor=1.0,
)

UNET = dict(
    sample_size=LATENT_SIZE,
    in_channels=4,
    out_channels=4,
    # Level four stays small, so that a ControlNet beside it fits the 60 MB that the model may have.
    block_out_channels=(64, 128, 192, 160),
    # Two more where eyes and glasses are drawn: 64 channels weigh little there, and a ControlNet has still room in 60 MB.
    layers_per_block=(3, 1, 1, 1),
    # No attention at 32 x 32: it costs half of all time there and teaches little (see LOG.md).
    down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"),
    up_block_types=("UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
    cross_attention_dim=TEXT_DIMENSION,
    # As in Stable Diffusion 1.5 this field holds the number of heads, not their size.
    attention_head_dim=4,
    norm_num_groups=32,
)

# The ControlNet copies the UNet's way down. Its picture's embedding is narrower than Stable Diffusion's, like the UNet.
CONTROLNET_EMBEDDING = (8, 16, 32, 64)

SCHEDULER = dict(
    beta_start=0.00085,
    beta_end=0.012,
    beta_schedule="scaled_linear",
    num_train_timesteps=1000,
    prediction_type="v_prediction",
    skip_prk_steps=True,
    set_alpha_to_one=False,
    steps_offset=1,
)


def text_encoder(vocabulary_size: int) -> dict:
    """Configuration of the CLIP text model over a vocabulary whose last two ids start and end a text."""
    return dict(
        vocab_size=vocabulary_size,
        hidden_size=TEXT_DIMENSION,
        intermediate_size=4 * TEXT_DIMENSION,
        num_hidden_layers=2,
        num_attention_heads=4,
        max_position_embeddings=TEXT_LENGTH,
        hidden_act="quick_gelu",
        layer_norm_eps=1e-5,
        bos_token_id=vocabulary_size - 2,
        eos_token_id=vocabulary_size - 1,
        pad_token_id=vocabulary_size - 1,
    )


FACE_ENCODER = dict(
    image_size=FACE_CROP_SIZE,
    # 64 tokens instead of TransFace's 144: the head is linear in all tokens and would be most of the file.
    patch_size=14,
    embed_dim=128,
    depth=6,
    num_heads=4,
    mlp_ratio=4,
    embedding_dim=128,
)

RESAMPLER = dict(
    dim=192,
    depth=2,
    dim_head=64,
    heads=3,
    num_queries=FACE_TOKEN_COUNT,
    embedding_dim=FACE_ENCODER["embed_dim"],
    output_dim=FACE_TOKEN_DIMENSION,
    ff_mult=4,
)

# OpenPose's body network has (64, 128, 256, 512), 128, (128, 512), 128 and 6.
BODY_DETECTOR = dict(stem=(16, 32, 64, 96), features=64, first=(48, 128), refinement=40, stages=3)

# Channels at a square's own size, half of it, and so on.
HEAD_SEGMENTER = dict(widths=(12, 24, 48, 64, 96))

# Trained networks that only judge portraits: f16, kept because measurements must be repeatable.
JUDGES = Path(__file__).parent.parent / "judges"

# How the program uses the model unless it is told otherwise.
PROFILE = dict(
    family="atelier",
    title="Atelier",
    promptSuffix="portrait of a person",
    negativePrompt="",
    width=PICTURE_SIZE,
    height=PICTURE_SIZE,
    steps=20,
    guidanceScale=2.5,
    sampler="dpm++2m",
    identityWeight=1.0,
    # People bring their hair into templates, so the square has room for it; faces are as large in it as in the rendered
    # world's portraits (0.45).
    templateFaceShare=0.42,
    exchangesHeads=True,
    templateBackdrop="plain green background",
    # A head alone is recognised a little less well: with all that surrounds the face, photo and portraits of one person
    # are alike by 0.796, with everything but the head black by 0.790 (8 people, 24 pictures).
    masksHead=False,
    # Cosines of the encoder's embeddings: photo and rendered portrait of one person lie above 0.64 in 95 of 100 cases,
    # of two people below 0.57 in 99 and below 0.41 in 95 of 100 (64 people never trained on).
    likeness=dict(same=0.6, similar=0.4),
    style="photo-soft",
)
