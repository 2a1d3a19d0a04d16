"""Blocks of a text as GitHub shows them: task lists, alerts, code, tables."""

import html
import io
from collections.abc import MutableMapping
from functools import lru_cache
from typing import Any

from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from pygments.formatters import HtmlFormatter

from foundation.text.colouring import ColourBudget, is_language, lex, may_colour

ALERTS = ("note", "tip", "important", "warning", "caution")
_ALERT_MARKS = {f"[!{name}]": name for name in ALERTS}


def mark_task_lists(state: StateCore) -> None:
    """Give items that begin with ``[ ]`` or ``[x]`` a checkbox.

    The library's plugin searches the list again for every item; this is a single pass.
    """
    lists: list[Token] = []
    for index, token in enumerate(state.tokens):
        if token.type in ("bullet_list_open", "ordered_list_open"):
            lists.append(token)
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            lists.pop()
        elif _is_task_item(token) and state.tokens[index - 2].type == "list_item_open":
            _insert_checkbox(token.children or [])
            state.tokens[index - 2].attrSet("class", "task-list-item")
            lists[-1].attrSet("class", "contains-task-list")


def _is_task_item(token: Token) -> bool:
    first = token.children[0] if token.type == "inline" and token.children else None
    return bool(first and first.type == "text" and _begins_with_box(token.content))


def _begins_with_box(text: str) -> bool:
    return text[:3] in ("[ ]", "[x]", "[X]") and text[3:4].isspace() and bool(text[4:].strip())


def _insert_checkbox(line: list[Token]) -> None:
    attribute = "" if line[0].content.startswith("[ ]") else "checked "
    line[0].content = line[0].content[3:]
    line.insert(0, Token("checkbox", "", 0, content=f'<input {attribute}type="checkbox">'))


def checkbox(
    self: RendererHTML, tokens: list[Token], index: int, options: Any, env: MutableMapping[str, Any]
) -> str:
    return tokens[index].content


def mark_alerts(state: StateCore) -> None:
    """Turns quotes that begin with a line such as ``[!NOTE]`` into alerts."""
    alert_stack: list[bool] = []
    for index, token in enumerate(state.tokens):
        if token.type == "blockquote_open":
            name = _alert_name(state.tokens[index + 1 : index + 3])
            # As on GitHub, an alert is no part of a list or quote.
            is_alert = bool(name) and token.level == 0
            alert_stack.append(is_alert)
            if is_alert:
                token.tag = "div"
                token.attrSet("class", f"alert alert-{name}")
                _set_alert_title(state.tokens[index + 2], name)
        elif token.type == "blockquote_close" and alert_stack.pop():
            token.tag = "div"


def _alert_name(following_tokens: list[Token]) -> str:
    if [token.type for token in following_tokens] != ["paragraph_open", "inline"]:
        return ""
    first = following_tokens[1].content.partition("\n")[0]
    parts = following_tokens[1].children or []
    # A link definition may make a link of the mark.
    is_plain = bool(parts) and parts[0].type == "text" and parts[0].content.strip() == first.strip()
    return _ALERT_MARKS.get(first.strip().lower(), "") if is_plain else ""


def _set_alert_title(line: Token, name: str) -> None:
    parts = line.children or []
    tokens_after_title = (
        parts[2:] if len(parts) > 1 and parts[1].type in ("softbreak", "hardbreak") else []
    )
    title = Token(
        "alert_title", "", 0, content=name.title(), meta={"is_alone": not tokens_after_title}
    )
    line.children = [title, *tokens_after_title]


def alert_title(
    self: RendererHTML, tokens: list[Token], index: int, options: Any, env: MutableMapping[str, Any]
) -> str:
    title = tokens[index]
    separator = "" if title.meta["is_alone"] else "</p>\n<p>"
    return f'<span class="alert-title">{title.content}</span>{separator}'


def cell(
    self: RendererHTML, tokens: list[Token], index: int, options: Any, env: MutableMapping[str, Any]
) -> str:
    # The parser aligns by a style attribute, which the content security policy forbids.
    style = tokens[index].attrs.pop("style", None)
    if style:
        tokens[index].attrSet("class", str(style).replace("text-align:", "align-"))
    return self.renderToken(tokens, index, options, env)


def html_tag(
    self: RendererHTML, tokens: list[Token], index: int, options: Any, env: MutableMapping[str, Any]
) -> str:
    """A tag of the author's HTML; where it aligns, a class does."""
    token = tokens[index]
    if token.hidden:
        return ""
    classes = [
        f"{name}-{str(token.attrs.pop(name)).lower()}"
        for name in ("align", "valign")
        if name in token.attrs
    ]
    if classes:
        token.attrs["class"] = " ".join(classes)
    if token.tag in ("table", "pre") and token.nesting == 1:
        token.attrs["tabindex"] = "0"
    return self.renderToken(tokens, index, options, env)


def table(
    self: RendererHTML, tokens: list[Token], index: int, options: Any, env: MutableMapping[str, Any]
) -> str:
    # A wide table scrolls, so it must be reachable by keyboard; the same holds for code blocks.
    tokens[index].attrSet("tabindex", "0")
    return self.renderToken(tokens, index, options, env)


def fence(
    self: RendererHTML, tokens: list[Token], index: int, options: Any, env: MutableMapping[str, Any]
) -> str:
    """A code block, below its info string unless that only names a language."""
    info = tokens[index].info.strip()
    language = info.split(maxsplit=1)[0] if info else ""
    block = _highlighted(tokens[index].content, language, env["colours"])
    if not info or (info == language and is_language(language)):
        return block
    return f'<p class="fence-info"><code>{html.escape(info)}</code></p>\n{block}'


def code_block(
    self: RendererHTML, tokens: list[Token], index: int, options: Any, env: MutableMapping[str, Any]
) -> str:
    return plain_code(tokens[index].content)


def plain_code(code: str) -> str:
    return f'<pre tabindex="0"><code>{html.escape(code, quote=False)}</code></pre>\n'


def _highlighted(source: str, language: str, budget: ColourBudget) -> str:
    if not may_colour(source, language) or budget.is_spent():
        return plain_code(source)
    output = io.StringIO()
    _formatter().format(lex(source, language, budget), output)
    return f'<pre class="highlight" tabindex="0"><code>{output.getvalue()}</code></pre>\n'


@lru_cache(maxsize=1)
def _formatter() -> "HtmlFormatter[str]":
    return HtmlFormatter(nowrap=True)
