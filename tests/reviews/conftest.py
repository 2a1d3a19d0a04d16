from tests.pages.conftest import queries_of, visitor

__all__ = ["queries_of", "visitor"]
