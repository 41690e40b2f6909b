"""Makes Fixtures/clip_tokenizer/: a small CLIP-form vocabulary and what transformers' CLIPTokenizer makes of 200 prompts.

The vocabulary has CLIP's form (512 byte symbols, learned merges, two special tokens) and is trained here on the
sentences below, so nothing is copied from the released one.

    python3 make_clip_tokenizer_fixtures.py        (written with transformers 5.24.0, tokenizers 0.23.3)
"""

import collections
import json
import os
import pathlib
import unicodedata

os.environ.setdefault("OMP_NUM_THREADS", "1")
import regex
from transformers import CLIPTokenizer

FOLDER = pathlib.Path(__file__).parent / "Fixtures" / "clip_tokenizer"
MERGE_COUNT = 700
START, END = "<|startoftext|>", "<|endoftext|>"

CORPUS = """
a handsome man, a beautiful woman, a mature man, a mature woman, a boy, children, a girl, children
upper_body, raw photo, masterpiece, solo, medium shot, high detail face, photorealistic, best quality
a portrait of a woman with long brown hair and green eyes, wearing a red coat, in front of a snowy mountain
a portrait of a man with short black hair and a beard, wearing a dark suit, studio lighting, plain background
an oil painting of an old sailor by the sea, dramatic clouds, golden hour, thick brush strokes
a watercolour of a child holding a balloon, soft light, paper texture, pastel colours
a knight in silver armour on a battlefield, banners in the wind, cinematic light, sharp focus
an astronaut in a white space suit, the earth behind, reflections in the helmet, film grain
it's a photo of someone's friend, they're smiling and we've waited, I'm sure he'll come, she'd know, don't
low quality, blurry, extra fingers, bad anatomy, watermark, text, signature, worst quality, deformed
young people wearing traditional clothes in the old town at night, lanterns, rain, neon signs, bokeh
1990 fashion editorial, 35mm film, f/1.8, ISO 400, 8k uhd, (best quality:1.2), [soft focus], {warm}
les amis de l'été, café crème, fiancé, naïve, über, straße, ñandú, señorita, smörgåsbord, Ångström
красивая женщина у моря, портрет мужчины, зимний лес, μια όμορφη μέρα, γυναίκα και άντρας
一位穿红色汉服的女子，站在樱花树下，电影光效 かわいい女の子、青い空 아름다운 여자의 초상화 صورة لامرأة جميلة חיוך יפה
😀 😃 🎉 👩‍🚀 👨‍👩‍👧‍👦 🏳️‍🌈 ❤️ ✨ 🌸 ☀️ — “quotes” ‘single’ … • © ® ™ ½ ² Ⅷ １２
"""

PLAIN = """
a photo of a cat
A Portrait Of A Handsome Man, Wearing A SUIT
a beautiful woman, upper_body, raw photo, masterpiece, solo, medium shot, high detail face, photorealistic
masterpiece,best quality,1girl,solo,(smile:1.3),[hat],{{glow}}
low quality; worst quality: blurry! really? yes.
it's someone's photo and they're happy, I'm sure we've seen that he'll say she'd go, don't won't can't
IT'S SOMEONE'S; THEY'RE; I'M; WE'VE; HE'LL; SHE'D; DON'T
'twas the night 's 't 're 've 'm 'll 'd 'x '' ''' 's's
rock 'n' roll, o'clock, y'all'd've, d'accord, l'été, aujourd'hui
the ’curly’ apostrophe isn’t the straight one
1 22 333 4444 55555 1,234,567.89 3.14159 -7 +8 1e-5 0x1F
35mm f/1.8 ISO400 1/250s 8k 4K uhd 1990s 20-year-old
₁₂₃ ¹²³ ½ ¼ Ⅷ ⅻ ① ㊿ １２３ ٣٤٥ ४५६ 一二三
under_score __double__ a_b_c _lead trail_ snake_case_name
e-mail user@example.com https://example.com/a?b=c&d=e#f C:\\path\\file.txt
<lora:style_name:0.8> <html> </html> <|nothing|> < | > <| |>
a+b=c a*b a/b a\\b a^b a~b `code` $5 50% #tag @you & co
!!! ??? ... --- === *** ~~~ ((( ))) [[[ ]]] {{{ }}} <<< >>>
!'s ?'t ('re ['ve "'m" -'ll- _'d_
hello,world;hello:world!hello?world.hello
"""

