"""Parsers of untrusted input, with seeds and words of their formats.

A target takes any bytes. It raises nothing: a parser answers with its named refusals, which the
target catches. It returns the size of the parser's output.
"""

import gzip
import io
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import BinaryIO, cast

from django.conf import settings as django_settings
from django.core.exceptions import SuspiciousOperation
from django.core.handlers.wsgi import WSGIRequest
from PIL import Image

from foundation.paging import Sort, read_cursor
from foundation.refusals import Refusal
from foundation.sandbox.outputs import create_memory_file
from foundation.text.colouring import LANGUAGES, ColourBudget, lex
from foundation.text.diff import DiffBudget, diff_texts
from foundation.text.markdown import clean_html, render_markdown
from foundation.text.unseen_lines import find_unseen_lines
from registry.analysis.facts import analyse
from registry.analysis.file_text import FileText
from registry.analysis.release_notes import extract_section
from registry.analysis.source_html import render_source
from registry.package.checks.images import check_asset
from registry.package.checks.package import check_package
from registry.package.checks.references import find_references
from registry.package.checks.secrets import CandidateBudget, SecretScanner
from registry.package.imports.records import ImportRequest
from registry.package.imports.session import ImportSession
from registry.package.limits import LIMITS, PackageLimits
from registry.package.manifest.categories import CATEGORIES
from registry.package.manifest.line_numbers import line_numbers
from registry.package.manifest.schema import ManifestError, parse_manifest
from registry.package.manifest.strict_json import StrictJsonError, parse_json
from registry.package.reader import read_tarball
from registry.publishing.multipart import _parse_body
from registry.search.query import parse_search
from tests.support.packages import manifest, tarball
from tests.support.zips import Entry, make_zip


@dataclass(frozen=True)
class Target:
    """Bounds time and output by the size of the input."""

    run: Callable[[bytes], int]
    seeds: tuple[bytes, ...]
    words: tuple[bytes, ...] = ()
    largest: int = 60_000
    base_seconds: float = 1.5
    seconds_per_megabyte: float = 60.0
    base_output: int = 100_000
    output_factor: int = 60


def as_text(data: bytes) -> str:
    return data.decode(errors="replace")


def check_tarball(data: bytes) -> int:
    limits = PackageLimits(unpacked_bytes=4_000_000, framing_bytes=1_000_000)
    package = read_tarball(io.BytesIO(data), limits)
    findings = check_package(
        package, claimed_manifest=None, assets=(), categories=CATEGORIES, limits=limits
    )
    return sum(len(str(finding)) for finding in findings)


def check_tar(data: bytes) -> int:
    return check_tarball(gzip.compress(data, 1))


def check_manifest(data: bytes) -> int:
    try:
        document = parse_json(data)
        text = data.decode()
        lines = line_numbers(text)
        with suppress(ManifestError):
            parse_manifest(document)
        if isinstance(document, dict):
            facts = analyse(document, (), {"agent.json": FileText(text)})
            return len(lines) + len(facts.model_dump_json())
    except StrictJsonError as refusal:
        return len(str(refusal))
    return len(lines)


def check_image(kind: str, data: bytes) -> int:
    asset = check_asset(kind, "a.png", io.BytesIO(data), LIMITS)
    return sum(len(finding.message) for finding in asset.findings)


def render(data: bytes) -> int:
    text = as_text(data)
    html = render_markdown(text).html
    # Cleaned HTML has nothing left to repair: its elements end inside of it.
    assert "".join(clean_html(html).split()) == "".join(html.split())
    return len(html) + len(find_unseen_lines(text))


def read_notes(data: bytes) -> int:
    return len(extract_section(as_text(data), "1.2.0"))


def read_references(data: bytes) -> int:
    return len(find_references("docs/a.md", as_text(data), 1_000))


def scan_secrets(data: bytes) -> int:
    scanner = SecretScanner(CandidateBudget(LIMITS.secret_candidates))
    secrets = [*scanner.feed(data[:70_000]), *scanner.feed(data[70_000:]), *scanner.finish()]
    return sum(len(secret.label) for secret in secrets)


def read_facts(data: bytes) -> int:
    return len(analyse({}, (), {"AGENTS.md": FileText(as_text(data))}).model_dump_json())


def colour(data: bytes) -> int:
    text = as_text(data)
    languages = sorted(set(LANGUAGES.values()))
    language = languages[len(data) % len(languages)]
    assert "".join(part for _, part in lex(text, language, ColourBudget())) == text
    return len(render_source(text, language))


