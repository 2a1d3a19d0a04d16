"""Sample agents and people with little, much and hostile content; never saved."""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString

from clawstore.templatetags.shop import ShownFrame
from foundation.accounts.models import User
from foundation.clock import now
from profiles.models import Profile
from registry.agents.detail import AgentVersionDetail, VersionContents
from registry.agents.rows import AGENT_COLUMNS, AgentRow
from registry.agents.rows import make_row as row_of
from registry.agents.trust import RowTrust
from registry.analysis.facts import analyse
from registry.analysis.file_text import FileText
from registry.analysis.summary import summarise_manifest
from registry.models import Agent, Category, Channel, Version, VersionAsset
from registry.package.checks.file import PackageFile

UNBROKEN = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
ARABIC = ("مساعد تنظيم الوقت والمهام اليومية " * 4)[:120]
EMOJI = "👩🏽‍🚀🏳️‍🌈 Ω≈ç√ 👨‍👩‍👧‍👦🦞🦞🦞"
INVISIBLE = "zero\u200bwidth\u2060joined\u00adsoft"
MAINTAINER = "a-maintainer-with-a-long-login-as-well"
LOGIN = "a-login-of-39-letters-as-long-as-allowed"


def make_person(login: str = "ada", name: str = "Ada Lovelace") -> User:
    user = User(username=login, name=name, is_staff=login == MAINTAINER)
    user.profile = Profile(github_login=login, display_name=name)
    return user


def make_manifest(
    *, files: int = 0, needs: int = 0, long: str = "", **fields: Any
) -> dict[str, Any]:
    """A manifest with that many files, and that many secrets, plugins and skills.

    ``long`` is an unbroken text inside every name.
    """
    names = [f"{long}NOTES_{number}.md" for number in range(files)]
    return {
        "license": "MIT",
        "agent": {"defaults": {"model": long or "anthropic/claude"}},
        "openclaw": {
            "entrypoints": {n: n for n in names[: files // 2]},
            "templates": {n: n for n in names[files // 2 :]},
        },
        "setup": {
            "secrets": [
                {
                    "key": f"{long}KEY_{n}",
                    "required": n == 0,
                    "prompt": f"What {long or 'it'} opens",
                }
                for n in range(needs)
            ]
        },
        "dependencies": {
            "plugins": [{"spec": f"{long}@plug/in-{n}", "minVersion": "1.2"} for n in range(needs)],
            "skills": [{"slug": f"{long}skill-{n}", "required": True} for n in range(needs)],
        },
        **fields,
    }


def make_agent(title: str = "Day planner", **columns: Any) -> Agent:
    defaults = {
        "scope": "ada",
        "name": "day-planner",
        "display_name": title,
        "tagline": "Plans a day in the order in which it will happen.",
        "category": Category(id="productivity", name="Productivity"),
        "license": "MIT",
    }
    return Agent(**(defaults | columns), owner_user=make_person())


def make_version(agent: Agent, document: dict[str, Any], **columns: Any) -> Version:
    defaults = {
        "version": "1.4.0",
        "channel": Channel.COMMUNITY,
        "manifest": document,
        "tarball_size_bytes": 112_000,
        "tarball_sha256": "9f2c" * 16,
        "uploaded_by_user": make_person(),
    }
    return Version(agent=agent, **(defaults | columns))


def make_icon() -> VersionAsset:
    icon = VersionAsset(kind=VersionAsset.Kind.ICON, content_type="image/svg+xml")
    icon.address = "/static/img/mark.svg"  # type: ignore[attr-defined]
    return icon


def long_ago() -> datetime:
    return now() - timedelta(days=400)


LITTLE = make_manifest()
SOME = make_manifest(files=3, needs=1)
MUCH = make_manifest(files=40, needs=6)
HOSTILE = make_manifest(files=14, needs=3, long=UNBROKEN, license=UNBROKEN)

PLAIN = make_agent(avg_rating=4.6, review_count=31, downloads_30d=820)
NEW = make_agent("Ox", name="ox", tagline="Ox.", updated_at=long_ago())
POPULAR = make_agent(
    "Everyone's agent", avg_rating=5, review_count=10_000, downloads_30d=12_345_678
)
LONG_WORDS = make_agent(
    UNBROKEN, scope=LOGIN, name="x" * 64, tagline=(UNBROKEN * 2)[:140], review_count=1, avg_rating=1
)
IN_ARABIC = make_agent(ARABIC, name="arabic", tagline=ARABIC)
IN_EMOJI = make_agent(EMOJI, name="emoji", tagline=f"{EMOJI} {INVISIBLE}")


FILES = tuple(
    PackageFile(path, size, "0" * 64, "markdown")
    for path, size in (("README.md", 9_100), ("workspace/HEARTBEAT.md", 800))
)
TEXTS = {
    "README.md": FileText(f"Asks https://api.acme.org/v1 and https://{UNBROKEN.lower()[:60]}.net"),
    "workspace/HEARTBEAT.md": FileText(
        "# Every morning\n\n- Look at the calendar\n- Say nothing else"
    ),
}


def make_trust(**facts: Any) -> RowTrust:
    """Trust facts of a new agent, with other ``facts``."""
    defaults: dict[str, Any] = {
        "first_published_at": now(),
        "networks_30d": 0,
        "grew_at": None,
    }
    return RowTrust(**defaults | facts)


def make_full_trust() -> RowTrust:
    """Trust facts of an old agent, without a missing one."""
    return make_trust(
        first_published_at=long_ago(),
        networks_30d=310,
        grew_at=now() - timedelta(days=3),
    )


def make_row(
    agent: Agent, document: dict[str, Any], *, trust: RowTrust | None = None, **columns: Any
) -> AgentRow:
    version = make_version(agent, document, **columns)
    facts = {"version": version.version, "channel": version.channel, "icon": None}
    values = {column: getattr(agent, column) for column in AGENT_COLUMNS}
    values["row_facts"] = facts | asdict(summarise_manifest(document))
    return row_of(values, trust or make_trust())


def make_detail(
    agent: Agent, document: dict[str, Any], *, versions: int = 1, **columns: Any
) -> AgentVersionDetail:
    analysis = analyse(document, FILES, TEXTS) if versions > 1 else analyse(document, (), {})
    return AgentVersionDetail(
        agent=agent,
        version=make_version(agent, document, **columns),
        tags=[],
        version_count=versions,
        given_contents=VersionContents(analysis),
    )


def make_frame(notice: str, *, is_important: bool = False) -> ShownFrame:
    """Return the frame of a page with a notice."""
    return ShownFrame(SafeString(""), format_html("<p>{}</p>", notice), "", is_important, ())
