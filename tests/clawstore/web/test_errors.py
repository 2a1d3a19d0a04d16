"""Error pages: every refusal says what to do and reveals nothing else."""

import base64
import hashlib
import re

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from clawstore import urls
from foundation.accounts.models import User
from foundation.refusals import Gone, NotAllowed, Refusal, TooLarge, TooMany

pytestmark = [pytest.mark.once, pytest.mark.django_db]


class Withheld(Refusal):
    status = 451
    code = "version_withheld"
    message = "A court asked for it."


REFUSALS = {
    "forbidden": NotAllowed("Not for you."),
    "gone": Gone("It was here."),
    "large": TooLarge("Too large by far."),
    "many": TooMany("Too many. Try again in 42 seconds.", retry_after=42),
    "withheld": Withheld(),
}


def refusing(request: HttpRequest, kind: str) -> HttpResponse:
    raise REFUSALS[kind]


def breaking(request: HttpRequest) -> HttpResponse:
    secret = "the-secret-of-this-frame"
    raise RuntimeError(f"{secret} at /home/somebody")


urlpatterns = [
    path("refuse/<slug:kind>", refusing),
    path("break", breaking),
    path("v1/break", breaking),
    *urls.urlpatterns,
]
handler400, handler500 = urls.handler400, urls.handler500


def heading(page: HttpResponse) -> str:
    return re.findall(r"<h1>\s*(.*?)\s*</h1>", page.text)[0]


@pytest.fixture
def strict(settings) -> Client:
    settings.ROOT_URLCONF = __name__
    return Client(enforce_csrf_checks=True, raise_request_exception=False)


@pytest.mark.parametrize(
    ("kind", "status", "title"),
    [
        ("forbidden", 403, "You don't have permission"),
        ("gone", 410, "This agent was delisted"),
        ("large", 413, "The request is too large"),
        ("many", 429, "Too many requests"),
        ("withheld", 451, "Withheld"),
    ],
)
def test_refusal_is_rendered_as_a_page(strict: Client, kind: str, status: int, title: str):
    page = strict.get(f"/refuse/{kind}")

    assert page.status_code == status
    assert heading(page) == title
    assert str(REFUSALS[kind]) in page.text
    assert 'href="/agents"' in page.text


def test_rate_limit_page_names_the_wait(strict: Client):
    page = strict.get("/refuse/many")

    assert page["Retry-After"] == "42"
    assert page.text.count("Try again in 42 seconds.") == 1


def test_unknown_address_has_a_404_page(strict: Client):
    page = strict.get("/nowhere/at/all")

    assert page.status_code == 404
    assert "Page not found" in page.text


@pytest.mark.parametrize(
    ("address", "target"),
    [
        ("/about/terms/", "/about/terms"),
        ("/agents/?q=coach&sort=name", "/agents?q=coach&sort=name"),
        ("/agents/@ada/coach/versions//", "/agents/@ada/coach/versions"),
        ("/@%C3%A9/", "/@%C3%A9"),
        ("/agents/ada/coach", "/agents/@ada/coach"),
        (
            "/agents/ada/coach/versions/1.0.0/files/a/b.md?view=source",
            "/agents/@ada/coach/versions/1.0.0/files/a/b.md?view=source",
        ),
        ("/agents/Ada/coach/reviews/", "/agents/@Ada/coach/reviews"),
        ("/@ada/coach", "/agents/@ada/coach"),
        ("/agents/ada", "/@ada"),
        ("/agents/@ada/", "/@ada"),
        ("/@ada/coach@1.2.0", "/agents/@ada/coach/versions/1.2.0"),
        ("/agents/ada/coach/1.2.0", "/agents/@ada/coach/versions/1.2.0"),
    ],
)
def test_address_with_a_slash_or_without_its_at_sign_is_redirected(
    client: Client, db: None, address: str, target: str
):
    answer = client.get(address)

    assert (answer.status_code, answer["Location"]) == (301, target)


@pytest.mark.parametrize(
    "address",
    ["//evil.example/", "///", "/nowhere/", "/v1/agents/", "/agents/ada/a/nothing"],
)
def test_unknown_address_is_not_redirected(client: Client, db: None, address: str):
    assert client.get("/", PATH_INFO=address).status_code == 404


def test_form_without_csrf_token_gets_an_explanation(strict: Client):
    page = strict.post("/signin", {"login": "ada"})

    assert page.status_code == 403
    assert "This form has expired" in page.text
    assert "CSRF" not in page.text


def test_internal_error_page_shows_only_the_request_id(strict: Client):
    page = strict.get("/break", headers={"x-request-id": "number-0815"})

    assert page.status_code == 500
    assert page["Content-Type"] == "text/html; charset=utf-8"
    assert "number-0815" in page.text
    for leak in ("secret", "somebody", "RuntimeError", "Traceback", __name__):
        assert leak not in page.text


def test_internal_error_page_takes_no_query(strict: Client, ada: User, django_assert_num_queries):
    strict.force_login(ada)
    with django_assert_num_queries(0):
        assert strict.get("/break").status_code == 500


def test_internal_api_error_has_no_details(strict: Client):
    answer = strict.get("/v1/break")

    assert answer.status_code == 500
    assert answer.json() == {"error": {"code": "internal_error", "message": "Server error."}}


def test_field_of_ten_megabytes_is_too_large(strict: Client):
    strict.get("/signin")  # With the cookie it is read; without, it is refused unread.
    page = strict.post("/signin", {"login": "x" * 10_000_000})

    assert page.status_code == 413
    assert heading(page) == "The request is too large"


def test_an_unknown_host_is_named_on_the_page_and_in_the_log(
    strict: Client, settings, caplog: pytest.LogCaptureFixture
):
    caplog.set_level("WARNING", "clawstore.request")
    settings.ALLOWED_HOSTS = ["shop.example"]
    page = strict.get("/", headers={"host": "evil.example"})

    assert page.status_code == 400
    assert "answer for the host &#x27;evil.example&#x27;" in page.text
    assert "shop.example" not in page.text
    [line] = [r.getMessage() for r in caplog.records if r.name == "clawstore.request"]
    assert line == "Refused the host 'evil.example', which is not in ALLOWED_HOSTS"


def test_an_unknown_host_is_escaped(strict: Client, settings):
    settings.ALLOWED_HOSTS = ["shop.example"]
    hostile = '"><script>alert(1)</script>'

    page = strict.get("/", headers={"host": hostile})
    answer = strict.get("/v1/agents", headers={"host": hostile})

    assert page.status_code == answer.status_code == 400
    assert "<script>alert" not in page.text
    assert answer.json()["error"]["code"] == "unknown_host"


def test_pages_of_errors_have_their_style_inside(strict: Client, settings):
    failure = strict.get("/break")
    settings.ALLOWED_HOSTS = ["shop.example"]
    unknown_host = strict.get("/", headers={"host": "evil.example"})

    for page in (failure, unknown_host):
        style = page.text.partition("<style>")[2].partition("</style>")[0]
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        assert f"style-src 'sha256-{digest}'" in page["Content-Security-Policy"]
        assert "--paper:" in style
        assert "/static/" not in page.text
