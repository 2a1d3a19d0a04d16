"""Render the texts of a package for their pages, once for each content.

The result is stored by content and not by version, because most files of a version are the same
as in the version before. Rendering is slow, so a publish does it before it takes any lock.
"""

from collections.abc import Collection, Iterator, MutableMapping, Sequence

from foundation.sandbox.place import working_on
from foundation.text.markdown import parse_markdown
from foundation.text.unseen_lines import find_unseen_lines
from registry.analysis.source_html import render_source
from registry.analysis.syntaxes import syntax_of
from registry.examiner.rendered_file import ContentKey, RenderedFile, content_key
from registry.package.reader import Package

# Limits for one package, so that a package full of markdown cannot hold up a publish for minutes.
# Files beyond the limits are stored as plain source.
MAX_PROSE_CHARACTERS = 400_000
MAX_COLOURED_CHARACTERS = 200_000


def render_files(
    package: Package,
    *,
    present: Collection[ContentKey],
    linked_paths: Collection[str],
    unseen_by_path: MutableMapping[str, Sequence[int]],
) -> Iterator[RenderedFile]:
    """Render all texts that are not ``present`` yet, each content once.

    ``linked_paths`` are the paths of files with links to others: each version has HTML of its own
    for them. ``unseen_by_path`` gets the unseen lines of each file that is parsed here.
    """
    rendered_paths = set(present)
    prose_budget, colour_budget = MAX_PROSE_CHARACTERS, MAX_COLOURED_CHARACTERS
    # Files deep in the tree are read least, so the budgets run out for them first.
    for file in sorted(package.files, key=lambda file: (file.path.count("/"), file.path)):
        key, text = content_key(file), package.texts.get(file.path)
        if text is None or key in rendered_paths:
            continue
        rendered_paths.add(key)
        working_on(file.path)
        is_prose = file.kind == "markdown" and len(text) <= prose_budget
        is_prose = is_prose and file.path not in linked_paths
        prose_budget -= len(text) if is_prose else 0
        prose_html = ""
        if is_prose:
            document = parse_markdown(text)
            # One parse serves both, and takes most of the time of each.
            unseen_by_path[file.path] = find_unseen_lines(text, document)
            prose_html = document.render().html
        is_coloured = len(text) <= colour_budget
        colour_budget -= len(text) if is_coloured else 0
        yield RenderedFile(
            key=key,
            text=text,
            is_cut=file.path in package.truncated_texts,
            source_html=render_source(text, syntax_of(file.path), is_coloured=is_coloured),
            prose_html=prose_html,
        )