def compare(data: bytes) -> int:
    old, _, new = as_text(data).partition("\0")
    diff = diff_texts(old, new, is_prose=True, budget=DiffBudget())
    return len(diff.model_dump_json())


def read_page_cursor(data: bytes) -> int:
    from registry.models import Agent

    with suppress(Refusal):
        ordering = (Sort("updated_at", descending=True), Sort("name"), Sort("id"))
        read_cursor(Agent, ordering, as_text(data), "recent")
    return 0


def search(data: bytes) -> int:
    with suppress(Refusal):
        query = parse_search(as_text(data))
        return len(str(query.words)) + len(str(query))
    return 0


def read_multipart(data: bytes) -> int:
    environ = {
        "REQUEST_METHOD": "POST",
        "CONTENT_TYPE": "multipart/form-data; boundary=x",
        "CONTENT_LENGTH": str(len(data)),
        "wsgi.input": io.BytesIO(data),
    }
    # The JSON door answers a SuspiciousOperation with the code "malformed".
    with suppress(Refusal, SuspiciousOperation):
        # read_upload asks the database for the sender's room first.
        fields, files = _parse_body(WSGIRequest(environ))
        return sum(map(len, fields)) + sum(map(len, files))
    return 0


def picture(kind: str, **options: object) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(stream, kind, **options)
    return stream.getvalue()


def import_zip(data: bytes) -> int:
    """Plans and performs an import; what is written must be what was announced."""
    session, request = ImportSession(), ImportRequest("zip")
    answer = session.plan(request, [io.BytesIO(data)])
    if answer.findings:
        return 0
    with create_memory_file(answer.output_bytes) as output:
        conversion = session.convert(request, [cast(BinaryIO, output), io.BytesIO(data)])
        assert conversion.size <= answer.output_bytes
        if conversion.findings:
            return 0
        output.seek(0)
        package = read_tarball(io.BytesIO(output.read(conversion.size)), LIMITS)
    codes = {finding.code for finding in package.findings}
    assert package.is_complete
    assert codes.isdisjoint({"unsafe_path", "link", "special_file", "duplicate_path"})
    return 0