UNICODE = [
    "café au lait, crème brûlée, fiancé, naïve, Noël, garçon",
    unicodedata.normalize("NFD", "café au lait, crème brûlée, fiancé, naïve, Noël, garçon"),
    "Ångström Åse å ÅÄÖ åäö Ø ø Æ æ ß ẞ Œ œ",
    unicodedata.normalize("NFD", "Ångström Åse å ÅÄÖ åäö Ø ø Æ æ ß ẞ Œ œ"),
    "Việt Nam, tiếng Việt, phở, Đà Nẵng",
    unicodedata.normalize("NFD", "Việt Nam, tiếng Việt, phở, Đà Nẵng"),
    "İstanbul ISTANBUL ıstanbul Iı İi",
    "ΟΔΟΣ ΣΟΦΟΣ σς Σ ΆΈΉΊΌΎΏ άέήίόύώ",
    "ПОРТРЕТ красивой Женщины, Ёлка й",
    unicodedata.normalize("NFD", "ПОРТРЕТ красивой Женщины, Ёлка й"),
    "一位穿红色汉服的女子，站在樱花树下，电影光效。",
    "かわいい女の子、青い空。カタカナ ﾊﾝｶｸ ガギグ",
    unicodedata.normalize("NFD", "かわいい女の子、青い空。カタカナ ガギグ"),
    "아름다운 여자의 초상화, 한복",
    unicodedata.normalize("NFD", "아름다운 여자의 초상화, 한복"),
    "صورة لامرأة جميلة، ابتسامة؟ ١٢٣",
    "חיוך יפה של אישה, שָׁלוֹם",
    "सुंदर महिला का चित्र, हिन्दी, ४२",
    "ภาพถ่ายผู้หญิงสวย ไทย",
    "தமிழ் பெண், ಕನ್ನಡ, తెలుగు, മലയാളം, বাংলা",
    "ქართული ᲥᲐᲠᲗᲣᲚᲘ Հայերեն ՀԱՅԵՐԵՆ",
    "Ꭰ ꭰ Ᏸ ᏸ 𐐀 𐐨 𝔄 𝕬 𝒜 ǅ Ǆ ǆ ŉ ﬁ ﬂ",
    "😀😃🎉 party 🎉🎉🎉!!!",
    "👩‍🚀 astronaut 👨‍👩‍👧‍👦 family 🏳️‍🌈 flag 🇯🇵🇫🇷 👍🏽👍🏿",
    "I ❤️ you ❤ ☀️ ☀ ✨ 🌸 ☺️ ‼️ #️⃣ 1️⃣",
    "“double” ‘single’ «guillemets» „low“ — em – en … ellipsis • bullet",
    "©2024 ™ ® ℃ № § ¶ † ‡ ° ± × ÷ ≠ ≤ ∞ √ π ∑",
    "€5 £6 ¥7 ₹8 ₿9 ¢ ¤",
    "tab\there\nnewline\r\ncarriage\rform\ffeed\vvertical",
    "nbsp\u00a0here thin\u2009space hair\u200aspace ideographic\u3000space ogham\u1680space",
    "zero\u200bwidth joiner\u200dhere bom\ufeffmark soft\u00adhyphen word\u2060joiner",
    "next\u0085line line\u2028separator paragraph\u2029separator unit\u001fseparator",
    "nul\u0000byte bell\u0007 escape\u001b[31m del\u007f",
    "lead combining \u0301a \u0301\u0302 a\u0301\u0327 a\u0327\u0301",
    "Z̷a̵l̶g̸o̴ t̸e̷x̵t̶",
    "\u212b \u2126 \u212a \u1e9b\u0323 \uf900 \ufb1d \u0958",
    "\U0001f600\U00020000\U0002a6df\U000e0041\U0010ffff\ufffd\ue000",
    "\u0378 \u0557 unassigned \U0001faff",
    "   leading and trailing   spaces   inside   ",
    "\n\n\t\t ",
    "",
    " ",
    "a",
    "I",
    ".",
    "é",
    "e\u0301",
    "👍",
    "的",
    "\u0301",
]

SPECIAL = [
    "<|endoftext|>",
    "<|startoftext|>",
    "a photo <|endoftext|> of a cat",
    "a photo<|endoftext|>of a cat",
    "a photo <|startoftext|> of a cat",
    "<|startoftext|>a photo of a cat<|endoftext|>",
    "A <|ENDOFTEXT|> loud end, a <|StartOfText|> loud start",
    "<|endoftext|><|endoftext|><|startoftext|><|startoftext|>",
    "<|endoftext|>'s <|startoftext|>'s !<|endoftext|>! <<|endoftext|>>",
    "<|endoftext <|endoftext|| |endoftext|> endoftext|>",
    "caf\u0065\u0301<|endoftext|>caf\u0065\u0301",
    "a</w> b</w> </w> <w> </w></w>",
    "Ġhello Ċ Ã© Âł",
]


def long_prompts(sentences):
    """Prompts around and beyond the limit of 77 tokens, ending in different places."""
    words = " ".join(sentences).split()
    prompts = [" ".join(words[:count]) for count in (20, 30, 40, 60, 120, 400)]
    prompts += ["a " * count for count in (74, 75, 76, 77, 200)]
    prompts += ["9" * count for count in (74, 75, 76, 300)]
    prompts += ["supercalifragilistic" * 30, "👩‍🚀" * 40, "的" * 100, "!" * 500, "'s" * 90, "é" * 76 + "x"]
    return prompts


