"""Hostile and damaged archives yield findings, within bounded time and memory."""

import bz2
import gzip
import hashlib
import io
import lzma
import os
import random
import tarfile
import tracemalloc
import unicodedata
import zipfile
import zlib

import pytest

from registry.package.limits import PackageLimits
from registry.package.reader import read_tarball
from tests.support.packages import (
    GOOD_FILES,
    as_bytes,
    check_codes,
    compress,
    header,
    manifest,
    member,
    pack_files,
    package_files,
    pax,
    raw_tarball,
    read,
    tar,
    tarball,
)

pytestmark = pytest.mark.once

MIB = 1024 * 1024


def tarball_with(*members):
    """Returns a good package, followed by these members."""
    good = [member(path, content) for path, content in package_files().items()]
    return compress(tar([*good, *members]))


def codes(data, **limits):
    return [finding.code for finding in read(data, **limits).findings]


def test_good_package_has_no_findings():
    assert check_codes(tarball(), claimed_manifest=manifest()) == []


def test_package_lists_path_kind_size_and_digest_of_each_file():
    package = read(tarball())

    assert [(file.path, file.kind) for file in package.files] == [
        ("README.md", "markdown"),
        ("agent.json", "text"),
        ("docs/notes.md", "markdown"),
        ("workspace/AGENTS.md", "markdown"),
        ("workspace/USER.md", "markdown"),
    ]
    notes = as_bytes(GOOD_FILES["docs/notes.md"])
    assert package.files[2].size == len(notes)
    assert package.files[2].sha256 == hashlib.sha256(notes).hexdigest()
    assert package.texts["docs/notes.md"] == GOOD_FILES["docs/notes.md"]
    assert package.is_complete


@pytest.mark.parametrize("kind", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_usual_tar_formats_are_read(kind):
    long = "workspace/" + "d" * 120 + "/" + "e" * 90 + ".md"
    files = package_files({long: "deep", "workspace/übung.md": "ü"})

    package = read(pack_files(files, format=kind))

    assert package.findings == ()
    assert {file.path for file in package.files} == set(files)


def test_members_may_begin_with_dot_slash():
    plain = [member("./", type=tarfile.DIRTYPE, mode=0o755), member("./docs", type=tarfile.DIRTYPE)]
    files = [member(f"./{path}", content) for path, content in package_files().items()]

    package = read(compress(tar(plain + files)))

    assert package.findings == ()
    assert {file.path for file in package.files} == set(package_files())


def test_timestamps_of_node_tar_are_not_part_of_the_prefix():
    times = b"\x0015300426606\x0015300426604\x00"
    block = header(b"AGENTS.md", prefix=b"workspace".ljust(130, b"\0") + times)

    assert [file.path for file in read(raw_tarball(block)).files] == ["workspace/AGENTS.md"]


def test_tar_without_end_blocks_is_read():
    assert codes(raw_tarball(header(size=b"5"), b"hello", end=b"")) == []


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello, I am no archive",
        bz2.compress(b"x" * 1000),
        lzma.compress(b"x" * 1000),
        zlib.compress(b"x" * 1000),
        random.Random(1).randbytes(5000),
        compress(b""),
        compress(b"not a tar at all" * 100),
        compress(tarball()),
        tarball()[:-1],
        tarball()[: len(tarball()) // 2],
        tarball() + b"\0",
        tarball() + tarball(),
        tarball()[:-6] + b"\0\0" + tarball()[-4:],
        b"\x1f\x8b\x08\x00",
    ],
    ids=[
        "empty",
        "text",
        "bzip2",
        "xz",
        "zlib",
        "random",
        "empty gzip",
        "gzip of text",
        "gzip of gzip",
        "one byte short",
        "half",
        "one byte more",
        "two members",
        "wrong checksum",
        "header only",
    ],
)
def test_data_other_than_one_complete_gzipped_tar_is_unreadable(data):
    assert check_codes(data) == ["archive_unreadable"]


def test_zip_is_unreadable():
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("agent.json", "{}")

    assert check_codes(stream.getvalue()) == ["archive_unreadable"]


