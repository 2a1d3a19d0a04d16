"""The demo catalogue: agents written for this project, published through the real pipeline.

`demo/<login>/<agent>/<version>/` holds the lowest version whole, every later one as an overlay;
`store/` beside them has the pictures, `demo/catalogue.json` the people, reviews, yanks and picks.
Loading it again adds only what is missing. In production it refuses.
"""

import gzip
import io
import json
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from clawstore.roles import grant_role
from foundation.accounts.models import User
from foundation.actor import Actor
from foundation.audit.models import AuditLog
from foundation.refusals import NotAllowed
from profiles.actions import edit_profile, make_development_user
from registry.agents.actions import pick_agent, yank_version
from registry.agents.queries import claimed_agent
from registry.models import Agent, Version
from registry.publishing.publish import publish_version
from registry.publishing.upload import Upload, UploadedAsset
from registry.rules.identifiers import scope_and_name
from registry.rules.semver import precedence
from reviews.actions import post_review
from reviews.models import Review

DEMO = Path(settings.BASE_DIR) / "demo"
Files = dict[str, bytes]


class NotInProduction(NotAllowed):
    code = "not_in_production"
    message = "The demo catalogue is for development only."


@dataclass(frozen=True, slots=True)
class DemoVersion:
    """One version as it will be published: its manifest, its package and its pictures."""

    number: str
    manifest: dict[str, Any]
    files: Files
    store: Path


def load_demo() -> int:
    """Bring the demo catalogue in. Gives how many versions were published now."""
    if not settings.IN_DEVELOPMENT:
        raise NotInProduction
    catalogue = json.loads((DEMO / "catalogue.json").read_text(encoding="utf-8"))
    people = {person["login"]: demo_person(person) for person in catalogue["users"]}
    for login in catalogue["official"]:
        if not people[login].is_official_publisher:
            grant_role(people[login], "official", by=Actor(door="command"))
    maintainer = people[catalogue["maintainer"]]
    if not maintainer.is_maintainer:
        grant_role(maintainer, "maintainer", by=Actor(door="command"))
    published = sum(
        publish_missing(
            folder, by=acting(people[folder.parent.name]), official=catalogue["official"]
        )
        for folder in sorted(DEMO.glob("demo-*/*"))
    )
    add_reviews(catalogue["reviews"], people)
    add_yanks(catalogue["yanked"], people)
    add_picks(catalogue["picks"], by=acting(maintainer))
    return published


def acting(user: User) -> Actor:
    return Actor(user=user, door="command")


@transaction.atomic
def demo_person(person: dict[str, Any]) -> User:
    """The user behind a demo login, made where there is none."""
    user = User.objects.filter(username=person["login"]).first()
    if user is None:
        user = make_development_user(person["login"], name=person["name"], by=Actor(door="command"))
        known = {k: person[k] for k in ("bio", "website", "location") if person.get(k)}
        edit_profile(person["login"], known, by=acting(user))
    return user


def publish_missing(folder: Path, *, by: Actor, official: list[str]) -> int:
    """Publish the versions of one agent that are not there yet, oldest first."""
    scope, name = folder.parent.name, folder.name
    there = set(
        Version.objects.filter(agent__scope=scope, agent__name=name).values_list(
            "version", flat=True
        )
    )
    if set(numbers_in(folder)) <= there:
        return 0
    missing = [v for v in composed_versions(folder) if v.number not in there]
    for version in missing:
        stable = "-" not in version.number
        channel = "official" if scope in official and stable else None
        publish_version(as_upload(version, channel), by=by)
    return len(missing)


def numbers_in(folder: Path) -> list[str]:
    """The version numbers of one demo agent, oldest first."""
    names = [child.name for child in folder.iterdir() if child.is_dir() and child.name != "store"]
    return sorted(names, key=precedence)


def composed_versions(folder: Path) -> Iterator[DemoVersion]:
    """Every version with the files of all before it under its own."""
    files: Files = {}
    for number in numbers_in(folder):
        files |= {
            str(path.relative_to(folder / number)): path.read_bytes()
            for path in sorted((folder / number).rglob("*"))
            if path.is_file()
        }
        yield DemoVersion(number, json.loads(files["agent.json"]), dict(files), folder)


def as_upload(version: DemoVersion, channel: str | None) -> Upload:
    store = version.manifest.get("store", {})
    named = [("icon", store["icon"])] if "icon" in store else []
    named += [("screenshot", path) for path in store.get("screenshots", [])]
    return Upload(
        metadata=version.files["agent.json"].decode(),
        tarball=io.BytesIO(packed(version.files)),
        assets=tuple(
            UploadedAsset(kind, path, io.BytesIO((version.store / path).read_bytes()))  # type: ignore[arg-type]
            for kind, path in named
        ),
        channel=channel,
    )


def packed(files: Files) -> bytes:
    """A gzipped tar that is the same for the same files, on every machine."""
    raw = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=raw, mode="wb", mtime=0) as zipped,
        tarfile.open(fileobj=zipped, mode="w", format=tarfile.PAX_FORMAT) as tar,
    ):
        for path, content in sorted(files.items()):
            entry = tarfile.TarInfo(path)
            entry.size, entry.mode = len(content), 0o644
            tar.addfile(entry, io.BytesIO(content))
    return raw.getvalue()


def add_reviews(reviews: list[dict[str, Any]], people: dict[str, User]) -> None:
    there = {
        (f"@{scope}/{name}", login)
        for scope, name, login in Review.objects.filter(
            agent__scope__startswith="demo-"
        ).values_list("agent__scope", "agent__name", "reviewer_user__username")
    }
    for review in reviews:
        if (review["id"], review["login"]) not in there:
            post_review(
                _agent(review["id"]),
                rating=review["rating"],
                title=review.get("title"),
                body=review.get("body"),
                by=acting(people[review["login"]]),
            )


def add_yanks(yanks: list[dict[str, Any]], people: dict[str, User]) -> None:
    there = set(Version.objects.yanked().values_list("agent__scope", "agent__name", "version"))
    for yank in yanks:
        agent = _agent(yank["id"])
        if (agent.scope, agent.name, yank["version"]) not in there:
            by = acting(people[agent.scope])
            yank_version(agent, yank["version"], reason=yank["reason"], by=by)


def add_picks(picks: list[dict[str, Any]], *, by: Actor) -> None:
    """Recommend what was never recommended before: a pick that was taken back stays so."""
    names = [pick["id"] for pick in picks]
    known = AuditLog.objects.filter(action="agent.picked", entity_id__in=names)
    there = set(known.values_list("entity_id", flat=True))
    for pick in picks:
        if pick["id"] not in there:
            pick_agent(_agent(pick["id"]), reason=pick["reason"], by=by)


def _agent(full_id: str) -> Agent:
    return claimed_agent(*scope_and_name(full_id))
