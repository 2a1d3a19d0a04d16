"""Load the demo catalogue, publishing its agents through the real pipeline.

`demo/<login>/<agent>/<version>/` has all files of the lowest version; every later version has only
the files that differ. `store/` beside them has the images, `demo/catalogue.json` the people,
reviews, yanks and picks. Loading again adds what is missing.
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
from registry.agents.queries import get_agent
from registry.models import Agent, Version
from registry.publishing.publish import publish_version
from registry.publishing.upload import Upload, UploadedAsset
from registry.rules.identifiers import scope_and_name
from registry.rules.permissions import MAINTAINER, OFFICIAL
from registry.rules.semver import is_prerelease, precedence
from reviews.actions import post_review
from reviews.models import Review

DEMO = Path(settings.BASE_DIR) / "demo"
COMMAND = Actor(door="command")
Files = dict[str, bytes]


class NotInProduction(NotAllowed):
    code = "not_in_production"
    message = "The demo catalogue is for development only."


@dataclass(frozen=True, slots=True)
class DemoVersion:
    """A version to publish. ``images`` is the folder of its icon and screenshots."""

    number: str
    manifest: dict[str, Any]
    files: Files
    images: Path


def load_demo() -> int:
    """Load the demo catalogue and return the number of new versions.

    Raises `NotInProduction`.
    """
    if not settings.IN_DEVELOPMENT:
        raise NotInProduction
    catalogue = json.loads((DEMO / "catalogue.json").read_text(encoding="utf-8"))
    people = {person["login"]: get_or_make_user(person) for person in catalogue["users"]}
    for login in catalogue["official"]:
        if not people[login].has_role(OFFICIAL):
            grant_role(people[login], OFFICIAL, by=COMMAND)
    maintainer = people[catalogue["maintainer"]]
    if not maintainer.has_role(MAINTAINER):
        grant_role(maintainer, MAINTAINER, by=COMMAND)
    count = 0
    for folder in sorted(DEMO.glob("demo-*/*")):
        owner = actor_of(people[folder.parent.name])
        count += publish_missing_versions(folder, by=owner, official=catalogue["official"])
    add_reviews(catalogue["reviews"], people)
    add_yanks(catalogue["yanked"], people)
    add_picks(catalogue["picks"], by=actor_of(maintainer))
    return count


def actor_of(user: User) -> Actor:
    return Actor(user=user, door="command")


@transaction.atomic
def get_or_make_user(person: dict[str, Any]) -> User:
    user = User.objects.filter(username=person["login"]).first()
    if user is None:
        user = make_development_user(person["login"], name=person["name"], by=COMMAND)
        fields = {key: person[key] for key in ("bio", "website", "location") if person.get(key)}
        edit_profile(person["login"], fields, by=actor_of(user))
    return user


def publish_missing_versions(folder: Path, *, by: Actor, official: list[str]) -> int:
    """Publish the missing versions of an agent, oldest first, and return their number."""
    scope, name = folder.parent.name, folder.name
    versions = Version.objects.filter(agent__scope=scope, agent__name=name)
    present = set(versions.values_list("version", flat=True))
    if set(list_numbers(folder)) <= present:
        return 0
    missing = [version for version in read_versions(folder) if version.number not in present]
    for version in missing:
        is_official = scope in official and not is_prerelease(version.number)
        publish_version(make_upload(version, "official" if is_official else None), by=by)
    return len(missing)


def list_numbers(folder: Path) -> list[str]:
    """The version numbers of a demo agent, oldest first."""
    names = [child.name for child in folder.iterdir() if child.is_dir() and child.name != "store"]
    return sorted(names, key=precedence)


def read_versions(folder: Path) -> Iterator[DemoVersion]:
    """All versions of a demo agent, oldest first, each with all of its files."""
    files: Files = {}
    for number in list_numbers(folder):
        files |= {
            str(path.relative_to(folder / number)): path.read_bytes()
            for path in sorted((folder / number).rglob("*"))
            if path.is_file()
        }
        yield DemoVersion(number, json.loads(files["agent.json"]), dict(files), folder)


def make_upload(version: DemoVersion, channel: str | None) -> Upload:
    store = version.manifest.get("store", {})
    paths = [("icon", store["icon"])] if "icon" in store else []
    paths += [("screenshot", path) for path in store.get("screenshots", [])]
    return Upload(
        metadata=version.files["agent.json"].decode(),
        tarball=io.BytesIO(build_tarball(version.files)),
        assets=tuple(
            UploadedAsset(kind, path, io.BytesIO((version.images / path).read_bytes()))  # type: ignore[arg-type]
            for kind, path in paths
        ),
        channel=channel,
    )


def build_tarball(files: Files) -> bytes:
    """A gzipped tar whose bytes depend on the files only, not on the time."""
    output = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=output, mode="wb", mtime=0) as compressed,
        tarfile.open(fileobj=compressed, mode="w", format=tarfile.PAX_FORMAT) as tar,
    ):
        for path, content in sorted(files.items()):
            member = tarfile.TarInfo(path)
            member.size, member.mode = len(content), 0o644
            tar.addfile(member, io.BytesIO(content))
    return output.getvalue()


def add_reviews(reviews: list[dict[str, Any]], people: dict[str, User]) -> None:
    rows = Review.objects.filter(agent__scope__startswith="demo-").values_list(
        "agent__scope", "agent__name", "reviewer_user__username"
    )
    present = {(f"@{scope}/{name}", login) for scope, name, login in rows}
    for review in reviews:
        if (review["id"], review["login"]) not in present:
            post_review(
                _find_agent(review["id"]),
                rating=review["rating"],
                title=review.get("title"),
                body=review.get("body"),
                by=actor_of(people[review["login"]]),
            )


def add_yanks(yanks: list[dict[str, Any]], people: dict[str, User]) -> None:
    present = set(Version.objects.yanked().values_list("agent__scope", "agent__name", "version"))
    for yank in yanks:
        agent = _find_agent(yank["id"])
        if (agent.scope, agent.name, yank["version"]) not in present:
            owner = actor_of(people[agent.scope])
            yank_version(agent, yank["version"], reason=yank["reason"], by=owner)


def add_picks(picks: list[dict[str, Any]], *, by: Actor) -> None:
    """Pick agents that were never picked. A pick that was removed stays removed."""
    ids = [pick["id"] for pick in picks]
    events = AuditLog.objects.filter(action="agent.picked", entity_id__in=ids)
    present = set(events.values_list("entity_id", flat=True))
    for pick in picks:
        if pick["id"] not in present:
            pick_agent(_find_agent(pick["id"]), reason=pick["reason"], by=by)


def _find_agent(full_id: str) -> Agent:
    return get_agent(*scope_and_name(full_id))