@pytest.mark.parametrize(
    "data",
    [
        raw_tarball(header(checksum=b"0000000\0")),
        raw_tarball(header(size=b"-0000000001")),
        raw_tarball(header(size=b"0o17")),
        raw_tarball(header(size=b"\xff" * 12)),
        raw_tarball(header(size=b"1_0")),
        raw_tarball(header(magic=b"ustar\0xx")),
        raw_tarball(header(magic=b"ustar  \0", prefix=b"else")),
        raw_tarball(header(size=b"1000"), end=b""),
        raw_tarball(header(size=b"3"), b"abc", end=b"")[:-8],
        compress(header(size=b"3") + b"abc"),
        raw_tarball(header(b"folder/", size=b"1000"), bytes(512)),
        raw_tarball(pax({"path": "b.md"})),
        raw_tarball(pax({"path": "b.md"}), end=b""),
        raw_tarball(pax({"path": "b.md"}), pax({"path": "c.md"}), header()),
        raw_tarball(pax({"size": "4096"}), header(size=b"3"), b"abc"),
        raw_tarball(header(b"L", b"4", type=b"L"), b"b.md", pax({"path": "c.md"}), header()),
        raw_tarball(header(b"g", b"13", type=b"g"), b"11 path=b\n", header()),
        raw_tarball(header(b"x", b"5", type=b"x"), b"5 a=b", header()),
        raw_tarball(header(b"x", b"7", type=b"x"), b"999 a=b", header()),
        raw_tarball(header(b"x", b"7", type=b"x"), b"-7 a=b\n", header()),
        raw_tarball(header(), end=bytes(512) + header(b"hidden.md") + bytes(1024)),
    ],
    ids=[
        "checksum",
        "negative octal",
        "python octal",
        "negative base-256",
        "underscore",
        "magic",
        "gnu with a prefix",
        "file cut off",
        "gzip cut off",
        "no padding",
        "folder with content",
        "ends after pax",
        "ends after pax, no end",
        "two pax headers",
        "two sizes",
        "two names",
        "names for all",
        "pax without newline",
        "pax too long",
        "pax negative",
        "files after the end",
    ],
)
def test_ambiguous_tar_is_unreadable(data):
    assert codes(data) == ["archive_unreadable"]


@pytest.mark.parametrize(
    "name",
    [
        b"/etc/passwd",
        b"../up.md",
        b"a/../../up.md",
        b"a/..",
        b"..",
        b"a\\b.md",
        b"C:\\a.md",
        b"C:a.md",
        b"a\nb.md",
        b"a\x1b[2J.md",
        b"a\x7f.md",
        b"nul\0ed.md",
        b"a.md\0.sh",
        b"caf\xe9.md",
        b"a//b.md",
        b"a/./b.md",
        b"././a.md",
        b"a.md.",
        b"a.md ",
        b"con.md",
        b"docs/NUL",
        "a\u202etxt.md".encode(),
        "AGENTS\u200b.md".encode(),
        "\u3164.md".encode(),
        "a\U000e0041.md".encode(),
        "a\u200db.md".encode(),
        b"",
    ],
)
def test_unsafe_name_is_refused(name):
    assert codes(raw_tarball(header(name))) == ["unsafe_path"]


@pytest.mark.parametrize("path", ["/abs.md", "../up.md", "a\0b.md", "x" * 300, "y/" * 600 + "z"])
def test_unsafe_name_in_extended_header_is_refused(path):
    long = as_bytes(path) + b"\0"
    size = b"%o" % len(long)

    assert codes(raw_tarball(pax({"path": path}), header())) == ["unsafe_path"]
    assert codes(raw_tarball(header(b"L", size, type=b"L"), long, header())) == ["unsafe_path"]


def test_nul_in_prefix_is_refused():
    assert codes(raw_tarball(header(prefix=b"docs\0evil"))) == ["unsafe_path"]


@pytest.mark.parametrize("kind", [b"1", b"2"])
def test_link_is_refused(kind):
    assert codes(raw_tarball(header(type=kind))) == ["link"]


@pytest.mark.parametrize("kind", [b"3", b"4", b"6", b"7", b"S", b"D", b"M", b"V", b"Z"])
def test_device_or_unknown_member_type_is_refused(kind):
    assert codes(raw_tarball(header(type=kind))) == ["special_file"]


def test_sparse_file_is_refused():
    sparse = pax({"GNU.sparse.major": "1", "GNU.sparse.realsize": "10737418240"})

    assert codes(raw_tarball(sparse, header())) == ["special_file"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("docs/a.md", "docs/a.md"),
        ("docs/a.md", "docs/A.md"),
        ("docs/x.md", "DOCS/y.md"),
        ("docs/é.md", "docs/e\u0301.md"),
        ("docs/straße.md", "docs/STRASSE.md"),
        ("docs/a", "docs/a/b.md"),
        ("docs/a/b.md", "docs/a"),
    ],
)
def test_colliding_name_is_refused(first, second):
    errors = [
        finding
        for finding in read(tarball_with(member(first), member(second))).findings
        if finding.severity == "error"
    ]

    name = unicodedata.normalize("NFC", second)
    assert [(finding.code, finding.path) for finding in errors] == [("duplicate_path", name)]


