"""The page for editing the profile."""

import pytest
from django.test import Client

from foundation.accounts.models import User
from profiles.models import Profile

pytestmark = pytest.mark.once


def test_saved_profile_is_shown_as_entered(ada_client: Client, ada: User) -> None:
    fields = {
        "display_name": " Countess ",
        "bio": "Two\r\nlines & <b>tags</b>",
        "website": "https://example.org/ada",
        "location": "لندن",
    }

    page = ada_client.post("/account/profile", fields, follow=True)

    assert page.redirect_chain == [("/account/profile?saved=yes", 302)]
    profile = Profile.objects.get(user=ada)
    assert (profile.display_name, profile.bio) == ("Countess", "Two\nlines & <b>tags</b>")
    assert (profile.website, profile.location) == ("https://example.org/ada", "لندن")
    public = Client().get("/@ada").content.decode()
    assert "<b>tags" not in public
    assert "&lt;b&gt;tags" in public


def test_empty_fields_clear_the_profile(ada_client: Client, ada: User) -> None:
    Profile.objects.filter(user=ada).update(bio="Old", location="Old")

    ada_client.post(
        "/account/profile", {"display_name": "", "bio": "", "website": "", "location": ""}
    )

    profile = Profile.objects.get(user=ada)
    assert (profile.bio, profile.location, profile.display_name) == (None, None, None)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("bio", "x" * 281, "at most 280 characters"),
        ("location", "x" * 101, "at most 100 characters"),
        ("display_name", "x" * 256, "at most 255 characters"),
        ("display_name", "Ada\u202egrace", "Use one line of visible characters."),
        ("display_name", "Ada\u200bLovelace", "Use one line of visible characters."),
        ("display_name", "\u3164", "Use one line of visible characters."),
        ("location", "a\nb", "Use one line of visible characters."),
        ("website", "javascript:alert(1)", "Enter a URL starting with http:// or https://."),
        ("website", "https://me@example.org", "Enter a URL starting with http:// or https://."),
        ("bio", "a\0b", "Null characters are not allowed."),
    ],
)
def test_invalid_field_is_named_and_the_input_stays(
    ada_client: Client, ada: User, field: str, value: str, words: str
) -> None:
    fields = {"display_name": "Ada", "bio": "kept words", "website": "", "location": ""}

    page = ada_client.post("/account/profile", fields | {field: value})

    assert page.status_code == 422
    text = page.content.decode()
    assert words in text
    assert f'id="id_{field}_error"' in text
    assert field == "bio" or "kept words" in text
    assert Profile.objects.get(user=ada).bio is None


def test_bio_of_280_characters_with_line_ends_is_accepted(ada_client: Client, ada: User) -> None:
    bio = "\r\n".join(["x" * 27] * 10)  # 279 as a browser counts

    assert ada_client.post("/account/profile", {"bio": bio}).status_code == 302
    assert Profile.objects.get(user=ada).bio == bio.replace("\r\n", "\n")
