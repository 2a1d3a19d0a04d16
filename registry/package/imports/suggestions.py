"""Suggests values of agent.json from the files of an agent.

Everything is a suggestion that its author sees and may change, so a wrong one costs little. What
does not look like a value is left empty.
"""

import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from posixpath import normpath

from markdown_it import MarkdownIt
from markdown_it.token import Token

from foundation.text.expressions import compile_text
from foundation.text.front_matter import read_front_matter
from foundation.text.names import has_visible, is_readable_name
from registry.package.checks.extensions import get_extension, word_set
from registry.package.checks.paths import fold_name, is_hidden
from registry.package.imports.records import ManifestSuggestions
from registry.package.imports.rules import SHOWN_HIDDEN_FOLDERS
from registry.package.manifest.caps import MAX_LINE, MAX_TAGLINE
from registry.package.manifest.fields import (
    ONLY_AS_TEMPLATE,
    WORKSPACE_FILES,
    semantic_version,
)
from registry.package.manifest.schema import MANIFEST
from registry.package.manifest.strict_json import StrictJsonError, parse_json
from registry.rules.identifiers import AGENT_NAME

READ_NAMES = frozenset(
    fold_name(name)
    for name in (
        *(MANIFEST, "IDENTITY.md", "README.md", "SOUL.md", "AGENTS.md"),
        *("manifest.json", "package.json", "CLAW.md"),
    )
)
"""Texts that are read for suggestions, in any folder."""
MAX_DESCRIPTION = 4_000
"""Characters of a suggested description."""
MAX_IMAGES = 50
MAX_SKILLS = 50

_ICONS = word_set("png jpg jpeg webp svg")
# - **Name:** Jarvis, - **Name**: Jarvis, Name: Jarvis
_IDENTITY_LINE = compile_text(
    r"^[ \t]*[-*+]?[ \t]*(?:\*\*|__)?(\w+)(?:\*\*|__)?:(?:\*\*|__)?[ \t]*(.*)$"
)
_NOT_IN_SLUG = compile_text(r"[^a-z0-9]+")
_SENTENCE_END = compile_text(r"[.!?](?:\s|$)")
_HTML_HEADING = compile_text(r"(?is)<h[12](?:\s[^>]*)?>(.*?)</h[12]>")
_TAG = compile_text(r"<[^>]*>")
_MARKDOWN = MarkdownIt("commonmark", {"maxNesting": 20})
MAX_PARSED = 8_000
"""Characters at the beginning of a text in which its heading is looked for."""
# Headings that the templates of OpenClaw begin with, which say nothing about the agent.
_TEMPLATE_HEADING = compile_text(
    r"(?i)^(?:(?:[a-z]+\.md|readme)\b|(?:identity|soul|agents)(?:\s*[-\x{2013}\x{2014}:]|$))",
)


def suggest(
    texts: Mapping[str, bytes], root: str, kept_paths: Mapping[str, str], paths: Collection[str]
) -> ManifestSuggestions:
    """Returns suggestions for a package.

    `texts` are small files of the source by path. `kept_paths` has the paths in the
    package by those in the source.
    """
    texts_inside = {
        fold_name(path.removeprefix(f"{root}/" if root else "")): data.decode(errors="replace")
        for path, data in texts.items()
        if not root or path.startswith(f"{root}/")
    }
    export_values = _read_export(texts, root)
    identity = read_identity(texts_inside.get("identity.md", ""))
    readme = strip_front_matter(texts_inside.get("readme.md", ""))
    heading, paragraph = first_words(readme)
    if not heading:
        heading, _ = first_words(_text_beside(texts, root) or texts_inside.get("agents.md", ""))
    name = export_values.get("name") or identity.get("name") or heading
    tagline = export_values.get("summary") or paragraph or identity.get("vibe", "")
    final_paths = set(kept_paths.values())
    images = sorted(path for path in final_paths if get_extension(path) in _ICONS)
    return ManifestSuggestions(
        name=one_line(name, MAX_LINE),
        emoji=one_line(identity.get("emoji", ""), 16),
        slug=make_slug(export_values.get("slug") or name) or make_slug(_folder_slug(root)),
        version=_read_version(export_values.get("version", "")),
        tagline=shorten(one_line(tagline, 2_000), MAX_TAGLINE),
        description=without_hidden(
            (readme.strip() or export_values.get("summary", ""))[:MAX_DESCRIPTION]
        ),
        model=one_line(export_values.get("model", ""), MAX_LINE),
        skills=_read_skills(export_values, final_paths),
        entrypoints=tuple(
            sorted(path for path in final_paths if path in WORKSPACE_FILES - {ONLY_AS_TEMPLATE})
        ),
        files=make_patterns(final_paths),
        icon=_find_icon(identity.get("avatar", ""), images),
        images=tuple(images[:MAX_IMAGES]),
    )


