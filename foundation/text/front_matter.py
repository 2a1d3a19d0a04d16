"""YAML front matter: the block between two `---` lines that begins a file."""

from dataclasses import dataclass

import yaml

MAX_CHARACTERS = 16_384
MAX_FRONT_MATTER_FIELDS = 100
MAX_DEPTH = 20


@dataclass(frozen=True, slots=True)
class Field:
    """One key with its value; `line` counts from 1 in the whole file.

    `value` is what pages show. `quoted_form` is the same as it is written, if that is in double
    quotes and may therefore have escapes; otherwise "".
    """

    key: str
    value: str
    line: int
    quoted_form: str = ""


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """The fields, and the number of lines up to and including the closing `---`."""

    fields: tuple[Field, ...]
    line_count: int

    def get(self, key: str) -> Field | None:
        return next((field for field in self.fields if field.key == key), None)


class _Loader(yaml.SafeLoader):
    """Composes nodes only.

    Aliases are refused: a few lines of them stand for gigabytes.
    """

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: object) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("aliases are not read")
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise yaml.YAMLError("nested too deeply")
        try:
            return super().compose_node(parent, index)  # type: ignore[arg-type]
        finally:
            self.depth -= 1


def read_front_matter(text: str) -> FrontMatter | None:
    """Returns the front matter of a text, or None if it does not begin with one.

    A first line `---` may also be a horizontal rule. Only YAML with keys is front matter, so that
    a text that begins with a rule loses nothing. Longer blocks than `MAX_CHARACTERS` are text.
    """
    head = text[: MAX_CHARACTERS + 1].removeprefix("\ufeff")
    lines = head.split("\n")
    if lines[0].rstrip() != "---":
        return None
    end = next((n for n, line in enumerate(lines) if n and line.rstrip() in ("---", "...")), None)
    if end is None:
        return None
    fields = _read_fields("\n".join(lines[1:end]))
    return FrontMatter(fields, end + 1) if fields else None


def _read_fields(source: str) -> tuple[Field, ...]:
    loader = None
    try:
        loader = _Loader(source)
        root = loader.get_single_node()
    except yaml.YAMLError:
        return ()
    finally:
        if loader:
            loader.dispose()
    if not isinstance(root, yaml.MappingNode) or len(root.value) > MAX_FRONT_MATTER_FIELDS:
        return ()
    return tuple(_field(source, key, value) for key, value in root.value)


def _field(source: str, key: yaml.Node, value: yaml.Node) -> Field:
    source_text = source[value.start_mark.index : value.end_mark.index]
    quoted_text = source_text if source_text.startswith('"') else ""
    if isinstance(value, yaml.ScalarNode):
        source_text = value.value
    name = source[key.start_mark.index : key.end_mark.index]
    # The block begins on line 2 of the file, and marks count lines from 0.
    return Field(name.strip("'\""), source_text.strip(), key.start_mark.line + 2, quoted_text)
