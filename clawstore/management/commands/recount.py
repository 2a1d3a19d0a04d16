"""Compare derived columns of agents with a recount; ``--repair`` corrects them."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from clawstore.editorial.actions import store_pages_again, wrong_pages
from clawstore.editorial.agent_texts import wrong_agent_texts
from foundation.actor import Actor
from registry.downloads.recount import find_differences, repair_agent
from registry.search_index.recount import find_wrong_counts, repair_counts
from reviews.actions import repair_ratings
from reviews.queries import wrong_ratings
from wordclaw.content.sorting import store_all_sort_values, wrong_sort_values
from wordclaw.content.space import repair_spaces, wrong_spaces
from wordclaw.content.summaries import store_summaries_of, wrong_summaries


class Command(BaseCommand):
    help = (
        "Compare listings, latest versions, downloads, ratings and pages of content with "
        "a recount. Exits with 1 if there are differences that were not repaired."
    )
    # System checks load all pages, which takes longer than the command.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--repair", action="store_true", help="store the recounted values")

    def handle(self, *args: Any, repair: bool, **options: Any) -> None:
        by = Actor(door="command")
        wrong = (
            self._recount_agents(repair, by)
            + self._recount_ratings(repair, by)
            + self._recount_content(repair)
        )
        # Last, because a repaired agent changes them.
        wrong += self._recount_terms(repair, by)
        if not wrong:
            self.stdout.write("No differences.")
        elif repair:
            self.stdout.write(f"{wrong} differences repaired.")
        else:
            # An exit code, so that a scheduled check can raise an alarm.
            raise CommandError(f"{wrong} differences. Run with --repair to fix them.", returncode=1)

    def _recount_agents(self, repair: bool, by: Actor) -> int:
        wrong = 0
        for agent_id, agent_differences in find_differences():
            for difference in agent_differences:
                self._say(
                    difference.full_id,
                    difference.column,
                    difference.cached_value,
                    difference.actual,
                )
            if repair:
                # One transaction for each agent, so that the shop goes on meanwhile.
                repair_agent(agent_id, by=by)
            wrong += len(agent_differences)
        return wrong

    def _recount_ratings(self, repair: bool, by: Actor) -> int:
        wrong = 0
        for rating in wrong_ratings():
            self._say(
                rating.full_id, "avg_rating", rating.cached_rating.average, rating.actual.average
            )
            self._say(
                rating.full_id, "review_count", rating.cached_rating.count, rating.actual.count
            )
            wrong += 1
        if repair and wrong:
            repair_ratings(by=by)
        return wrong

    def _recount_terms(self, repair: bool, by: Actor) -> int:
        wrong = find_wrong_counts()
        for term, (cached_value, actual) in wrong.items():
            self._say(f"Search term {term}", "agents", cached_value, actual)
        if repair and wrong:
            repair_counts(by=by)
        return len(wrong)

    def _recount_content(self, repair: bool) -> int:
        differences = list(wrong_pages())
        for address, cached_value, actual in differences:
            self._say(address, "page", cached_value, actual)
        for _, full_id, column, cached_value, actual in wrong_agent_texts():
            self._say(full_id, column, cached_value, actual)
            differences.append((full_id, cached_value, actual))
        if repair and differences:
            store_pages_again()
        return (
            len(differences)
            + self._recount_sort_values(repair)
            + self._recount_summaries(repair)
            + self._recount_space(repair)
        )

    def _recount_summaries(self, repair: bool) -> int:
        wrong = list(wrong_summaries())
        for item_id, cached_value, actual in wrong:
            self._say(f"Content item {item_id}", "summary", cached_value, actual)
        if repair:
            store_summaries_of([item_id for item_id, _, _ in wrong])
        return len(wrong)

    def _recount_sort_values(self, repair: bool) -> int:
        count, types = 0, set()
        for content_type, item_id, field, cached_value, actual in wrong_sort_values():
            self._say(f"Content item {item_id}", f"sort value of {field}", cached_value, actual)
            types.add(content_type.pk)
            count += 1
        if repair:
            for type_id in types:
                store_all_sort_values(type_id)
        return count

    def _recount_space(self, repair: bool) -> int:
        wrong = list(wrong_spaces())
        for domain, cached_value, actual in wrong:
            self._say(f"Content of {domain.name}", "bytes", cached_value, actual)
        if repair and wrong:
            repair_spaces()
        return len(wrong)

    def _say(self, full_id: str, column: str, cached_value: object, actual: object) -> None:
        if cached_value != actual:
            self.stdout.write(f"{full_id} {column}: stored {cached_value!r}, recounted {actual!r}")
