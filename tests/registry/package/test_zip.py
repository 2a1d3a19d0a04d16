"""Zips as programs write them, and zips made to be read in two ways."""

import io
import struct
import zipfile
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.package.archive.errors import ArchiveError
from registry.package.archive.zip_reader import ZipReader
from registry.package.limits import PackageLimits
from tests.support.zips import (
    DESCRIPTOR,
    DOS,
    ENCRYPTED,
    FOLDER_MODE,
    LINK_MODE,
    PIPE_MODE,
    UTF8,
    Entry,
    deflate,
    make_zip,
)

pytestmark = pytest.mark.once

A = Entry("a.md", "text")
B = Entry("b.md", "more text")


def read(data: bytes, **limits: int) -> list[tuple[str, str, str | None, bytes]]:
    reader = ZipReader(io.BytesIO(data), PackageLimits(**limits))
    return [
        (member.path, member.kind, member.problem, b"".join(reader.content())) for member in reader
    ]


def contents(data: bytes) -> dict[str, bytes]:
    return {path: content for path, kind, _, content in read(data) if kind == "file"}


def problem_of(name: str | bytes, **fields: object) -> str | None:
    return read(make_zip(Entry(name, "x", **fields)))[0][2]


def test_plain_zip_is_read_in_the_order_of_names():
    assert list(contents(make_zip(B, A)).items()) == [("a.md", b"text"), ("b.md", b"more text")]


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_zip_of_another_program_is_read(method: int):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        archive.writestr("Ünï/", "")
        archive.writestr("Ünï/日.md", "x" * 200_000)

    assert contents(stream.getvalue()) == {"Ünï/日.md": b"x" * 200_000}


def test_zip_that_was_written_as_a_stream_is_read():
    class Stream(io.RawIOBase):
        def __init__(self) -> None:
            self.data = b""

        def writable(self) -> bool:
            return True

        def write(self, data) -> int:  # type: ignore[override]
            self.data += bytes(data)
            return len(data)

    stream = Stream()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:  # type: ignore[arg-type]
        archive.writestr("a.md", "text")

    assert contents(stream.data) == {"a.md": b"text"}
    assert contents(make_zip(Entry("a.md", "text", has_descriptor=True), B)) == {
        "a.md": b"text",
        "b.md": b"more text",
    }


@settings(deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["a.md", "b/a.md", "b/c/é.md", "z.txt"]),
        st.binary(max_size=300),
        min_size=1,
    )
)
def test_reader_agrees_with_the_standard_library(files: dict[str, bytes]):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)

    assert contents(stream.getvalue()) == files


@pytest.mark.parametrize(
    ("data", "code"),
    [
        pytest.param(b"", "archive_unreadable", id="nothing"),
        pytest.param(make_zip(), "archive_unreadable", id="no file"),
        pytest.param(make_zip(A)[:-1], "archive_unreadable", id="cut off"),
        pytest.param(make_zip(A, prefix=b"MZ"), "archive_unreadable", id="bytes before"),
        pytest.param(make_zip(A, suffix=b"\0"), "archive_unreadable", id="bytes after"),
        pytest.param(
            make_zip(A, comment=make_zip(B)[-22:]), "archive_unreadable", id="end in the comment"
        ),
        pytest.param(make_zip(A, count=2), "archive_unreadable", id="directory has too few"),
        pytest.param(make_zip(A, B, count=1), "archive_unreadable", id="hidden in directory"),
        pytest.param(make_zip(A, count=0xFFFF), "too_many_files", id="zip64 number"),
        pytest.param(make_zip(A, start=0xFFFFFFFF), "too_many_files", id="zip64 place"),
        pytest.param(
            make_zip(Entry("a.md", "x", central={"size": 0xFFFFFFFF})),
            "archive_unreadable",
            id="zip64 size",
        ),
        pytest.param(
            make_zip(Entry("a.md", "x", gap=b"hidden"), B), "archive_unreadable", id="gap"
        ),
        pytest.param(
            make_zip(A, Entry("b.md", "x", central={"offset": 0})),
            "archive_unreadable",
            id="two names for the same bytes",
        ),
        pytest.param(
            make_zip(Entry("a.md", "x", local={"name": b"b.md"})),
            "archive_unreadable",
            id="two names",
        ),
        pytest.param(
            make_zip(Entry("a.md", "x", local={"size": 2})), "archive_unreadable", id="two sizes"
        ),
        pytest.param(
            make_zip(Entry("a.md", "x", local={"checksum": 7})),
            "archive_unreadable",
            id="two checksums",
        ),
        pytest.param(
            make_zip(Entry("a.md", "x", local={"method": 0})),
            "archive_unreadable",
            id="two methods",
        ),
        pytest.param(
            make_zip(Entry("a.md", "x", flags=ENCRYPTED)), "archive_unreadable", id="encrypted"
        ),
        pytest.param(
            make_zip(Entry("a.md", "x", local={"flags": ENCRYPTED})),
            "archive_unreadable",
            id="encrypted in one place",
        ),
        pytest.param(make_zip(Entry("a.md", "x", flags=0x2000)), "archive_unreadable", id="masked"),
        pytest.param(
            make_zip(Entry("a.md", "x", method=12)), "archive_unreadable", id="other method"
        ),
        pytest.param(
            make_zip(Entry("a.md", b"long text", central={"size": 3}, local={"size": 3})),
            "archive_unreadable",
            id="unpacks to more",
        ),
        pytest.param(
            make_zip(Entry("a.md", b"x", central={"size": 9}, local={"size": 9})),
            "archive_unreadable",
            id="unpacks to less",
        ),
        pytest.param(
            make_zip(Entry("a.md", b"x", packed_bytes=deflate(b"y"))),
            "archive_unreadable",
            id="other bytes",
        ),
        pytest.param(
            make_zip(Entry("a.md", b"x", packed_bytes=deflate(b"x") + b"more")),
            "archive_unreadable",
            id="bytes after the stream",
        ),
        pytest.param(
            make_zip(Entry("a.md", b"x", packed_bytes=deflate(b"x")[:-1])),
            "archive_unreadable",
            id="stream is cut off",
        ),
        pytest.param(
            make_zip(Entry("a.md", b"x", packed_bytes=b"\xff\xff")),
            "archive_unreadable",
            id="no stream",
        ),
        pytest.param(make_zip(Entry("a/", b"x")), "archive_unreadable", id="folder with content"),
        pytest.param(
            make_zip(Entry("a.md", "x", has_descriptor=True, local={"flags": 0})),
            "archive_unreadable",
            id="descriptor that is not announced",
        ),
        pytest.param(
            make_zip(Entry("a.md", "x", flags=DESCRIPTOR, gap=b"PK\x07\x08" + bytes(12))),
            "archive_unreadable",
            id="descriptor that lies",
        ),
    ],
)
def test_zip_that_could_be_read_in_two_ways_is_refused(data: bytes, code: str):
    with pytest.raises(ArchiveError) as error:
        read(data)

    assert error.value.code == code


