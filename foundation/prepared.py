"""The former names of `foundation.compiled_query`, until every branch has landed."""

from foundation.compiled_query import CompiledQuery as Prepared
from foundation.compiled_query import Parameter
from foundation.compiled_query import list_parameter as any_of

__all__ = ["Parameter", "Prepared", "any_of"]