def made_prompts(count):
    """Sentences composed of fixed parts, so that ordinary prompts are well covered."""
    subjects = ["a boy, children", "a girl, children", "a handsome man", "a beautiful woman", "a mature man"]
    deeds = ["wearing a red coat", "in silver armour", "holding a balloon", "with long brown hair and green eyes"]
    places = ["by the sea", "in front of a snowy mountain", "in the old town at night", "under cherry blossoms"]
    looks = ["oil painting", "35mm film, f/1.8", "watercolour, paper texture", "cinematic light, sharp focus"]
    return [
        f"{subjects[i % 5]}, {deeds[(i // 2) % 4]}, {places[(i // 3) % 4]}, {looks[(i // 5) % 4]}, take {i * 37}"
        for i in range(count)
    ]


def byte_alphabet():
    """The 256 printable characters that stand for the bytes, in CLIP's order (GPT-2's encoder.py)."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in printable]
    return {**{byte: chr(byte) for byte in printable}, **{byte: chr(256 + i) for i, byte in enumerate(others)}}


def train_merges(text, count):
    """Byte-pair merges in CLIP's form, learned from the words of the text; the last symbol of a word ends in </w>."""
    alphabet = byte_alphabet()
    pattern = regex.compile(r"'s|'t|'re|'ve|'m|'ll|'d|\p{L}+|\p{N}|[^\s\p{L}\p{N}]+")
    words = collections.Counter()
    for word in pattern.findall(unicodedata.normalize("NFC", text).lower()):
        symbols = [alphabet[byte] for byte in word.encode()]
        words[(*symbols[:-1], symbols[-1] + "</w>")] += 1
    merges = []
    while len(merges) < count:
        pairs = collections.Counter()
        for word, frequency in words.items():
            for pair in zip(word, word[1:]):
                pairs[pair] += frequency
        if not pairs:
            break
        best = max(pairs, key=lambda pair: (pairs[pair], pair))
        merges.append(best)
        words = collections.Counter({tuple(merged(word, best)): n for word, n in words.items()})
    return merges


def merged(word, pair):
    result, index = [], 0
    while index < len(word):
        if word[index : index + 2] == pair:
            result.append(pair[0] + pair[1])
            index += 2
        else:
            result.append(word[index])
            index += 1
    return result


def write_vocabulary(merges):
    symbols = list(byte_alphabet().values())
    tokens = symbols + [symbol + "</w>" for symbol in symbols] + ["".join(pair) for pair in merges] + [START, END]
    tokens = list(dict.fromkeys(tokens))
    vocabulary = {token: index for index, token in enumerate(tokens)}
    FOLDER.mkdir(parents=True, exist_ok=True)
    dump(vocabulary, "vocab.json", indent=None)
    lines = ["#version: 0.2", *(" ".join(pair) for pair in merges)]
    (FOLDER / "merges.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    plain = lambda text: dict(content=text, lstrip=False, normalized=True, rstrip=False, single_word=False)
    added = lambda text: {"__type": "AddedToken", **plain(text)}
    dump(
        dict(
            add_prefix_space=False,
            bos_token=added(START),
            do_lower_case=True,
            eos_token=added(END),
            errors="replace",
            model_max_length=77,
            pad_token=END,
            tokenizer_class="CLIPTokenizer",
            unk_token=added(END),
        ),
        "tokenizer_config.json",
    )
    dump(
        dict(bos_token=plain(START), eos_token=plain(END), pad_token=END, unk_token=plain(END)),
        "special_tokens_map.json",
    )


def dump(value, name, indent=1):
    (FOLDER / name).write_text(json.dumps(value, ensure_ascii=False, indent=indent) + "\n", encoding="utf-8")


def main():
    write_vocabulary(train_merges(CORPUS, MERGE_COUNT))
    tokenizer = CLIPTokenizer.from_pretrained(FOLDER)
    plain = PLAIN.strip().split("\n")
    prompts = plain + UNICODE + SPECIAL + long_prompts(plain)
    prompts += made_prompts(200 - len(prompts))
    assert len(prompts) == 200
    encode = lambda text: tokenizer(text, padding="max_length", max_length=77, truncation=True).input_ids
    cases = [dict(prompt=prompt, tokens=trimmed(encode(prompt), tokenizer.pad_token_id)) for prompt in prompts]
    lines = ",\n".join(json.dumps(case) for case in cases)
    (FOLDER / "prompts.json").write_text(f"[\n{lines}\n]\n")
    # The same tokenizer in the one-file form that transformers 5 saves.
    tokenizer.save_pretrained(FOLDER / "saved")
    saved = json.loads((FOLDER / "saved" / "tokenizer.json").read_text())
    (FOLDER / "saved" / "tokenizer.json").write_text(json.dumps(saved, ensure_ascii=False))


def trimmed(tokens, pad):
    """Padding beyond the first end token is left out of the file; the test puts it back."""
    assert len(tokens) == 77
    while len(tokens) > 1 and tokens[-1] == pad and tokens[-2] == pad:
        tokens = tokens[:-1]
    return tokens


main()
