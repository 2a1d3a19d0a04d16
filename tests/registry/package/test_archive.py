"""Hostile and broken archives: each yields its finding; none raises, hangs or needs memory."""

import bz2
import gzip
import hashlib
import io
import lzma
import os
import random
import tarfile
import tracemalloc
import zipfile
import zlib

import pytest

from registry.package.limits import PackageLimits
from registry.package.reader import open_tarball
from tests.support.packages import (
    GOOD_FILES,
    as_bytes,
    checked,
    header,
    manifest,
    member,
    opened,
    package_files,
    packed,
    pax,
    raw_tarball,
    tar,
    tarball,
    zipped,
)

pytestmark = pytest.mark.once

MIB = 1024 * 1024


def entries(*members):
    """A good package with these entries behind it."""
    good = [member(path, content) for path, content in package_files().items()]
    return zipped(tar([*good, *members]))


def codes(data, **limits):
    return [finding.code for finding in opened(data, **limits).findings]


def test_a_good_package_has_no_findings():
    assert checked(tarball(), claimed=manifest()) == []


def test_a_good_package_is_described_file_by_file():
    package = opened(tarball())

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
    assert package.complete


@pytest.mark.parametrize("kind", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_every_usual_tar_format_is_read(kind):
    long = "workspace/" + "d" * 120 + "/" + "e" * 90 + ".md"
    files = package_files({long: "deep", "workspace/übung.md": "ü"})

    package = opened(packed(files, format=kind))

    assert package.findings == ()
    assert {file.path for file in package.files} == set(files)


def test_a_leading_dot_slash_and_folders_are_normal():
    plain = [member("./", type=tarfile.DIRTYPE, mode=0o755), member("./docs", type=tarfile.DIRTYPE)]
    files = [member(f"./{path}", content) for path, content in package_files().items()]

    package = opened(zipped(tar(plain + files)))

    assert package.findings == ()
    assert {file.path for file in package.files} == set(package_files())


def test_node_tar_puts_times_behind_the_prefix():
    times = b"\x0015300426606\x0015300426604\x00"
    block = header(b"AGENTS.md", prefix=b"workspace".ljust(130, b"\0") + times)

    assert [file.path for file in opened(raw_tarball(block)).files] == ["workspace/AGENTS.md"]


def test_the_two_empty_blocks_at_the_end_may_be_missing():
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
        zipped(b""),
        zipped(b"not a tar at all" * 100),
        zipped(tarball()),
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
def test_what_is_not_one_whole_gzip_of_one_tar_is_unreadable(data):
    assert checked(data) == ["archive_unreadable"]


def test_a_zip_is_unreadable():
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("agent.json", "{}")

    assert checked(stream.getvalue()) == ["archive_unreadable"]


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
        zipped(header(size=b"3") + b"abc"),
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
def test_a_tar_that_two_programs_could_read_differently_is_unreadable(data):
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
        b"",
    ],
)
def test_an_unsafe_name_is_refused(name):
    assert codes(raw_tarball(header(name))) == ["unsafe_path"]


@pytest.mark.parametrize("path", ["/abs.md", "../up.md", "a\0b.md", "x" * 300, "y/" * 600 + "z"])
def test_an_unsafe_name_is_refused_in_extended_headers(path):
    long = as_bytes(path) + b"\0"
    size = b"%o" % len(long)

    assert codes(raw_tarball(pax({"path": path}), header())) == ["unsafe_path"]
    assert codes(raw_tarball(header(b"L", size, type=b"L"), long, header())) == ["unsafe_path"]


def test_a_nul_in_the_prefix_is_seen():
    assert codes(raw_tarball(header(prefix=b"docs\0evil"))) == ["unsafe_path"]


@pytest.mark.parametrize("kind", [b"1", b"2"])
def test_links_are_refused(kind):
    assert codes(raw_tarball(header(type=kind))) == ["link"]


@pytest.mark.parametrize("kind", [b"3", b"4", b"6", b"7", b"S", b"D", b"M", b"V", b"Z"])
def test_devices_and_everything_unknown_are_refused(kind):
    assert codes(raw_tarball(header(type=kind))) == ["special_file"]


def test_a_sparse_file_is_refused_whatever_size_it_claims():
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
def test_names_that_collide_are_refused(first, second):
    found = [
        finding
        for finding in opened(entries(member(first), member(second))).findings
        if finding.severity == "error"
    ]

    assert [(finding.code, finding.path) for finding in found] == [("duplicate_path", second)]


@pytest.mark.parametrize("mode", [0o755, 0o744, 0o645, 0o654, 0o4644, 0o2644])
def test_a_file_that_is_marked_as_a_program_is_refused(mode):
    assert codes(entries(member("docs/x.md", "hello", mode=mode))) == ["executable_bit"]


def test_folders_may_have_x_bits():
    assert codes(entries(member("docs/more", type=tarfile.DIRTYPE, mode=0o755))) == []