def add_pictures(suggestions: ManifestSuggestions, paths: Sequence[str]) -> ManifestSuggestions:
    """Returns the suggestions with pictures that were sent beside the files."""
    icon = next((path for path in paths if "/icon-" in path), suggestions.icon)
    return replace(suggestions, icon=icon, images=(*paths, *suggestions.images))


def _text_beside(texts: Mapping[str, bytes], root: str) -> str:
    """Returns the README beside the folder of the package, where repositories have it."""
    folder = root.rpartition("/")[0]
    prefix = f"{folder}/" if folder else ""
    readme_path = fold_name(f"{prefix}README.md")
    path = next((path for path in texts if root and fold_name(path) == readme_path), None)
    return strip_front_matter(texts[path].decode(errors="replace")) if path else ""


def read_identity(text: str) -> dict[str, str]:
    """Returns the filled-in lines of IDENTITY.md by their key in lower case."""
    values: dict[str, str] = {}
    for line in text.splitlines()[:200]:
        match = _IDENTITY_LINE.match(line[:500])
        if match is None:
            continue
        value = match[2].strip().strip("*_").strip()
        # The template has hints such as _(pick something you like)_.
        if value and not value.startswith("("):
            values.setdefault(match[1].lower(), value)
    return values


def first_words(text: str) -> tuple[str, str]:
    """Returns the first heading and the first paragraph of a markdown text.

    Pictures, such as badges, are no words. A heading below the first paragraph counts if it is the
    first of the text; a paragraph below a second heading does not.
    """
    heading = paragraph = ""
    tokens = _MARKDOWN.parse(text[:MAX_PARSED])
    for token, content in pairwise(tokens):
        if token.type == "heading_open":
            if heading:
                break
            heading = _words_of(content)
        elif token.type == "html_block" and not heading:
            match = _HTML_HEADING.search(token.content)
            heading = " ".join(_TAG.sub(" ", match[1]).split()) if match else ""
        elif token.type == "paragraph_open" and token.level == 0:
            paragraph = paragraph or _words_of(content)
    return "" if _TEMPLATE_HEADING.match(heading) else heading, paragraph


def _words_of(token: Token) -> str:
    """Returns the text of a heading or a paragraph, without its markup."""
    breaks = {"softbreak": " ", "hardbreak": " "}
    texts = (
        child.content if child.type in ("text", "code_inline") else breaks.get(child.type, "")
        for child in token.children or ()
    )
    return " ".join("".join(texts).split())


def strip_front_matter(text: str) -> str:
    # Editors of Windows begin a file with this mark.
    text = text.removeprefix("\ufeff")
    front_matter = read_front_matter(text)
    return "\n".join(text.split("\n")[front_matter.line_count :]) if front_matter else text


def one_line(text: str, max_length: int) -> str:
    """Returns a text that agent.json accepts on one line, or ""."""
    line = " ".join(text.split())
    line = "".join(character for character in line if not is_hidden(character))[:max_length].strip()
    return line if has_visible(line) and is_readable_name(line) else ""


