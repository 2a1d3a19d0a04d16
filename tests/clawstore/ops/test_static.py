"""The assembled stylesheet equals its sources."""

import gzip
import os
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client

from clawstore.ops.static import IMPORT, assembled_stylesheet, serve

pytestmark = pytest.mark.once

STATIC = Path(settings.BASE_DIR) / "static"
SOURCES = sorted((STATIC / "css").glob("*.css"))


def imports_of(source: Path) -> list[str]:
    return IMPORT.findall(source.read_text())


def rules_of(text: str) -> str:
    """A stylesheet without comments and blanks, which a browser ignores."""
    return "".join(re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL).split())


@pytest.mark.parametrize("entry", ["shop.css", "embed.css", "bare.css"])
def test_stylesheet_imports_are_in_cascade_order(client: Client, entry: str) -> None:
    names = imports_of(STATIC / "css" / entry)

    stylesheet = b"".join(client.get(f"/static/css/{entry}").streaming_content).decode()
    assert names[0] == "tokens.css"
    assert rules_of(stylesheet) == "".join(
        rules_of((STATIC / "css" / name).read_text()) for name in names
    )
    assert "@import" not in stylesheet


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.name)
def test_every_css_file_is_imported_and_balanced(source: Path) -> None:
    templates = Path(settings.BASE_DIR, "templates").rglob("*.html")
    imported_names = {name for entry in SOURCES for name in imports_of(entry)}
    stylesheets = {
        stylesheet
        for path in templates
        for stylesheet in re.findall(r'static "css/([\w.]+)" %', path.read_text())
    }

    # The style inside of error pages has no address of its own.
    assert source.name in imported_names | stylesheets | {"bare.css"}
    # An open block or comment would extend into the next file.
    text = rules_of(source.read_text())
    assert (text.count("{"), text.count("/*")) == (text.count("}"), 0)


def test_static_file_is_compressed_for_clients_that_accept_it(client: Client) -> None:
    plain = client.get("/static/css/shop.css")
    packed_file = client.get("/static/css/shop.css", headers={"accept-encoding": "gzip"})

    assert (plain.get("Content-Encoding"), packed_file["Content-Encoding"]) == (None, "gzip")
    content = b"".join(packed_file.streaming_content)
    assert gzip.decompress(content) == b"".join(plain.streaming_content)
    assert len(content) == int(packed_file["Content-Length"])
    assert packed_file["Vary"] == "Accept-Encoding"


def test_edited_file_is_served_and_others_stay_cached(tmp_path: Path) -> None:
    (tmp_path / "a.css").write_text("/* Ours */\na { color: red; }\n")
    entry = tmp_path / "entry.css"
    entry.write_text('@import "a.css";\n')
    target = tmp_path / "served" / "css" / "entry.css"

    files = serve(entry, target)
    assert [path.name for path in files] == ["entry.css", "entry.css.gz"]
    assert target.read_text() == "a { color: red; }"
    for path in files:
        os.utime(path, (1, 1))
    serve(entry, target)
    assert [path.stat().st_mtime for path in files] == [1, 1]

    (tmp_path / "a.css").write_text("a { color: blue; }\n")
    serve(entry, target)
    assert target.read_text() == "a { color: blue; }"
    assert gzip.decompress(files[1].read_bytes()) == target.read_bytes()


def test_import_of_a_missing_file_stops_the_start(tmp_path: Path) -> None:
    entry = tmp_path / "entry.css"
    entry.write_text('@import "gone.css";\n')

    with pytest.raises(FileNotFoundError):
        assembled_stylesheet(entry)


def test_missing_static_file_is_not_found() -> None:
    assert finders.find("css/none.css") is None
