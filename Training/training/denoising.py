"""What the stages `text_unet`, `adapter` and `styles` share: batches, the loss, the identity gauge, sample sheets."""

from pathlib import Path

import torch
from torch.nn import functional

from training import cache, configuration, critic, dataset, runs
from training.cache import Examples
from training.critic import Critic
from training.diffusion import Diffusion, guided
from training.networks.face_adapter import face_condition
from training.sheets import save_sheet

TEXT_DROP = 0.1
FACE_DROP = 0.15

# Of how many people most like somebody one may take the place.
LOOK_ALIKES = 64
SWAPPED_SHARE = 0.3
# Below this timestep noisy latents show a face with all that makes it somebody's.
SETTLED = 400
# How much of the denoising error stays where a look-alike's portrait is asked for: pose, light and scene are the same.
SWAPPED_ERROR = 0.3

# How drafts are painted: as the program does by default, in fewer steps.
DRAFT_STEPS = 10
DRAFT_GUIDANCE = 2.5


class Denoiser:
    """UNet, text encoder and adapter together, with the loss of one batch of examples."""

    def __init__(self, unet, text_encoder, adapter, empty_caption: list[int], device: str):
        self.unet, self.text_encoder, self.adapter, self.device = unet, text_encoder, adapter, device
        self.diffusion = Diffusion(device)
        self.empty_caption = torch.tensor(empty_caption, device=device)
        self.drawn_views = random_views
        self.autocast = runs.autocast(device)
        self.compiled_unet = None
        self.critique = None
        self.drafts = None
        adapter.attach(unet)

    def compile(self):
        """Lets `loss` run on fused kernels. Building them takes minutes, and each size of batch needs its own."""
        self.compiled_unet = torch.compile(self.unet, dynamic=False)

    def text_states(self, captions):
        return self.text_encoder(input_ids=captions).last_hidden_state

    def face_tokens(self, encoder_tokens, dropped=None):
        """The resampler's output; where `dropped` [B], its output for no person at all (zeros)."""
        if dropped is not None:
            encoder_tokens = encoder_tokens * ~dropped[:, None, None]
        return self.adapter.local_fac_prj(encoder_tokens)

    def loss(self, examples: Examples, rows, generator, *, without_adapter: float, fair: float):
        """Loss of a batch: v-prediction error, plus `fair` times the FAIR term of the adapter's layers.

        `without_adapter` is the share of the batch that the base has to draw on its own.
        """
        count, draws = len(rows), dict(generator=generator, device=self.device)
        latents = examples.latents[rows].float()
        # One timestep from each of as many equal shares of the distribution: batches are more alike.
        shares = (torch.randperm(count, **draws) + torch.rand(count, **draws)) / count
        timesteps = self.diffusion.timesteps(shares)
        noise = torch.randn(latents.shape, **draws)
        noisy, velocity = self.diffusion.noised(latents, noise, timesteps)
        no_text = torch.rand(count, **draws) < TEXT_DROP
        captions = torch.where(no_text[:, None], self.empty_caption, examples.captions[rows])
        people, error_share = examples.people[rows], torch.ones(count, device=self.device)
        if self.critique:
            swapped = self.critique.swapped(timesteps, generator)
            people = torch.where(swapped, self.critique.look_alikes(people, generator), people)
            error_share = torch.where(swapped, SWAPPED_ERROR, 1.0)
        tokens = self.drawn_views(examples, rows, people, generator)
        no_face = torch.rand(count, **draws) < FACE_DROP
        scale = (torch.rand(count, 1, 1, **draws) >= without_adapter).float()
        if self.drafts:
            drafts = self.drafts
            of = slice(len(drafts.rows))
            noisy[of], timesteps[of], captions[of] = drafts.latents, drafts.timesteps, examples.captions[drafts.rows]
            people[of], tokens[of] = examples.people[drafts.rows], drafts.tokens
            no_face[of], scale[of], error_share[of] = False, 1.0, 0.0
        mask = examples.face_masks[rows].float()  # without FAIR too: the compiled UNet would be another
        with self.autocast:
            condition = face_condition(self.face_tokens(tokens, no_face), scale, mask)
            states = self.text_states(captions)
            predict = self.unet if self.compiled_unet is None else self.compiled_unet
            predicted = predict(channels_last(noisy), timesteps, states, cross_attention_kwargs=condition).sample.float()
        weights = examples.weights[rows].float()
        error = ((predicted - velocity).square() * weights).mean((1, 2, 3)) / weights.mean((1, 2, 3))
        loss = (error * error_share).mean()
        if self.critique:
            shown = scale[:, 0, 0] * ~no_face
            clean = self.diffusion.clean(noisy, predicted, timesteps)
            loss = loss + self.critique.loss(clean, people, shown)
        if fair:
            speaking = scale[:, 0, 0].clone()
            if self.drafts:
                speaking[of] = 0  # where a draft's face is nobody knows: FAIR says nothing about it
            loss = loss + fair * (self.outside_shares() * speaking).sum(1).mean() / speaking.sum().clamp_min(1)
        if self.drafts:
            self.drafts.advance(self, examples, predicted[of].detach(), generator)
        return loss

    @torch.no_grad()
    def gauge(self, examples: Examples, seed: int, count: int = 96) -> dict:
        """Face-region loss with the right person's photo, a wrong person's, no person, and no adapter.

        Same noise and caption in all four, timesteps spread evenly; `right` clearly below `wrong` is the sign that identity gets through.
        `outside` is FAIR's term, a ratio of norms, and `energy` the mean of its squares.
        """
        generator = torch.Generator().manual_seed(seed)  # the same on every device, so that figures may be compared
        count = min(count, len(examples))
        rows = torch.randperm(len(examples), generator=generator)[:count].to(self.device)
        people = examples.people[rows]
        everyone = len(examples.tokens)
        strangers = (people + torch.randint(1, everyone, (count,), generator=generator).to(self.device)) % everyone
        timesteps = ((torch.arange(count, device=self.device) + 0.5) / count * len(self.diffusion.alphas)).long()
        noise = torch.randn(count, *examples.latents.shape[1:], generator=generator).to(self.device)
        sums = dict(right=0.0, wrong=0.0, nobody=0.0, base=0.0, outside=0.0, energy=0.0)
        for part in torch.arange(count, device=self.device).split(32):
            row, t = rows[part], timesteps[part]
            noisy, velocity = self.diffusion.noised(examples.latents[row].float(), noise[part], t)
            states = self.text_states(examples.captions[row])
            right = self.face_tokens(examples.tokens[people[part], 0].float())
            wrong = self.face_tokens(examples.tokens[strangers[part], 0].float())
            nobody = self.face_tokens(torch.zeros_like(examples.tokens[row % everyone, 0]).float())
            mask = examples.face_masks[row].float()
            weights = examples.weights[row].float() * (0.1 + mask)
            cases = dict(right=(right, 1.0), wrong=(wrong, 1.0), nobody=(nobody, 1.0), base=(nobody, 0.0))
            for name, (tokens, scale) in cases.items():
                condition = face_condition(tokens, scale, mask if name == "right" else None)
                with self.autocast:
                    predicted = self.unet(channels_last(noisy), t, states, cross_attention_kwargs=condition).sample.float()
                error = ((predicted - velocity).square() * weights).mean((1, 2, 3)) / weights.mean((1, 2, 3))
                sums[name] += float(error.sum())
                if name == "right":
                    sums["outside"] += len(part) * float(self.outside_share())
                    sums["energy"] += len(part) * float(self.outside_shares().square().mean())
        return {name: value / count for name, value in sums.items()}

    def outside_share(self):
        """What the last call added outside the face (FAIR's term), mean of the adapter's layers and the batch."""
        return self.outside_shares().mean()

    def outside_shares(self):
        """The same for each layer and each of the batch."""
        return torch.stack([layer.fair for layer in self.adapter.layers.values()])

    @torch.no_grad()
    def portraits(self, captions, encoder_tokens, autoencoder, *, seed: int, steps=15, guidance=3.0, face_scale=1.0):
        """Pictures [B, 3, 256, 256] in 0...1 for caption ids and encoder tokens, all from the same noise."""
        generator = torch.Generator().manual_seed(seed)
        noise = torch.randn(1, 4, configuration.LATENT_SIZE, configuration.LATENT_SIZE, generator=generator)
        noise = noise.expand(len(captions), -1, -1, -1).to(self.device)
        text = self.text_states(captions.to(self.device))
        no_text = self.text_states(self.empty_caption[None])
        tokens = self.face_tokens(encoder_tokens.float().to(self.device))
        no_tokens = self.face_tokens(torch.zeros_like(encoder_tokens[:1]).float().to(self.device))
        predict = guided(
            self.unet, text, no_text, tokens, no_tokens, guidance=guidance, face_scale=face_scale
        )
        latents = self.diffusion.sample(predict, noise, steps)
        return torch.cat([autoencoder.decode(x).sample for x in latents.split(4)]).float() / 2 + 0.5

    def save_sheet(self, examples: Examples, pictures, autoencoder, path, seed: int = 7, count: int = 8):
        """Rows: photo, true portrait, portrait by the model with the photo, and without the adapter."""
        rows = torch.linspace(0, len(examples) - 1, count).long().to(self.device)
        people = examples.people[rows]
        captions, tokens = examples.captions[rows], examples.tokens[people, 0]
        with_face = self.portraits(captions, tokens, autoencoder, seed=seed)
        without = self.portraits(captions, tokens, autoencoder, seed=seed, face_scale=0.0)
        photos, portraits = (pictures.floats(x) for x in (examples.photos[people, 0], examples.portraits[rows]))
        save_sheet([photos, portraits, with_face, without], path)


