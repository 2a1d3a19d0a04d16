"""Compiled queries that return model instances with their relations.

`select_related` without the time that Django takes to compile it: see ADR 15.
"""

from dataclasses import dataclass
from functools import reduce
from typing import Any, Generic, TypeVar

from django.db.models import Model, QuerySet

from foundation.compiled_query import CompiledQuery

M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class _Relation:
    """A model of the query: its path from the root ("" is the root) and its columns."""

    path: str
    model: type[Model]
    columns: tuple[str, ...]
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.columns)


class CompiledInstances(Generic[M]):
    """A compiled queryset whose rows are instances of its model.

    ``relations`` are paths as `select_related` takes them; a path comes after its own prefix.
    ``annotations`` become attributes of the instance. ``is_prepared``: see `CompiledQuery`.
    """

    def __init__(
        self,
        queryset: "QuerySet[M]",
        *,
        relations: tuple[str, ...],
        annotations: tuple[str, ...],
        is_prepared: bool = False,
    ) -> None:
        self._annotations = annotations
        self._relations: list[_Relation] = []
        start = 0
        for path in ("", *relations):
            model = _model_at(queryset.model, path)
            columns = tuple(field.attname for field in model._meta.concrete_fields)
            self._relations.append(_Relation(path, model, columns, start))
            start += len(columns)
        self._columns_end = start
        names = [
            f"{relation.path}__{column}" if relation.path else column
            for relation in self._relations
            for column in relation.columns
        ]
        self._query = CompiledQuery(queryset.values(*names, *annotations), is_prepared=is_prepared)

    def instances(self, **parameters: Any) -> list[M]:
        """Run the query: an instance for each row."""
        return [self._instance(row) for row in self._query.tuples(**parameters)]

    def _instance(self, row: tuple[Any, ...]) -> M:
        instances: dict[str, Any] = {}
        for relation in self._relations:
            values = row[relation.start : relation.end]
            is_present = any(value is not None for value in values)
            instance = (
                relation.model.from_db(None, relation.columns, values) if is_present else None
            )
            instances[relation.path] = instance
            if relation.path:
                parent_path, _, name = relation.path.rpartition("__")
                _set_relation(instances[parent_path], name, instance)
        root: M = instances[""]
        for name, value in zip(self._annotations, row[self._columns_end :], strict=True):
            setattr(root, name, value)
        return root


def _model_at(model: type[Model], path: str) -> type[Model]:
    names = path.split("__") if path else []
    return reduce(lambda at, name: at._meta.get_field(name).related_model, names, model)  # type: ignore[arg-type,return-value]


def _set_relation(parent: Model | None, name: str, instance: Model | None) -> None:
    if parent is None:
        return
    field: Any = parent._meta.get_field(name)
    # The absence of a row is cached, too, or it would be asked for at each access.
    if instance is not None or field.concrete or field.one_to_one:
        field.set_cached_value(parent, instance)
    if instance is not None and field.one_to_one:
        field.remote_field.set_cached_value(instance, parent)