def test_bomb_ends_at_the_size_that_it_announces():
    bomb = Entry(
        "a.md", b"", packed_bytes=deflate(bytes(50_000_000)), central={"size": 1}, local={"size": 1}
    )
    with pytest.raises(ArchiveError) as error:
        read(make_zip(bomb))
    assert error.value.code == "archive_unreadable"

    honest_bomb = make_zip(Entry("a.md", bytes(50_000_000)))
    with pytest.raises(ArchiveError) as error:
        read(honest_bomb, unpacked_bytes=1_000_000)
    assert error.value.code == "package_too_large"


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("../a.md", "contains '..'"),
        ("a/../../b.md", "contains '..'"),
        ("/etc/passwd", "is absolute"),
        ("C:/a.md", "is absolute"),
        ("a/b\\..\\c.md", "contains a backslash"),
        ("a\0.md", "contains a control character"),
        ("a\n.md", "contains a control character"),
        ("docs/NUL.md", "is reserved by Windows"),
        ("a.md:stream", "contains a colon"),
        ("a//b.md", "has an empty or '.' part"),
        ("a./b.md", "has a part that begins with a space or ends with a dot or a space"),
        ("x" * 300, "has a part longer than 255 bytes"),
        ("a\u202e.md", "contains a control character"),
    ],
)
def test_unsafe_name_is_a_problem(name: str, problem: str):
    assert problem_of(name, flags=UTF8) == problem


def test_name_is_read_by_its_encoding():
    assert contents(make_zip(Entry(b"caf\x82.md", "x"))) == {"café.md": b"x"}
    assert contents(make_zip(Entry("café.md", "x"))) == {"café.md": b"x"}
    assert problem_of(b"caf\x82.md", flags=UTF8) == "is not UTF-8"


def test_name_in_the_unicode_field_counts_only_for_a_name_without_it():
    def field(raw: bytes, name: str) -> bytes:
        data = b"\1" + struct.pack("<L", zlib.crc32(raw)) + name.encode()
        return struct.pack("<HH", 0x7075, len(data)) + data

    assert contents(make_zip(Entry(b"?\x90.md", "x", extra=field(b"?\x90.md", "日.md"))))
    for raw, hashed_name in ((b"a.md", b"a.md"), (b"?\x90.md", b"other")):
        with pytest.raises(ArchiveError):
            read(make_zip(Entry(raw, "x", extra=field(hashed_name, "b.md"))))


def test_separator_of_windows_is_read_where_a_zip_has_no_other():
    assert contents(make_zip(Entry("docs\\a.md", "x", host=DOS))) == {"docs/a.md": b"x"}
    assert problem_of("docs\\..\\..\\a.md", host=DOS) == "contains '..'"
    assert problem_of("docs\\a.md") == "contains a backslash"


@pytest.mark.parametrize(
    ("mode", "kind"),
    [(LINK_MODE, "link"), (PIPE_MODE, "special"), (0o020644, "special"), (0o100755, "file")],
)
def test_kind_is_read_from_the_attributes(mode: int, kind: str):
    assert read(make_zip(Entry("a.md", "x", mode=mode)))[0][1] == kind


def test_link_of_another_system_is_a_link():
    assert read(make_zip(Entry("a.md", "x", mode=LINK_MODE, host=DOS)))[0][1] == "link"
    assert read(make_zip(Entry("a", mode=FOLDER_MODE)))[0][:2] == ("a", "folder")


def test_large_directory_and_large_zip_are_refused():
    entries = [Entry(f"{number}.md") for number in range(3_000)]
    with pytest.raises(ArchiveError) as error:
        read(make_zip(*entries), framing_bytes=100_000)
    assert error.value.code == "package_too_large"
    with pytest.raises(ArchiveError) as error:
        read(make_zip(A), tarball_bytes=50)
    assert error.value.code == "package_too_large"
