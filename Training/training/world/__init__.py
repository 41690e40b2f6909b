"""A procedural world of people: the data that the embedded model learns from.

Sample identities, sample pictures of them, render::

    generator = torch.Generator().manual_seed(1)
    people = sample_identities(8, generator)
    pictures = sample_pictures(people, generator, preset="portrait")
    rendering = render(people, pictures, size=256)      # rendering.image [8, 3, 256, 256] in 0..1
    words = captions(people, pictures)
"""

from .captions import captions, prompt_words
from .degrade import degrade
from .groups import GroupRendering, render_group
from .identity import Identities, sample_identities
from .picture import Pictures, sample_pictures
from .rendering import Rendering, render, skeletons
from .styles import STYLES, Style

__all__ = [
    "STYLES",
    "GroupRendering",
    "Identities",
    "Pictures",
    "Rendering",
    "Style",
    "captions",
    "degrade",
    "prompt_words",
    "render",
    "render_group",
    "sample_identities",
    "sample_pictures",
    "skeletons",
]
