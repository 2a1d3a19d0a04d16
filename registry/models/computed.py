"""Data computed from the bytes of versions, stored beside their immutable rows."""

from django.db import models

from foundation.clock import now
from registry.models.agents import Agent
from registry.models.versions import Version


class ComputedFromBytes(models.Model):
    """Base of data computed from the bytes of a version by a numbered rule set.

    A new rule set can compute it again, and the version's own row never changes.
    """

    version = models.ForeignKey(Version, models.PROTECT, related_name="%(class)ss")
    rule_set = models.CharField(max_length=32)

    class Meta:
        abstract = True


class VersionFile(ComputedFromBytes):
    path = models.CharField(max_length=1024)
    kind = models.CharField(max_length=16)
    size_bytes = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        db_table = "version_files"
        constraints = [
            models.UniqueConstraint(
                fields=["version", "rule_set", "path"], name="one_row_per_file_and_rule_set"
            )
        ]

    def __str__(self) -> str:
        return self.path


class VersionFinding(ComputedFromBytes):
    """A warning of the package check; a package with errors is never stored."""

    code = models.CharField(max_length=40)
    severity = models.CharField(max_length=10)
    path = models.CharField(max_length=1024)
    line = models.PositiveIntegerField(null=True)
    message = models.TextField()
    ordering = models.IntegerField(default=0)

    class Meta:
        db_table = "version_findings"
        indexes = [models.Index(fields=["version", "ordering"], name="findings_of_a_version")]

    def __str__(self) -> str:
        return f"{self.code} {self.path}"


class VersionRendering(ComputedFromBytes):
    """Sanitised HTML of the description, the README or the release notes."""

    document = models.CharField(max_length=32, help_text="description, readme or release_notes")
    html = models.TextField()
    is_cut = models.BooleanField(
        default=False, help_text="The source was longer than what is shown"
    )

    class Meta:
        db_table = "version_renderings"
        constraints = [
            models.UniqueConstraint(
                fields=["version", "rule_set", "document"],
                name="one_rendering_per_document_and_rule_set",
            )
        ]

    def __str__(self) -> str:
        return self.document


class StoredPage(ComputedFromBytes):
    """Stored parts of a page, which depend on the version alone (ADR 32).

    The rule set is a digest of the templates and modules that make the HTML. A view must check that
    the version is not withheld before it reads the parts.
    """

    page = models.CharField(max_length=16, help_text="agent or files")
    language = models.CharField(max_length=16)
    content = models.BinaryField(
        help_text="JSON, compressed with zlib: by part, HTML and names of slots in turn"
    )

    class Meta:
        db_table = "version_pages"
        constraints = [
            models.UniqueConstraint(
                fields=["version", "page", "language", "rule_set"],
                name="one_row_per_page_language_and_rule_set",
            )
        ]

    def __str__(self) -> str:
        return f"{self.page} of {self.version_id} in {self.language}"


class StoredRow(models.Model):
    """The part of a row in lists that depends on the shown version (ADR 32).

    It is used only while its digest is that of the agent's present values.
    """

    agent = models.ForeignKey(Agent, models.PROTECT, related_name="stored_rows")
    language = models.CharField(max_length=16)
    rule_set = models.CharField(max_length=32, help_text="Digest of whatever makes the HTML")
    digest = models.CharField(max_length=40, help_text="Of all that the HTML shows")
    content = models.BinaryField(
        help_text="JSON, compressed with zlib: by heading, HTML and names of slots in turn"
    )

    class Meta:
        db_table = "agent_rows"
        constraints = [
            models.UniqueConstraint(
                fields=["agent", "language"], name="one_row_per_agent_and_language"
            )
        ]

    def __str__(self) -> str:
        return f"{self.agent_id} in {self.language}"


class VersionAnalysis(ComputedFromBytes):
    """Facts about a version: `registry.analysis.model.Analysis` as JSON."""

    facts = models.JSONField()

    class Meta:
        db_table = "version_analyses"
        constraints = [
            models.UniqueConstraint(
                fields=["version", "rule_set"], name="one_analysis_per_version_and_rule_set"
            )
        ]

    def __str__(self) -> str:
        return f"{self.version_id} by {self.rule_set}"


class VersionDiff(models.Model):
    """Diff of two versions; immutable for its rule set.

    It stays when a version is withheld, so a view must check that before it reads a diff.
    """

    old_version = models.ForeignKey(Version, models.PROTECT, related_name="+")
    new_version = models.ForeignKey(Version, models.PROTECT, related_name="diffs_with_older")
    rule_set = models.CharField(max_length=64)
    is_adjacent = models.BooleanField(help_text="Kept for as long as the versions are")
    asks_for_more = models.BooleanField(
        default=False,
        db_default=False,
        help_text="The newer one asks operators for more, or does more",
    )
    made_at = models.DateTimeField(default=now)
    summary = models.JSONField(help_text="registry.analysis.diff.versions.DiffSummary")
    hunks = models.JSONField(help_text="By file of the summary: its hunks, as /v1 gives them")

    class Meta:
        db_table = "version_diffs"
        constraints = [
            models.UniqueConstraint(
                fields=["old_version", "new_version", "rule_set"],
                name="one_diff_per_couple_and_rule_set",
            )
        ]
        indexes = [
            models.Index(fields=["is_adjacent", "made_at"], name="diffs_by_age"),
            # A list shows for each agent when it last expanded its access; the rows are large.
            models.Index(
                fields=["new_version", "old_version"],
                condition=models.Q(is_adjacent=True, asks_for_more=True),
                name="diffs_that_grow",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.old_version_id}...{self.new_version_id}"


class VersionDiffPage(models.Model):
    """Rendered HTML of a diff, the same for every reader; deleted with the diff."""

    diff = models.ForeignKey(VersionDiff, models.CASCADE, related_name="pages")
    renderer = models.CharField(max_length=32, help_text="Digest of whatever makes the HTML")
    language = models.CharField(max_length=16)
    html = models.BinaryField(help_text="UTF-8, compressed with zlib")

    class Meta:
        db_table = "version_diff_pages"
        constraints = [
            models.UniqueConstraint(
                fields=["diff", "renderer", "language"],
                name="one_page_per_diff_renderer_and_language",
            )
        ]

    def __str__(self) -> str:
        return f"{self.diff_id} in {self.language}"


class FileView(models.Model):
    """A text with its HTML, stored once for all versions that have the same bytes.

    A view must check that the version is not withheld before it reads the text.
    """

    sha256 = models.CharField(max_length=64, help_text="Of the file as it is in the package")
    syntax = models.CharField(max_length=16, blank=True, help_text="What it was coloured as")
    rule_set = models.CharField(max_length=32)
    text = models.TextField(help_text="From its beginning")
    is_cut = models.BooleanField(default=False, help_text="The file goes on behind the text")
    source_html = models.TextField()
    prose_html = models.TextField(blank=True, help_text="Markdown rendered; empty for all else")

    class Meta:
        db_table = "file_views"
        constraints = [
            models.UniqueConstraint(
                fields=["sha256", "syntax", "rule_set"], name="one_view_per_content_and_syntax"
            )
        ]

    def __str__(self) -> str:
        return self.sha256