@pytest.mark.parametrize("mode", [0o755, 0o744, 0o645, 0o654, 0o4644, 0o2644])
def test_executable_mode_is_refused(mode):
    assert codes(tarball_with(member("docs/x.md", "hello", mode=mode))) == ["executable_bit"]


def test_folder_may_have_executable_mode():
    assert codes(tarball_with(member("docs/more", type=tarfile.DIRTYPE, mode=0o755))) == []


def test_file_count_is_limited():
    many = [member(f"{number}.md") for number in range(11)]

    assert codes(compress(tar(many)), files=11) == []
    assert codes(compress(tar(many)), files=10) == ["too_many_files"]


def test_folder_count_is_limited():
    many = [member(f"{number}", type=tarfile.DIRTYPE) for number in range(21)]

    assert codes(compress(tar(many[:20])), files=10) == []
    assert codes(compress(tar(many)), files=10) == ["too_many_files"]


def test_folders_implied_by_names_count_against_the_limit():
    deep = [member("/".join(f"{number}{depth}" for depth in range(8)) + ".md") for number in "abc"]

    assert codes(compress(tar(deep)), files=12) == []
    assert codes(compress(tar(deep)), files=7) == ["too_many_files"]


def test_unpacked_size_may_reach_but_not_exceed_the_limit():
    files = [member("a.txt", b"a" * 600), member("b.txt", b"b" * 400)]

    assert codes(compress(tar(files)), unpacked_bytes=1000) == []
    assert codes(compress(tar(files)), unpacked_bytes=999) == ["package_too_large"]


def test_file_with_header_of_ten_gigabytes_is_refused():
    claim = header(size=b"\x80" + (10 * 1024**3).to_bytes(11, "big"))

    assert codes(raw_tarball(claim)) == ["package_too_large"]


def test_tarball_larger_than_the_limit_is_refused():
    data = tarball({"docs/noise.txt": os.urandom(1000).hex()})

    assert codes(data, tarball_bytes=len(data)) == []
    assert codes(data, tarball_bytes=len(data) - 1) == ["package_too_large"]


def test_padding_counts_as_framing():
    assert codes(raw_tarball(header(), end=bytes(200_000)), framing_bytes=100_000) == [
        "package_too_large"
    ]


def test_extended_header_cannot_understate_its_size():
    data = b"20971520 path=" + b"a" * 20 * MIB

    assert codes(raw_tarball(header(b"x", b"%o" % len(data), type=b"x"), data, header())) == [
        "package_too_large"
    ]
    assert codes(raw_tarball(header(b"x", b"2", type=b"x"), data, header())) == [
        "archive_unreadable"
    ]


@pytest.mark.parametrize(
    "data",
    [
        raw_tarball(header(size=b"%o" % (20 * MIB)), bytes(20 * MIB)),
        raw_tarball(header(), end=bytes(20 * MIB)),
        raw_tarball(*[pax({"comment": "a" * 60_000}) + header(type=b"5")] * 200),
        raw_tarball(*[header(b"%d.md" % number) for number in range(1_001)]),
        raw_tarball(*[header(type=b"2")] * 2_001),
        raw_tarball(*[header(b"/" * 90)] * 2_001),
    ],
    ids=["zeros", "zeros after the end", "pax", "tiny files", "links", "bad names"],
)
def test_decompression_bomb_is_refused_with_little_memory(data):
    small = {"files": 1_000, "unpacked_bytes": 10 * MIB, "framing_bytes": 10 * MIB, "findings": 20}
    tracemalloc.start()

    package = read(data, **small)

    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    limit_codes = {"package_too_large", "too_many_files"}
    assert not package.is_complete
    assert len(limit_codes.intersection(finding.code for finding in package.findings)) == 1
    assert peak < 2 * MIB


def test_incomplete_package_has_no_findings_about_missing_files():
    assert check_codes(tarball()[:-1]) == ["archive_unreadable"]
    assert check_codes(tarball(), files=1) == ["too_many_files"]