def without_hidden(text: str) -> str:
    """Returns a text of several lines without NUL and other hidden characters."""
    return "".join(letter for letter in text if letter in "\n\t" or not is_hidden(letter))


def shorten(text: str, max_length: int) -> str:
    """Returns the first sentence, or its beginning at the end of a word."""
    end = _SENTENCE_END.search(text)
    text = text[: end.start()] if end else text
    if len(text) <= max_length:
        return text.strip()
    return text[: max_length - 1].rpartition(" ")[0].rstrip(",;: ") + "…"


def make_slug(text: str) -> str:
    """Returns a name for the id of an agent, or "" if the text gives none."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    slug = _NOT_IN_SLUG.sub("-", plain).strip("-")[:64].strip("-")
    return slug if AGENT_NAME.fullmatch(slug) else ""


def make_patterns(paths: Collection[str]) -> tuple[str, ...]:
    """Returns the `files` patterns that select these paths in the author's folder.

    Other files of a workspace, such as MEMORY.md, do not match them.
    """
    patterns = set()
    for path in paths:
        folders = path.split("/")[:-1]
        if not folders:
            if path != MANIFEST:
                patterns.add(_literal(path))
        elif folders[0] in SHOWN_HIDDEN_FOLDERS:
            patterns.add(f"{folders[0]}/**")
        else:
            patterns.add(f"{_literal(folders[0])}/**")
    return tuple(sorted(patterns)[:200]) or (MANIFEST,)


def _literal(name: str) -> str:
    """Returns a pattern that matches this name alone: special characters are escaped."""
    return "".join("?" if character in "*?[]{}\\," else character for character in name)


def _read_version(text: str) -> str:
    """Returns a version that agent.json accepts, or ""."""
    try:
        return semantic_version(text.strip())
    except ValueError:
        return ""


def _folder_slug(root: str) -> str:
    name = root.rpartition("/")[2]
    return "" if name == "workspace" else name.removeprefix("workspace-")


def _find_icon(avatar: str, images: Collection[str]) -> str:
    path = normpath(avatar) if avatar and "://" not in avatar else ""
    return path if path in images else ""


def _read_skills(export_values: Mapping[str, str], paths: Collection[str]) -> tuple[str, ...]:
    """Returns skills that an export names and that are not in the package."""
    present = {path.split("/")[1] for path in paths if path.startswith("skills/")}
    names = [one_line(name, MAX_LINE) for name in export_values.get("skills", "").split("\n")]
    return tuple(name for name in names if name and name not in present)[:MAX_SKILLS]


def _read_export(texts: Mapping[str, bytes], root: str) -> dict[str, str]:
    """Returns what the files beside the folder `workspace` say, if it is an export."""
    parent, _, name = root.rpartition("/")
    if name != "workspace":
        return {}
    prefix = f"{parent}/" if parent else ""
    manifest = _read_object(texts.get(f"{prefix}manifest.json"))
    package = _read_object(texts.get(f"{prefix}package.json"))
    claw = texts.get(f"{prefix}CLAW.md", b"").decode(errors="replace")
    heading, paragraph = first_words(strip_front_matter(claw))
    identity, skills = manifest.get("identity"), manifest.get("skills")
    model = manifest.get("model")
    identity_name = identity.get("name") if isinstance(identity, dict) else None
    primary = model.get("primary") if isinstance(model, dict) else model
    values = {
        "name": manifest.get("title") or identity_name or heading,
        "summary": manifest.get("summary") or package.get("description") or paragraph,
        "slug": str(package.get("name") or "").rpartition("/")[2],
        "version": package.get("version"),
        "model": primary,
        "skills": "\n".join(skill for skill in skills if isinstance(skill, str))
        if isinstance(skills, list)
        else "",
    }
    return {key: value for key, value in values.items() if isinstance(value, str) and value}


def _read_object(data: bytes | None) -> dict[str, object]:
    try:
        value = parse_json(data) if data else None
    except StrictJsonError:
        return {}
    return value if isinstance(value, dict) else {}
