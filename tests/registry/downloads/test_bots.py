"""Bots are recognised by their own declaration in the User-Agent."""

import pytest

from registry.downloads.bots import is_bot

pytestmark = pytest.mark.once

GOOGLE = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


@pytest.mark.parametrize(
    ("user_agent", "is_bot_expected"),
    [
        (GOOGLE, True),
        ("GPTBot/1.1", True),
        ("facebookexternalhit/1.1", True),
        ("Baiduspider/2.0", True),
        ("kube-probe/1.29", True),
        ("curl/8.5.0", False),
        ("node", False),
        ("python-httpx/0.27", False),
        ("Mozilla/5.0 (Linux; Android 9; CUBOT_X19)", False),
        ("", False),
        ("x" * 100_000, False),
    ],
)
def test_bots_declare_themselves(user_agent: str, is_bot_expected: bool) -> None:
    assert is_bot(user_agent) is is_bot_expected
