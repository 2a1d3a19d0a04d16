"""Indexes with more columns on one database than on the other."""

from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.backends.ddl_references import Statement
from django.db.models import Index, Model


class IndexWithText(Index):
    """An index that also contains the search text on SQLite.

    A search reads the index in result order and stops when the page is full. PostgreSQL has a
    trigram index instead, and limits the size of index entries.
    """

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
        index = Index(fields=[*fields, "search_text"], name=self.name, condition=self.condition)
        return index.create_sql(model, schema_editor, using, **rest)
