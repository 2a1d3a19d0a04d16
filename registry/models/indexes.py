"""Indexes that hold more on one database than on the other. The answers are the same."""

from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.backends.ddl_references import Statement
from django.db.models import Index, Model


class IndexWithText(Index):
    """On SQLite the text that a search reads stands in the index too: a search walks it in the
    order of its answer, looks at no row that does not fit, and stops when the page is full.
    PostgreSQL has its trigrams, and a limit for the size of an entry."""

    def create_sql(
        self,
        model: type[Model],
        schema_editor: BaseDatabaseSchemaEditor,
        using: str = "",
        **rest: Any,
    ) -> Statement:
        if schema_editor.connection.vendor != "sqlite":
            return super().create_sql(model, schema_editor, using, **rest)
        fields = [f"-{name}" if order else name for name, order in self.fields_orders]
        whole = Index(fields=[*fields, "search_text"], name=self.name, condition=self.condition)
        return whole.create_sql(model, schema_editor, using, **rest)
