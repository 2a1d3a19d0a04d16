"""Response schemas that several apps share."""

from ninja import Schema


class Done(Schema):
    """The action succeeded and there is nothing to return."""

    ok: bool
