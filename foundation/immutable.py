"""Rows that stay as they were written.

Immutability is a rule of the application, not of the database (the data model says so), so it is
kept here, once, for every way in which Django can write or delete a row.
"""

from collections.abc import Collection, Iterable
from typing import Any, NoReturn, TypeVar

from django.db import models

M = TypeVar("M", bound=models.Model)


class RowIsImmutable(TypeError):
    """A bug in the caller: nothing that a person sends may lead here."""


class AppendOnlyQuerySet(models.QuerySet[M]):
    """Rows can be added and read. A subclass opens single, named changes."""

    def update(self, **kwargs: Any) -> NoReturn:
        raise RowIsImmutable(f"{self.model.__name__} rows are never updated.")

    def delete(self) -> NoReturn:
        raise RowIsImmutable(f"{self.model.__name__} rows are never deleted.")

    def _raw_delete(self, using: str | None) -> NoReturn:
        # The collector's fast path, which passes by delete().
        raise RowIsImmutable(f"{self.model.__name__} rows are never deleted.")

    def _update(self, values: Any) -> NoReturn:
        # Model.save() and save_base() write through this one.
        raise RowIsImmutable(f"{self.model.__name__} rows are never updated.")

    def bulk_update(
        self, objs: Iterable[M], fields: Iterable[str], batch_size: int | None = None
    ) -> NoReturn:
        raise RowIsImmutable(f"{self.model.__name__} rows are never updated.")

    def bulk_create(
        self,
        objs: Iterable[M],
        batch_size: int | None = None,
        ignore_conflicts: bool = False,
        update_conflicts: bool = False,
        update_fields: Collection[str] | None = None,
        unique_fields: Collection[str] | None = None,
    ) -> list[M]:
        if update_conflicts:
            raise RowIsImmutable(f"{self.model.__name__} rows are never updated.")
        return super().bulk_create(objs, batch_size, ignore_conflicts)


class NeverDeleted:
    """A guard in the framework's own way of deleting: whatever is about to be deleted is collected
    first, and the collector asks every private field of a model for what hangs on its rows. This
    one, which has no column, answers that the rows stay."""

    auto_created = concrete = editable = hidden = is_relation = False
    many_to_many = many_to_one = one_to_many = one_to_one = False
    remote_field = related_model = column = None
    primary_key = unique = generated = False

    def contribute_to_class(self, model: type[models.Model], name: str) -> None:
        self.name, self.model = name, model
        model._meta.add_field(self, private=True)  # type: ignore[arg-type]

    def bulk_related_objects(self, rows: Any, using: str | None = None) -> NoReturn:
        raise RowIsImmutable(f"{self.model.__name__} rows are never deleted.")


class AppendOnly(models.Model):
    """Base of the tables whose rows are added once. Set ``base_manager_name = "objects"``."""

    never_deleted = NeverDeleted()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise RowIsImmutable(f"{type(self).__name__} rows are never updated.")
        kwargs["force_insert"] = True
        super().save(**kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise RowIsImmutable(f"{type(self).__name__} rows are never deleted.")