class Critique:
    """The critics' word on who predicted latents show, weighted to stand beside the denoising error.

    A true portrait's noisy latents tell who it is, and a denoiser learns to believe them; when it paints, they tell what
    itself has drawn so far, mistakes included. So some of the batch get photos of somebody else who looks much like the
    person, whose portrait it then has to become.
    """

    def __init__(self, critics: list[Critic], examples: Examples, weight: float):
        self.critics, self.weight = critics, weight
        self.faces = [critic.faces_of(examples) for critic in critics]
        alike = sum(faces @ faces.T for faces in self.faces)
        self.nearest = alike.topk(min(1 + LOOK_ALIKES, len(alike))).indices[:, 1:]

    def swapped(self, timesteps, generator):
        """Which of the batch get somebody else's photos: some of those in which it is not settled yet who it will be."""
        draws = torch.rand(len(timesteps), generator=generator, device=generator.device)
        return (draws < SWAPPED_SHARE) & (timesteps > SETTLED)

    def look_alikes(self, people, generator):
        """Somebody else for each of the people, of those who are most like them."""
        choice = torch.randint(self.nearest.shape[1], (len(people),), generator=generator, device=generator.device)
        return self.nearest[people, choice]

    def loss(self, latents, people, shown):
        """How far latents [B, 4, 32, 32] are from the people's own; only where they are `shown` [B]."""
        latents = channels_last(latents)
        likeness = [functional.cosine_similarity(c(latents), faces[people]) for c, faces in zip(self.critics, self.faces)]
        return self.weight * ((1 - torch.stack(likeness).mean(0)) * shown).mean()


