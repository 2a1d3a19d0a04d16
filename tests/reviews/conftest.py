from tests.support.page import queries_of, visitor

__all__ = ["queries_of", "visitor"]
