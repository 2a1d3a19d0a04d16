"""Events of the demo catalogue: each is one call of a real action, at its time."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from devtools.demo.calendar import Calendar
from devtools.demo.catalogue import DemoVersion, list_folders, make_upload, read_versions
from devtools.demo.people import actor_named, add_person, invented_sign_up
from foundation.accounts.models import User
from foundation.audit.models import AuditLog
from moderation.actions import post_appeal, report_agent, resolve_report
from moderation.models import Report
from registry.agents.actions import delist_agent, pick_agent, withhold_version, yank_version
from registry.agents.queries import find_version, find_agent
from registry.models import Agent, Version
from registry.publishing.publish import publish_version
from registry.rules.identifiers import scope_and_name
from registry.rules.semver import is_prerelease
from reviews.actions import post_review, reply_to_review
from reviews.models import Review

Row = dict[str, Any]
"""An entry of a list of catalogue.json."""
MARKS = ("version.yanked", "version.withheld", "agent.delisted", "agent.picked")


@dataclass(frozen=True, slots=True)
class DemoEvent:
    """An action, who acts, and when."""

    login: str
    moment: datetime
    act: Callable[[], object]
    is_publish: bool = False


def missing_events(catalogue: Row, calendar: Calendar) -> list[DemoEvent]:
    """The events that this instance does not have, in the order of time."""
    events = [
        *_missing_versions(catalogue, calendar),
        *_missing_reviews(catalogue, calendar),
        *_missing_marks(catalogue, calendar),
        *_missing_reports(catalogue, calendar),
    ]
    events += _missing_people(catalogue, calendar, events)
    return sorted(events, key=lambda event: event.moment)


def find_visible_agent(full_id: str) -> Agent:
    return find_agent(*scope_and_name(full_id))


# --- People and versions -------------------------------------------------------------------------


def _missing_people(
    catalogue: Row, calendar: Calendar, events: Iterable[DemoEvent]
) -> Iterator[DemoEvent]:
    present = set(User.objects.values_list("username", flat=True))
    for person in catalogue["users"]:
        login = person["login"]
        if login in present:
            continue
        moments = [event.moment for event in events if event.login == login]
        first = min(moments, default=calendar.moment(catalogue["written_on"], login))
        roles = {
            "official": login in catalogue["official"],
            "maintainer": login == catalogue["maintainer"],
        }
        yield DemoEvent(login, invented_sign_up(login, first), partial(add_person, person, **roles))


def _missing_versions(catalogue: Row, calendar: Calendar) -> Iterator[DemoEvent]:
    present: dict[tuple[str, str], set[str]] = {}
    rows = Version.objects.filter(agent__scope__startswith="demo-")
    for scope, name, number in rows.values_list("agent__scope", "agent__name", "version"):
        present.setdefault((scope, name), set()).add(number)
    for folder in list_folders():
        login, name = folder.parent.name, folder.name
        for version in read_versions(folder, known_names=present.get((login, name), ())):
            is_official = login in catalogue["official"] and not is_prerelease(version.number)
            channel = "official" if is_official else None
            yield DemoEvent(
                login,
                calendar.moment(version.day, f"{login} {name} {version.number}"),
                partial(_publish, version, calendar, channel, login),
                is_publish=True,
            )


def _publish(version: DemoVersion, calendar: Calendar, channel: str | None, login: str) -> None:
    publish_version(make_upload(version, calendar, channel), by=actor_named(login))


# --- Reviews -------------------------------------------------------------------------------------


def _missing_reviews(catalogue: Row, calendar: Calendar) -> Iterator[DemoEvent]:
    rows = Review.objects.filter(agent__scope__startswith="demo-").values_list(
        "agent__scope", "agent__name", "reviewer_user__username"
    )
    present = {(f"@{scope}/{name}", login) for scope, name, login in rows}
    for review in catalogue["reviews"]:
        full_id, login = review["id"], review["login"]
        if (full_id, login) in present:
            continue
        label = f"{full_id} {login}"
        yield DemoEvent(login, calendar.moment(review["day"], label), partial(_post, review))
        if "reply" in review:
            moment = calendar.moment(review["reply"]["day"], f"{label} reply")
            yield DemoEvent(login, moment, partial(_reply, review))


def _post(review: Row) -> None:
    texts = {"title": review.get("title"), "body": review.get("body")}
    agent, by = find_visible_agent(review["id"]), actor_named(review["login"])
    post_review(agent, rating=review["rating"], **texts, by=by)


def _reply(review: Row) -> None:
    agent = find_visible_agent(review["id"])
    rows = Review.objects.select_related("agent", "reviewer_user").filter(agent=agent)
    row = rows.get(reviewer_user__username=review["login"])
    reply_to_review(row, body=review["reply"]["body"], by=actor_named(agent.scope))


# --- Decisions -----------------------------------------------------------------------------------


def _missing_marks(catalogue: Row, calendar: Calendar) -> Iterator[DemoEvent]:
    """Yanks, withholdings, delistings and picks that never happened here.

    What was undone stays undone: a pick that was removed is not made again.
    """
    events = AuditLog.objects.filter(action__in=MARKS, entity_id__startswith="@demo-")
    present = set(events.values_list("action", "entity_id"))
    login = catalogue["maintainer"]
    for action in MARKS:
        for mark in catalogue[action]:
            name = mark_name(mark)
            if (action, name) in present:
                continue
            moment = calendar.moment(mark["day"], f"{action} {name}")
            yield DemoEvent(login, moment, partial(make_mark, action, mark, login))
            if "appeal" in mark:
                moment = calendar.moment(mark["appeal"]["day"], f"{action} {name} appeal")
                yield DemoEvent(login, moment, partial(_appeal, action, mark))


def mark_name(mark: Row) -> str:
    return f"{mark['id']}@{mark['version']}" if "version" in mark else str(mark["id"])


def make_mark(action: str, mark: Row, maintainer: str) -> None:
    agent, by, reason = find_visible_agent(mark["id"]), actor_named(maintainer, "admin"), mark["reason"]
    if action == "version.yanked":
        yank_version(agent, mark["version"], reason=reason, by=actor_named(agent.scope))
    elif action == "version.withheld":
        withhold_version(agent, mark["version"], reason=mark["cause"], text=reason, by=by)
    elif action == "agent.delisted":
        delist_agent(agent, reason=reason, by=by)
    else:
        pick_agent(agent, reason=reason, by=by)


def _appeal(action: str, mark: Row) -> None:
    decision = AuditLog.objects.get(action=action, entity_id=mark_name(mark))
    login, _ = scope_and_name(mark["id"])
    post_appeal(decision.pk, text=mark["appeal"]["text"], by=actor_named(login))


# --- Reports -------------------------------------------------------------------------------------


def _missing_reports(catalogue: Row, calendar: Calendar) -> Iterator[DemoEvent]:
    if Report.objects.filter(agent__scope__startswith="demo-").exists():
        return
    maintainer = catalogue["maintainer"]
    for report in catalogue["reports"]:
        label = f"{report['id']} {report['reason']}"
        moment = calendar.moment(report["day"], label)
        yield DemoEvent(report.get("login", maintainer), moment, partial(_report, report))
        if "decision" in report:
            moment = calendar.moment(report["decision"]["day"], f"{label} decision")
            yield DemoEvent(maintainer, moment, partial(_decide, report, maintainer))


def _report(report: Row) -> None:
    agent = find_visible_agent(report["id"])
    version = find_version(agent, report["version"]) if "version" in report else None
    reviews = Review.objects.filter(agent=agent, reviewer_user__username=report.get("review"))
    review = reviews.first()
    report_agent(
        agent.pk,
        reason=report["reason"],
        details=report["details"],
        version_id=version.pk if version else None,
        review_id=review.pk if review else None,
        by=actor_named(report.get("login")),
    )


def _decide(report: Row, maintainer: str) -> None:
    reports = Report.objects.still_open().filter(reason=report["reason"])
    row = reports.get(agent=find_visible_agent(report["id"]), details=report["details"])
    decision, by = report["decision"], actor_named(maintainer, "admin")
    resolve_report(row.pk, status=decision["status"], notes=decision["notes"], by=by)
