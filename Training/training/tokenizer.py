"""Stage `tokenizer`: trains a byte-level BPE of CLIP's form on the captions of the world and on everyday words.

Writes `vocab.json` (256 bytes, the same 256 with `</w>`, the merges, start, end) and `merges.txt`, as CLIP has them.
"""

import argparse
import json
from collections import Counter
from pathlib import Path

import regex
import torch

from training import world

START, END = "<|startoftext|>", "<|endoftext|>"
WORDS_FILE = Path(__file__).with_name("words.txt")
PIECES = regex.compile(r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+", regex.IGNORECASE)


def byte_characters() -> dict[int, str]:
    """GPT-2's table that shows every byte as one printable character."""
    printable = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    table = {byte: chr(byte) for byte in printable}
    others = (byte for byte in range(256) if byte not in table)
    return table | {byte: chr(256 + index) for index, byte in enumerate(others)}


def word_pieces(text: str) -> list[tuple[str, ...]]:
    table = byte_characters()
    words = []
    for piece in PIECES.findall(" ".join(text.lower().split())):
        symbols = [table[byte] for byte in piece.encode()]
        words.append((*symbols[:-1], symbols[-1] + "</w>"))
    return words


def train_merges(counts: Counter, merge_count: int) -> list[tuple[str, str]]:
    """Joins the most frequent neighbours again and again; ties go to the alphabet, so the result is reproducible."""
    words = dict(counts)
    merges = []
    while len(merges) < merge_count:
        pairs = Counter()
        for word, count in words.items():
            for pair in zip(word, word[1:]):
                pairs[pair] += count
        if not pairs:
            break
        best = min(pairs, key=lambda pair: (-pairs[pair], pair))
        merges.append(best)
        words = {_merged(word, best): count for word, count in words.items()}
    return merges


def _merged(word, pair):
    if pair[0] not in word:
        return word
    merged, index = [], 0
    while index < len(word):
        if word[index : index + 2] == pair:
            merged.append(pair[0] + pair[1])
            index += 2
        else:
            merged.append(word[index])
            index += 1
    return tuple(merged)


def write(folder: Path, merges: list[tuple[str, str]]):
    folder.mkdir(parents=True, exist_ok=True)
    # CLIP orders the byte symbols as its table lists them: printable bytes first.
    symbols = list(byte_characters().values())
    names = [*symbols, *(symbol + "</w>" for symbol in symbols), *map("".join, merges), START, END]
    vocabulary = {name: index for index, name in enumerate(dict.fromkeys(names))}
    (folder / "vocab.json").write_text(json.dumps(vocabulary, ensure_ascii=False), encoding="utf-8")
    lines = ["#version: 0.2", *(" ".join(pair) for pair in merges)]
    (folder / "merges.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    settings = dict(
        tokenizer_class="CLIPTokenizer", model_max_length=77, do_lower_case=True, add_prefix_space=False,
        bos_token=START, eos_token=END, unk_token=END, pad_token=END, errors="replace",
    )
    (folder / "tokenizer_config.json").write_text(json.dumps(settings, indent=2) + "\n")
    special = {name: settings[name] for name in ("bos_token", "eos_token", "unk_token", "pad_token")}
    (folder / "special_tokens_map.json").write_text(json.dumps(special, indent=2) + "\n")


class Tokenizer:
    """Texts to ids of 77 tokens: start, pieces, end, padded with end; the same rules as the exported files give."""

    def __init__(self, folder: Path):
        self.vocabulary = json.loads((folder / "vocab.json").read_text(encoding="utf-8"))
        lines = (folder / "merges.txt").read_text(encoding="utf-8").splitlines()[1:]
        self.ranks = {tuple(line.split()): rank for rank, line in enumerate(lines)}
        self.known: dict[tuple, tuple] = {}

    def __len__(self):
        return len(self.vocabulary)

    def __call__(self, text: str, length: int = 77) -> list[int]:
        end = self.vocabulary[END]
        pieces = [piece for word in word_pieces(text) for piece in self._pieces(word)]
        ids = [self.vocabulary[START], *(self.vocabulary[piece] for piece in pieces)][: length - 1]
        return ids + [end] * (length - len(ids))

    def _pieces(self, word):
        if word not in self.known:
            self.known[word] = self._merge_all(word)
        return self.known[word]

    def _merge_all(self, word):
        while len(word) > 1:
            best = min(zip(word, word[1:]), key=lambda pair: self.ranks.get(pair, len(self.ranks)))
            if best not in self.ranks:
                break
            word = _merged(word, best)
        return word


def corpus(caption_count: int, seed: int) -> Counter:
    """Counts of the words in captions of the rendered world, and of everyday words once each."""
    generator = torch.Generator().manual_seed(seed)
    people = world.sample_identities(caption_count, generator)
    counts = Counter()
    for caption in world.captions(people, world.sample_pictures(people, generator)):
        counts.update(word_pieces(caption))
    # Whole words for what the world talks about, and pieces that serve any prompt.
    counts = Counter({word: 10 + count for word, count in counts.items()})
    counts.update(word_pieces(WORDS_FILE.read_text(encoding="utf-8")))
    return counts


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder for vocab.json and merges.txt")
    parser.add_argument("--captions", type=int, default=4000)
    parser.add_argument("--merges", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    merges = train_merges(corpus(arguments.captions, arguments.seed), arguments.merges)
    write(arguments.out, merges)
    print(f"{len(merges)} merges, {514 + len(merges)} tokens -> {arguments.out}")


if __name__ == "__main__":
    main()
