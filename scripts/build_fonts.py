"""Build the fonts of the preview pictures from the published originals.

Needed only when the set of characters or an original changes; the result is in the repository.
``registry/embeds/fonts/README.md`` says where the originals come from. Needs fonttools, which the
project itself does not use.
"""

import argparse
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from fontTools.merge import Merger
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

LATIN = (*range(0x20, 0x250), *range(0x2B0, 0x370), *range(0x1E00, 0x1F00))
GREEK = (*range(0x370, 0x400), *range(0x1F00, 0x2000))
CYRILLIC = range(0x400, 0x530)
HEBREW = range(0x590, 0x600)
ARABIC = (*range(0x600, 0x700), *range(0x750, 0x780))
# Punctuation, currency, letterlike signs, arrows, mathematics, shapes, dingbats, ligatures.
SYMBOLS = (*range(0x2000, 0x2400), *range(0x2460, 0x2800), *range(0xFB00, 0xFB07))
# CJK punctuation, kana, compatibility letters, all Hangul syllables, full-width forms.
EAST_ASIAN = (*range(0x3000, 0x3400), *range(0xAC00, 0xD7A4), *range(0xFF00, 0xFFF0))
# Ideographs: all of JIS X 0208, GB 2312 and KS X 1001, and level 1 of Big5 (rows up to 0xC6).
CHARACTER_SETS = {"euc_jp": 0xFF, "gb2312": 0xFF, "euc_kr": 0xFF, "big5": 0xC7}
EUROPEAN = (*LATIN, *GREEK, *CYRILLIC, *SYMBOLS)
FEATURES = [
    *("ccmp", "locl", "kern", "mark", "mkmk", "liga", "clig", "rlig", "calt"),
    *("isol", "init", "medi", "fina"),
]
# The CJK original draws ideographs the Japanese way and, with ``locl``, as in five other regions.
# Only the simplified Chinese forms are kept: each region costs about a megabyte.
CJK_SCRIPTS = [
    f"{script}.{language}"
    for script in ("DFLT", "hani", "kana", "hang", "latn", "cyrl", "grek")
    for language in ("dflt", "ZHS")
]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("originals", type=Path, help="a folder that holds the originals")
    parser.add_argument("output", type=Path)
    arguments = parser.parse_args()
    sources = {path.name: path for path in arguments.originals.rglob("*.tt[fc]")}

    for weight in ("Semibold", "Regular"):
        serif = subset(sources[f"SourceSerif4-{weight}.ttf"], EUROPEAN)
        save(serif, "Clawstore Serif", arguments.output / f"serif-{weight.lower()}.ttf")
    sans = merge(
        subset(sources["NotoSans-Regular.ttf"], EUROPEAN),
        subset(sources["NotoSansHebrew-Regular.ttf"], HEBREW),
        subset(sources["NotoSansArabic-Regular.ttf"], ARABIC),
    )
    save(sans, "Clawstore Sans", arguments.output / "sans-regular.ttf")
    characters = (*EUROPEAN, *EAST_ASIAN, *ideographs())
    cjk = subset(sources["NotoSansCJK-Regular.ttc"], characters, scripts=CJK_SCRIPTS)
    save(cjk, "Clawstore CJK", arguments.output / "cjk-regular.otf")


def ideographs() -> Iterator[int]:
    for encoding, end in CHARACTER_SETS.items():
        for lead, trail in ((a, b) for a in range(0xA1, end) for b in range(0x40, 0xFF)):
            try:
                character = bytes([lead, trail]).decode(encoding)
            except UnicodeDecodeError:
                continue
            if len(character) == 1:
                yield ord(character)


def subset(source: Path, characters: Iterable[int], *, scripts: Iterable[str] = ("*",)) -> TTFont:
    options = Options(
        layout_features=FEATURES, layout_scripts=list(scripts), hinting=False, name_IDs=["*"]
    )
    font = TTFont(source, fontNumber=0, recalcTimestamp=False)
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=characters)
    subsetter.subset(font)
    return font


def merge(*fonts: TTFont) -> TTFont:
    """One font with the characters of all; the first font that has one draws it."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{place}.ttf" for place in range(len(fonts))]
        for font, path in zip(fonts, paths, strict=True):
            font.save(path)
        merged_font = Merger().merge([str(path) for path in paths])
        # The same originals give the same bytes.
        for moment in ("created", "modified"):
            setattr(merged_font["head"], moment, getattr(fonts[0]["head"], moment))
        merged_font.recalcTimestamp = False
        merged_font.save(paths[0])
        return TTFont(paths[0], lazy=False, recalcTimestamp=False)


def save(font: TTFont, family: str, path: Path) -> None:
    """Rename the font: "Source" is a reserved name, which no changed version may bear."""
    names = font["name"]
    postscript = f"{family}-{path.stem.rpartition('-')[2].title()}".replace(" ", "")
    names_by_id = {1: family, 3: postscript, 4: postscript, 6: postscript, 16: family}
    for record in list(names.names):
        if record.nameID in names_by_id:
            record.string = names_by_id[record.nameID]
        elif record.nameID not in (0, 2, 5, 13, 14, 17):
            names.removeNames(nameID=record.nameID)
    if "CFF " in font:
        table = font["CFF "].cff
        table.fontNames = [postscript]
        table.topDictIndex[0].FullName = postscript
        table.topDictIndex[0].FamilyName = family
    font.save(path)
    print(f"{path.name}: {path.stat().st_size:,} bytes, {len(font.getBestCmap()):,} characters")


if __name__ == "__main__":
    main()