def test_too_many_files_are_refused():
    many = [member(f"{number}.md") for number in range(11)]

    assert codes(zipped(tar(many)), files=11) == []
    assert codes(zipped(tar(many)), files=10) == ["too_many_files"]


def test_too_many_folders_are_refused():
    many = [member(f"{number}", type=tarfile.DIRTYPE) for number in range(21)]

    assert codes(zipped(tar(many[:20])), files=10) == []
    assert codes(zipped(tar(many)), files=10) == ["too_many_files"]


def test_folders_that_only_names_imply_count_too():
    deep = [member("/".join(f"{number}{depth}" for depth in range(8)) + ".md") for number in "abc"]

    assert codes(zipped(tar(deep)), files=12) == []
    assert codes(zipped(tar(deep)), files=7) == ["too_many_files"]


def test_the_files_together_may_fill_the_limit_and_no_more():
    files = [member("a.txt", b"a" * 600), member("b.txt", b"b" * 400)]

    assert codes(zipped(tar(files)), unpacked_bytes=1000) == []
    assert codes(zipped(tar(files)), unpacked_bytes=999) == ["package_too_large"]


def test_a_file_that_claims_ten_gigabytes_is_refused_at_its_header():
    claim = header(size=b"\x80" + (10 * 1024**3).to_bytes(11, "big"))

    assert codes(raw_tarball(claim)) == ["package_too_large"]


def test_an_upload_larger_than_the_limit_is_refused():
    data = tarball({"docs/noise.txt": os.urandom(2000)})

    assert codes(data, tarball_bytes=len(data)) == []
    assert codes(data, tarball_bytes=len(data) - 1) == ["package_too_large"]


def test_padding_counts_too():
    assert codes(raw_tarball(header(), end=bytes(200_000)), framing_bytes=100_000) == [
        "package_too_large"
    ]


def test_an_extended_header_that_claims_two_bytes_cannot_unpack_to_twenty_megabytes():
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
def test_bombs_are_refused_within_little_memory(data):
    small = {"files": 1_000, "unpacked_bytes": 10 * MIB, "framing_bytes": 10 * MIB, "findings": 20}
    tracemalloc.start()

    package = opened(data, **small)

    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    stopped = {"package_too_large", "too_many_files"}
    assert not package.complete
    assert len(stopped.intersection(found.code for found in package.findings)) == 1
    assert peak < 2 * MIB


def test_a_package_that_was_not_read_to_its_end_is_not_told_what_it_lacks():
    assert checked(tarball()[:-1]) == ["archive_unreadable"]
    assert checked(tarball(), files=1) == ["too_many_files"]


def test_a_prefix_folder_is_not_stripped():
    files = {f"package/{path}": content for path, content in package_files().items()}

    assert checked(packed(files)) == ["manifest_missing"]


def test_a_hostile_name_is_shown_harmlessly_and_short():
    finding = opened(raw_tarball(pax({"path": "a\x1b[2J\u202e" + "b" * 500}), header())).findings[0]

    assert finding.path.startswith("a\\x1b[2J\\u202ebbb")
    assert len(finding.path) <= 201


def test_the_list_of_findings_is_capped_and_says_so():
    many = [member(f"{number}.sh") for number in range(30)]

    found = opened(zipped(tar(many)), findings=10).findings

    assert [finding.code for finding in found] == ["blocked_extension"] * 10 + ["too_many_findings"]
    assert found[-1].message == "20 more findings are not listed."


def test_errors_are_listed_though_there_are_more_warnings():
    many = [*(member(f"a{number}.odd") for number in range(30)), member("z.sh")]

    found = opened(zipped(tar(many)), findings=10).findings

    assert found[0].code == "blocked_extension"


class Trickle(io.BytesIO):
    """Answers with one byte at a time, as sockets may."""

    def read(self, size=-1):
        return super().read(1)


def test_a_stream_may_answer_a_byte_at_a_time():
    wide = "notes, and a key: AKIA" + "QY7XJ2LMNB4RTE5W"
    data = tarball({"docs/wide.txt": wide.encode("utf-16")})

    slow = open_tarball(Trickle(data), PackageLimits())

    assert slow == opened(data)
    assert [finding.code for finding in slow.findings] == ["secret_detected"]


def test_bytes_after_the_end_are_seen_though_they_come_late():
    found = open_tarball(Trickle(tarball() + b"x"), PackageLimits()).findings

    assert [finding.code for finding in found] == ["archive_unreadable"]


def test_a_long_prefix_of_digits_is_no_pair_of_times():
    block = header(b"AGENTS.md", prefix=b"7" * 155)

    assert [file.path for file in opened(raw_tarball(block)).files] == ["7" * 155 + "/AGENTS.md"]


def test_gzip_headers_with_names_and_comments_are_fine():
    stream = io.BytesIO()
    with gzip.GzipFile("package.tar", "wb", fileobj=stream, mtime=5) as packed_stream:
        packed_stream.write(gzip.decompress(tarball()))

    assert codes(stream.getvalue()) == []
