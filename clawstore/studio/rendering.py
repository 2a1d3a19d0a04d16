"""Previews of markdown, rendered like published content."""

from collections.abc import Iterable

from django.utils.safestring import mark_safe

from clawstore.studio.editor.nodes import Node
from foundation.refusals import Refusal
from foundation.sandbox.errors import TaskFailed
from registry.sandbox.readers import render_site_texts

MAX_CHARACTERS = 200_000
"""Characters of markdown that one page renders; the rest is shown as its source."""


def render_nodes(nodes: Iterable[Node]) -> None:
    """Set the HTML of markdown; without it, a page shows the source."""
    budget = MAX_CHARACTERS
    rendered_nodes = []
    for node in nodes:
        # A long text is skipped alone, so that shorter ones after it are rendered.
        if node.kind == "markdown" and node.value and len(node.value) <= budget:
            budget -= len(node.value)
            rendered_nodes.append(node)
    try:
        html = render_site_texts(
            [node.value for node in rendered_nodes],
            id_prefixes=[f"{node.id}-" for node in rendered_nodes],
        )
    except (Refusal, TaskFailed):
        return
    for node, text in zip(rendered_nodes, html, strict=True):
        node.html = mark_safe(text)
