"""Limits for rules of the markdown parser that drop text or need quadratic time."""

from collections.abc import Callable

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline

BlockRule = Callable[[StateBlock, int, int, bool], bool]
InlineRule = Callable[[StateInline, bool], bool]
CONTAINERS = ("list", "blockquote", "footnote_def")
# Levels of lists, quotes and footnotes; each list has two. Deeper ones are shown as their source.
MAX_CONTAINER_LEVEL = 30
MAX_NESTING = MAX_CONTAINER_LEVEL + 10
MAX_LABEL = 300
"""Characters of the label of a footnote."""


def limit_rules(parser: MarkdownIt) -> None:
    """Replaces rules of the parser by limited ones."""
    for block_rule in parser.block.ruler.__rules__:
        if block_rule.name in CONTAINERS:
            limited_rule = _refuse_deep(block_rule.fn)
            parser.block.ruler.at(block_rule.name, limited_rule, {"alt": block_rule.alt})
    for inline_rule in parser.inline.ruler.__rules__:
        if inline_rule.name == "footnote_ref":
            parser.inline.ruler.at(inline_rule.name, _refuse_long_label(inline_rule.fn))
        elif inline_rule.name == "html_inline":
            parser.inline.ruler.at(inline_rule.name, _read_comment_or(inline_rule.fn))


def _refuse_deep(rule: BlockRule) -> BlockRule:
    """Return the rule of a container that refuses what is nested too deep.

    The text is then a paragraph. At its own limit the library drops the rest of the document.
    """

    def refuse_or_parse(state: StateBlock, start: int, end: int, silent: bool) -> bool:
        return state.level < MAX_CONTAINER_LEVEL and rule(state, start, end, silent)

    return refuse_or_parse


def _refuse_long_label(rule: InlineRule) -> InlineRule:
    """Return the rule of a footnote reference that refuses a long label.

    From each `[^` the library looks for the end of the label in the whole paragraph.
    """

    def refuse_or_parse(state: StateInline, silent: bool) -> bool:
        has_end = state.src.find("]", state.pos, state.pos + MAX_LABEL) != -1
        return has_end and rule(state, silent)

    return refuse_or_parse


def _read_comment_or(rule: InlineRule) -> InlineRule:
    """Return the rule of HTML tags that reads comments in linear time.

    The library's expression for a comment may run to the end of the text before it fails.
    """

    def read_or_parse(state: StateInline, silent: bool) -> bool:
        position = state.pos
        if not state.src.startswith("<!--", position):
            return rule(state, silent)
        # `<!-->` is a comment, too.
        if state.html_terminator_last("-->") < position + 2:
            return False
        end = state.src.index("-->", position + 2) + len("-->")
        if not silent:
            token = state.push("html_inline", "", 0)
            token.content = state.src[position:end]
        state.pos = end
        return True

    return read_or_parse