GOOD = tarball()
GOOD_ZIP = make_zip(
    Entry("ws/AGENTS.md", "text " * 20),
    Entry("ws/IDENTITY.md", "- **Name:** Pat", has_descriptor=True),
    Entry("ws/USER.md", "me", method=0),
    Entry("__MACOSX/._a", "x"),
)
GOOD_TAR = gzip.decompress(GOOD)
MARKDOWN = (
    b"---\nname: a\n---\n# Title\n\nText *em* **strong** `code` [a](b.md) ![i](c.png)\n\n- a\n"
    b"  - b\n1. x\n\n> quote\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```py\nx = 1\n```\n\n"
    b"[a]: https://x.org 't'\n"
    b"a[^1]\n\n[^1]: note\n\n- [ ] task\n\n<b>html</b> https://example.org\n\n> [!NOTE]\n> a\n\n"
    b"<p align='center'><img src='a.png' alt='b' width=9></p>\n\n<details><summary>a</summary>\n\n"
    b"b\n\n</details>\n\n<table><tr><td>\n\n**a**\n\n</td></tr></table>\n\n<a name='x'></a>[y](#x)"
)
MARKDOWN_WORDS = tuple(
    b"[ ] ( ) ![ ^[ [^a]: [a]: <http:// ``` ~~~ ` `` * ** _ ~~ > - 1. | |-|-| # = --- & &#x \\ <a"
    b" <!-- --> ]( ](< - [ ] :: \xc3\xa9 \xe2\x80\x8b [!TIP] www. @x.org https:// <td> </td> <p>"
    b" </p> <table> </table> <details> <summary> </details> <img <picture> <source <h1 </h1> <pre>"
    b" <sup> <? <![CDATA[ ]]> <!A <center> <svg> <script> <style> id= align= href= src= ' \"".split(
        b" "
    )
)
SVG = (
    b'<?xml version="1.0"?><!DOCTYPE svg><svg xmlns="http://www.w3.org/2000/svg"'
    b' xmlns:xlink="http://www.w3.org/1999/xlink"><defs><g id="a"><path d="M0 0"/></g></defs>'
    b'<use xlink:href="#a"/><style>a{fill:url(#a)}</style><filter><feBlend/></filter></svg>'
)
SVG_WORDS = tuple(
    b'<g> </g> <use href="#a"/> <path d=" url(#a) url( <!-- --> <![CDATA[ ]]> &#x41; <!ENTITY'
    b" <?x ?> marker-mid= style= data:image/png;base64, id= <!DOCTYPE".split(b" ")
)
SECRET_WORDS = tuple(
    b"sk- ghp_ AKIA api_key= secret: token= password: -----BEGIN_PRIVATE_KEY----- xoxb- :// @ :AA"
    b" AccountKey= LS0tLS1CRUdJTi a1B2c3D4e5F6g7H8 claw_ eyJ hf_ Private-Lines:".split(b" ")
)
MANIFEST_JSON = json.dumps(manifest(), indent=2).encode()
JSON_WORDS = tuple(
    b'{ } [ ] , : "a" "tags": "openclaw": null true 1e999 -0 "\\u0000" "\\ud800" 1 ""'.split(b" ")
)
TARGETS: dict[str, Target] = {
    "manifest": Target(check_manifest, (MANIFEST_JSON, b"{}", b"[]"), JSON_WORDS),
    "tar": Target(check_tar, (GOOD_TAR,), (b"ustar\x0000", b"0" * 11, GOOD_TAR[:512], bytes(512))),
    "zip": Target(
        import_zip,
        (GOOD_ZIP, make_zip(Entry("agent.json", "{}"), Entry("a\\b.md", "x", host=0))),
        (b"PK\x01\x02", b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08", b"../", b"\xff\xff\xff\xff"),
    ),
    "gzip": Target(check_tarball, (GOOD, gzip.compress(b"a" * 99_999)), (GOOD[:10],)),
    "svg": Target(partial(check_image, "icon"), (SVG,), SVG_WORDS),
    "images": Target(
        partial(check_image, "screenshot"),
        (
            picture("PNG"),
            picture("JPEG"),
            picture("JPEG", progressive=True),
            picture("WEBP"),
            picture("WEBP", lossless=True),
        ),
        (b"\xff\xda", b"IDAT", b"zTXt", b"iTXt", b"acTL", b"ANMF", b"VP8X", b"Exif\0\0"),
    ),
    "markdown": Target(render, (MARKDOWN,), MARKDOWN_WORDS, seconds_per_megabyte=100.0),
    "release notes": Target(
        read_notes,
        (b"# Changelog\n\n## [1.2.0] - 2026\n\n- a\n\n1.1.0\n-----\n- b\n",),
        (b"## ", b"1.2.0", b"---", b"===", b"```", b"# a", b"](", b" #", b"v1.2.0"),
    ),
    "references": Target(read_references, (MARKDOWN,), MARKDOWN_WORDS),
    "secrets": Target(
        scan_secrets, (b"api_key = 'Zx9Qw8Er7Ty6Ui5Op4As'\n", b"words and words\n"), SECRET_WORDS
    ),
    "facts": Target(
        read_facts,
        (b"- every day ask https://api.example.com/x\n- [ ] www.example.org\n", MARKDOWN),
        (b"://", b"a.com", b".", b"@", b"\xd1\x80a", b"\xe2\x80\x8b", b"- ", b"config.app("),
    ),
    "colours": Target(
        colour,
        (b"def f(x):\n    return '''a'''\n", b"<a href=x>{{ y }}</a>\n", b"int main() { /* */ }\n"),
        tuple(b"{ } ( ) \" ' ''' /* */ // # <<A ${ $( <script> {{ {% ` \\ :: -> @ 0x".split()),
        base_seconds=3.0,
        # Each line has a number with a link.
        output_factor=150,
    ),
    "diff": Target(compare, (b"a\nb\nc\0a\nc\n", b"one two three\0one three two"), (b"\0", b"a b")),
    "cursor": Target(
        read_page_cursor,
        (b"WyJyZWNlbnQiLCIyMDI2LTAxLTAxVDAwOjAwOjAwWiIsImEiLCJiIl0", b"W10", b"bnVsbA"),
        (b"W1tb", b"==", b"_-", b"\xff"),
    ),
    "search": Target(
        search, (b"coach tag:writing -x scope:@ada", "日本語の文".encode()), (b"tag:", b"-", b'"')
    ),
    "multipart": Target(
        read_multipart,
        (
            b'--x\r\nContent-Disposition: form-data; name="metadata"\r\n\r\n{}\r\n--x\r\n'
            b'Content-Disposition: form-data; name="tarball"; filename="a.tgz"\r\n\r\n'
            b"abc\r\n--x--\r\n",
        ),
        (
            b"--x\r\n",
            b"--x--",
            b"Content-Disposition: ",
            b'name="',
            b"filename*=utf-8''",
            b"filename*=utf-99''%ff",
            b"name*=undefined'en'a",
            b"\r\n\r\n",
        ),
    ),
}

assert django_settings.configured