class Drafts:
    """Portraits that the denoiser is painting beside its training, each a step further with every batch.

    What it meets when it paints are its own latents, not a true portrait's with noise: a hood where the photo has curls stays a
    hood. Nobody knows what these should become, but the critic knows who they should show (a loss on the
    painter's own samples, as PuLID's, arXiv 2404.16022). All are at different steps.
    """

    def __init__(self, denoiser: Denoiser, examples: Examples, count: int, generator):
        diffusion = denoiser.diffusion
        self.drawn_views = denoiser.drawn_views
        self.schedule = torch.tensor(diffusion.sampled_timesteps(DRAFT_STEPS), device=denoiser.device)
        self.step = torch.arange(count, device=denoiser.device) % DRAFT_STEPS
        self.rows = torch.zeros(count, dtype=torch.long, device=denoiser.device)
        self.latents = torch.zeros(count, *examples.latents.shape[1:], device=denoiser.device)
        self.tokens = torch.zeros(count, *examples.tokens.shape[2:], device=denoiser.device)
        self.begin(examples, torch.ones(count, dtype=torch.bool, device=denoiser.device), generator)

    @property
    def timesteps(self):
        return self.schedule[self.step]

    def begin(self, examples: Examples, which, generator):
        """New portraits from noise in place of `which` [K]."""
        count, draws = int(which.sum()), dict(generator=generator, device=generator.device)
        rows = torch.randint(len(examples), (count,), **draws)
        self.rows[which] = rows
        self.latents[which] = torch.randn(count, *self.latents.shape[1:], **draws)
        self.tokens[which] = self.drawn_views(examples, rows, examples.people[rows], generator)

    @torch.no_grad()
    def advance(self, denoiser: Denoiser, examples: Examples, velocity, generator):
        """A step with guidance from the velocities [K, 4, 32, 32] just predicted; finished ones make room for new ones."""
        nobody = denoiser.face_tokens(torch.zeros_like(self.tokens))
        no_text = denoiser.text_states(denoiser.empty_caption[None]).expand(len(self.rows), -1, -1)
        with denoiser.autocast:
            condition = face_condition(nobody, 1.0)
            without = denoiser.unet(channels_last(self.latents), self.timesteps, no_text, cross_attention_kwargs=condition)
        without = without.sample.float()
        guided_velocity = without + DRAFT_GUIDANCE * (velocity - without)
        self.latents = denoiser.diffusion.stepped(self.latents, guided_velocity, self.timesteps, DRAFT_STEPS)
        self.step = (self.step + 1) % DRAFT_STEPS
        self.begin(examples, self.step == 0, generator)


