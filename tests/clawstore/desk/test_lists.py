"""Rules that every list and page of the desk follows."""

import re
from typing import Any

import pytest
from django.contrib import admin
from django.db.models import BooleanField
from django.test import Client
from django.urls import reverse

from foundation.actor import Actor
from foundation.desk.admin import ReadOnlyAdmin
from registry.agents.actions import withhold_version, yank_version
from registry.models import Agent, Category
from tests.support.factories import make_report
from tests.support.page import desk_address

pytestmark = pytest.mark.once

CLASSES = [
    model_admin
    for model, model_admin in admin.site._registry.items()
    if model._meta.app_label not in ("auth", "sites", "socialaccount", "account", "usersessions")
]
ids = [type(model_admin).__name__ for model_admin in CLASSES]


def is_boolean(model_admin: Any, name: str) -> bool:
    method = getattr(model_admin, name, None)
    if method is not None:
        return bool(getattr(method, "boolean", False))
    fields = {field.name: field for field in model_admin.model._meta.concrete_fields}
    return isinstance(fields.get(name), BooleanField)


@pytest.mark.parametrize("model_admin", CLASSES, ids=ids)
def test_no_column_of_a_list_is_a_tick_or_a_cross(model_admin: Any):
    assert [name for name in model_admin.list_display if is_boolean(model_admin, name)] == []


def test_dates_have_one_format_and_history_leads_to_the_log(
    desk: Client, coach: Agent, as_root: Actor
):
    yank_version(coach, "1.0.0", reason="It lies.", by=as_root)
    withhold_version(coach, "1.0.0", reason="malware", text="It bites.", by=as_root)
    rows = [make_report(coach), coach, coach.versions.get(), coach.owner_user]
    rows += [coach.versions.get().withholdings.get(), Category.objects.get(pk="other")]

    lists = [f"admin:{row._meta.app_label}_{row._meta.model_name}" for row in rows]
    pages = [reverse(f"{name}_changelist") for name in lists]
    pages += [desk_address(row) for row in rows] + ["/admin/audit/auditlog/", "/admin/"]
    for page in pages:
        text = desk.get(page).text
        # Django's own form is "Nov. 29, 2026, 11 a.m.", that of ISO has a "T".
        assert not re.search(r"\d{4}, \d+(:\d+)? [ap]\.m\.|>\s*\d{4}-\d\d-\d\dT", text), page
        assert "icon-yes" not in text, page
        assert "icon-no" not in text, page
    for row, name in zip(rows, lists, strict=True):
        answer = desk.get(reverse(f"{name}_history", args=[row.pk]))
        assert answer.status_code == 302
        assert answer["Location"].startswith("/admin/audit/auditlog/?q=object%3A"), name
        assert "delisted" not in desk.get(answer["Location"]).text


def test_every_class_but_that_of_categories_is_read_only():
    names = [type(row).__name__ for row in CLASSES if not isinstance(row, ReadOnlyAdmin)]

    assert names == ["CategoryAdmin"]
