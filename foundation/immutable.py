"""Base classes for rows that are never changed or deleted.

The application enforces this, not the database (ADR 2), so every way in which Django writes or
deletes a row is closed here.
"""

from collections.abc import Collection, Iterable
from typing import Any, NoReturn, TypeVar

from django.db import models

M = TypeVar("M", bound=models.Model)


class RowIsImmutable(TypeError):
    """A programming error: no request may lead here."""


class AppendOnlyQuerySet(models.QuerySet[M]):
    """Rows can be added and read. A subclass may allow single, named changes."""

    def update(self, **kwargs: Any) -> NoReturn:
        raise RowIsImmutable(f"{self.model.__name__} rows are never updated.")

    def delete(self) -> NoReturn:
        raise RowIsImmutable(f"{self.model.__name__} rows are never deleted.")

    def _raw_delete(self, using: str | None) -> NoReturn:
        # The fast path of the deletion collector, which does not call delete().
        raise RowIsImmutable(f"{self.model.__name__} rows are never deleted.")

    def _update(self, values: Any) -> NoReturn:
        # Model.save() and save_base() write through this method.
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
    """A virtual field that makes Django's deletion collector fail.

    Before a deletion the collector asks every private field of the model for the objects that
    depend on its rows. This field has no column, and raises instead of answering.
    """

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
    """Base of tables whose rows are only added. Set ``base_manager_name = "objects"``."""

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