def test_top_level_folder_is_not_stripped():
    files = {f"package/{path}": content for path, content in package_files().items()}

    assert check_codes(pack_files(files)) == ["manifest_missing"]


def test_hostile_name_is_escaped_and_cut():
    finding = read(raw_tarball(pax({"path": "a\x1b[2J\u202e" + "b" * 500}), header())).findings[0]

    assert finding.path.startswith("a\\x1b[2J\\u202ebbb")
    assert len(finding.path) <= 201


def test_findings_are_limited_and_the_last_gives_the_rest():
    many = [member(f"{number}.sh") for number in range(30)]

    findings = read(compress(tar(many)), findings=10).findings

    assert [finding.code for finding in findings] == [
        *["blocked_extension"] * 10,
        "too_many_findings",
    ]
    assert findings[-1].message == "20 more findings are not listed."


def test_warnings_do_not_displace_errors():
    many = [*(member(f"a{number}.odd") for number in range(30)), member("z.sh")]

    findings = read(compress(tar(many)), findings=10).findings

    assert findings[0].code == "blocked_extension"


class SlowStream(io.BytesIO):
    """A stream that returns one byte at a time, as a socket may."""

    def read(self, size=-1):
        return super().read(1)


def test_slow_stream_gives_the_same_package():
    wide = "notes, and a key: AKIA" + "QY7XJ2LMNB4RTE5W"
    data = tarball({"docs/wide.txt": wide.encode("utf-16")})

    slow = read_tarball(SlowStream(data), PackageLimits())

    assert slow == read(data)
    assert [finding.code for finding in slow.findings] == ["secret_detected", "not_utf8"]


def test_bytes_after_the_end_of_a_slow_stream_are_refused():
    findings = read_tarball(SlowStream(tarball() + b"x"), PackageLimits()).findings

    assert [finding.code for finding in findings] == ["archive_unreadable"]


def test_prefix_of_digits_is_not_read_as_timestamps():
    block = header(b"AGENTS.md", prefix=b"7" * 155)

    assert [file.path for file in read(raw_tarball(block)).files] == ["7" * 155 + "/AGENTS.md"]


def test_gzip_header_may_have_a_file_name():
    stream = io.BytesIO()
    with gzip.GzipFile("package.tar", "wb", fileobj=stream, mtime=5) as packed_stream:
        packed_stream.write(gzip.decompress(tarball()))

    assert codes(stream.getvalue()) == []


@pytest.mark.parametrize(
    "path",
    [
        *("MEMORY.md", "memory.md", "USER.md", "memory/2026-11-29.md", "Memory/a/b.txt"),
        *("memory", "Memory", "mem\u200cory.md", "\ufeffmemory/a.md", "USER.\u200dmd"),
        *("ＵＳＥＲ.md", "ＭＥＭＯＲＹ/a.md", "MEMOR\ufe0fY.md", "u\u034fser.md"),
        *("USER.md/a.md", "memory.md/a.md"),
    ],
)
def test_file_of_the_operator_is_refused(path):
    """The client unpacks it over the operator's own file at each update."""
    # A name with an invisible character is refused for that.
    assert {"operator_file", "unsafe_path"} & set(codes(tarball_with(member(path, b"Mine now.\n"))))


def test_empty_folder_of_the_operator_is_not_refused():
    folder = member("memory/", type=tarfile.DIRTYPE, mode=0o755)

    assert "operator_file" not in codes(tarball_with(folder))


@pytest.mark.parametrize("path", ["MEMORY.md/", "user.md/", "memory/2026-11-30.md/"])
def test_empty_folder_in_place_of_a_file_of_the_operator_is_refused(path):
    """The client deletes the file to make the folder."""
    folder = member(path, type=tarfile.DIRTYPE, mode=0o755)

    assert "operator_file" in codes(tarball_with(folder))


@pytest.mark.parametrize("path", ["notes/MEMORY.md", "memories/a.md", "docs/USER.md", "DREAMS.md"])
def test_file_with_a_similar_name_is_not_refused(path):
    assert "operator_file" not in codes(tarball_with(member(path, b"Notes.\n")))


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"PK\x03\x04rest", "ZIP"),
        (b"Rar!", "RAR"),
        (tar([member("a.md", "A")]), "tar without gzip"),
    ],
)
def test_archive_of_another_kind_is_named_with_what_to_do(data, name):
    (finding,) = read_tarball(io.BytesIO(data), PackageLimits()).findings

    assert finding.message.startswith(f"This is a {name} file. A package is a .tgz: run clawstore")