def channels_last(x):
    return x.to(memory_format=torch.channels_last)


def random_views(examples: Examples, rows, people, generator):
    """Encoder tokens [B, T, D] of one photo of each of these people: never the portrait itself, so nothing else leaks."""
    views = torch.randint(examples.tokens.shape[1], (len(rows),), generator=generator, device=generator.device)
    return examples.tokens[people, views].float()


def own_views(share: float):
    """A choice like `random_views`, except that `share` of the portraits are their own photos.

    They tell all about a face that a photo in other light or from another side leaves open, but their light, pose and expression too.
    Who is to take the place of a portrait's person has no portrait, and gives a photo.
    """

    def views(examples: Examples, rows, people, generator):
        own = torch.rand(len(rows), generator=generator, device=generator.device) < share
        own = (own & (people == examples.people[rows]))[:, None, None]
        return torch.where(own, examples.own_tokens[rows].float(), random_views(examples, rows, people, generator))

    return views


def add_arguments(parser):
    parser.add_argument("--data", type=Path, required=True, help="shards of training people")
    parser.add_argument("--validation", type=Path, required=True, help="shards of people never trained on")
    parser.add_argument("--sheet-every", type=int, default=500, help="steps between sheets and validation")
    parser.add_argument("--likeness", type=float, default=0.0, help="weight of the critic's word on whose portrait it is")
    parser.add_argument("--drafts", type=int, default=0, help="how many of a batch are its own portraits, for the critic alone")
    parser.add_argument("--own-photos", type=float, default=0.0, help="share of portraits that are their own photos; 1: an ablation")
    parser.add_argument("--compile", action="store_true", help="fused kernels: a third faster after some minutes")


class Corpus:
    """Examples to train on, unseen people to judge by, and the autoencoder to look at results.

    Critics know people by `all_examples`, of which a stage may learn a part.
    """

    def __init__(self, arguments):
        folder, device = arguments.runs, arguments.device
        self.examples = self.all_examples = cache.load_examples(folder, arguments.data, device)
        self.unseen = cache.load_examples(folder, arguments.validation, device)
        self.unseen_pictures = dataset.load(arguments.validation, device)
        self.autoencoder = cache.load_autoencoder(folder).to(device)


def train(run, denoiser: Denoiser, corpus: Corpus, save_products, *, without_adapter: float, fair: float):
    """The training loop of all stages that denoise: steps, log, gauge, sheets and products of the averaged weights."""
    arguments = run.arguments
    generator = runs.generator(arguments.device, arguments.seed + run.step)
    if arguments.own_photos:
        denoiser.drawn_views = own_views(arguments.own_photos)
    if arguments.likeness:
        critics = critic.load(arguments.runs, arguments.device)
        denoiser.critique = Critique(critics, corpus.all_examples, arguments.likeness)
    if arguments.drafts:
        if not arguments.likeness:
            raise SystemExit("--drafts needs --likeness: nobody but the critics judges them")
        denoiser.drafts = Drafts(denoiser, corpus.examples, arguments.drafts, generator)

    def error():
        rows = torch.randint(len(corpus.examples), (arguments.batch,), generator=generator, device=arguments.device)
        return denoiser.loss(corpus.examples, rows, generator, without_adapter=without_adapter, fair=fair)

    def report(mean_error: float):
        run.log(loss=mean_error, **denoiser.gauge(corpus.unseen, seed=3))
        sheet = run.folder / "sheets" / f"{run.step:06d}.png"
        denoiser.save_sheet(corpus.unseen, corpus.unseen_pictures, corpus.autoencoder, sheet)
        save_products()

    run.learn(error, report, arguments.sheet_every)
