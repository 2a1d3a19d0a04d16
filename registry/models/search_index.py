"""The search index: an inverted index in tables, in blocks of agents (ADR 28)."""

from django.db import models

from registry.models.agents import Agent


class IndexedAgent(models.Model):
    """The number of an agent in the search index, and its terms."""

    number = models.AutoField(primary_key=True)
    agent = models.OneToOneField(Agent, models.PROTECT, related_name="indexed")
    rule_set = models.PositiveIntegerField(help_text="registry.search_index.entries.INDEX_VERSION")
    entries = models.BinaryField(help_text="Terms with impacts and fields, compressed")

    class Meta:
        db_table = "search_agents"
        indexes = [models.Index(fields=["rule_set", "number"], name="search_agents_by_rules")]

    def __str__(self) -> str:
        return f"{self.number}"


class SearchPosting(models.Model):
    """The agents of one block that have a term, with impact and fields of each."""

    term = models.CharField(max_length=160)
    block = models.PositiveIntegerField()
    count = models.PositiveIntegerField()
    data = models.BinaryField(help_text="registry.search_index.postings")

    class Meta:
        db_table = "search_postings"
        constraints = [
            models.UniqueConstraint(fields=["term", "block"], name="one_posting_per_term_and_block")
        ]

    def __str__(self) -> str:
        return f"{self.term} in {self.block}"


class SearchWord(models.Model):
    """A word that agents have: for its forms, for words typed in part, and for typos."""

    word = models.CharField(max_length=80, primary_key=True)
    stem = models.CharField(max_length=80, db_index=True)
    german_stem = models.CharField(max_length=80, db_index=True)
    agents = models.IntegerField(help_text="How many agents have the word")

    class Meta:
        db_table = "search_words"

    def __str__(self) -> str:
        return self.word


class SearchColumns(models.Model):
    """Columns of the agents of one block that filters, facets and the order need."""

    block = models.PositiveIntegerField(primary_key=True)
    revision = models.BigIntegerField(default=0)
    data = models.BinaryField(help_text="registry.search_index.columns")
    languages = models.BinaryField(
        default=b"", db_default=b"", help_text="Bits of the languages of each agent"
    )

    class Meta:
        db_table = "search_columns"

    def __str__(self) -> str:
        return f"{self.block}"


class SearchValue(models.Model):
    """A value of a facet, by the number that the columns have for it, or a tag."""

    kind = models.CharField(max_length=16)
    value = models.CharField(max_length=255)
    agents = models.IntegerField(
        default=0, db_default=0, help_text="How many agents can be found by a tag"
    )

    class Meta:
        db_table = "search_values"
        indexes = [models.Index(fields=["kind", "-agents", "value"], name="search_values_by_count")]
        constraints = [
            models.UniqueConstraint(fields=["kind", "value"], name="one_row_per_facet_value")
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.value}"


class WordFilterBlock(models.Model):
    """Bits that tell which words agents may have: `registry.search_index.word_filter`."""

    block = models.PositiveIntegerField(primary_key=True)
    revision = models.BigIntegerField(default=0)
    data = models.BinaryField(help_text="A bit for each hash of a word")

    class Meta:
        db_table = "search_word_filter"

    def __str__(self) -> str:
        return f"{self.block}"
