"""A tool: an operation of the API with a name, hints and argument names."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings

from clawstore.mcp.answers import ToolAnswer
from clawstore.mcp.caller import Caller
from foundation.actor import Actor
from foundation.text.expressions import compile_text

Arguments = Mapping[str, Any]
PARAMETER = compile_text(r"\{(?:\w+:)?(\w+)\}")
# Their writes take ``?mode=dry_run`` and ``Idempotency-Key``.
RUNTIME_PATHS = ("/domains/", "/public/", "/payments/")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tool:
    """A tool with the rights of ``operation``: ``GET /agents/{scope}/{name}``.

    ``scope`` and ``needs_key`` decide only which callers see the tool in the list. ``slug`` is the
    argument for a parameter ``{slug}``. ``arguments`` are JSON schemas of further arguments, which
    ``run`` reads in place of the usual way to the operation.
    """

    name: str
    title: str
    operation: str
    description: str = ""
    needs_key: bool = False
    scope: str = ""
    is_destructive: bool = False
    is_idempotent: bool = False
    reaches_outside: bool = False
    has_foreign_text: bool = True
    slug: str = "slug"
    takes_latest: bool = False
    """A missing ``version`` is the latest one."""
    agent_field: str = ""
    """The field of the body that has the internal id of ``agent``."""
    is_sign_in: bool = False
    """Listed for anonymous callers alone, and where apps can sign in."""
    has_version: bool = False
    """``expectedVersion`` becomes the header If-Match."""
    arguments: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    run: "Callable[[Tool, Arguments, Caller], ToolAnswer] | None" = None

    @property
    def method(self) -> str:
        return self.operation.partition(" ")[0]

    @property
    def path(self) -> str:
        return self.operation.partition(" ")[2]

    @property
    def is_read_only(self) -> bool:
        return self.method == "GET" or self.operation in READS_BY_POST

    @property
    def is_of_runtime(self) -> bool:
        return self.path.startswith(RUNTIME_PATHS)

    @property
    def takes_idempotency_key(self) -> bool:
        return self.is_of_runtime and not self.is_read_only

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of the parameters in the path."""
        return tuple(PARAMETER.findall(self.path))

    def is_offered_to(self, by: Actor) -> bool:
        """Whether the list of tools shows this tool to an actor."""
        if self.is_sign_in:
            return settings.OAUTH_ON and not by.is_known
        if self.scope:
            return by.is_known and by.has_scope(self.scope)
        return by.is_known or not self.needs_key


# Questions with a body: they change nothing.
READS_BY_POST = frozenset(
    {
        "POST /updates",
        "POST /packages/check",
        "POST /domains/{domain}/policy/evaluate",
        "POST /domains/{domain}/content-types/{slug}/check-schema",
    }
)
