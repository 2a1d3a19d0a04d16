"""Any input yields findings, never an exception."""

import gzip
import io
import json
import tarfile
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.package.checks.images import check_asset
from registry.package.checks.references import find_references
from registry.package.limits import PackageLimits
from registry.package.manifest.schema import ManifestError, parse_manifest
from registry.package.manifest.strict_json import StrictJsonError, parse_json
from tests.support.packages import check_codes, compress, manifest, pack_files, read, tarball

pytestmark = pytest.mark.once

GOOD = tarball()
GOOD_TAR = gzip.decompress(GOOD)
quick = settings(max_examples=150, deadline=None)
names = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=120)
file_names = names.filter(lambda name: not name.endswith("/"))
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4)
    ),
    max_leaves=12,
)


@quick
@given(st.binary(max_size=3000))
def test_random_bytes_are_unreadable(data):
    assert check_codes(data) == ["archive_unreadable"]


@quick
@given(st.binary(max_size=3000))
def test_random_tar_raises_nothing(data):
    read(compress(data))


@quick
@given(st.integers(0, len(GOOD) - 1), st.integers(1, 255))
def test_damaged_gzip_raises_nothing(place, change):
    data = bytearray(GOOD)
    data[place] ^= change

    check_codes(bytes(data))


@quick
@given(st.lists(st.tuples(st.integers(0, len(GOOD_TAR) - 1), st.integers(0, 255)), max_size=5))
def test_damaged_tar_raises_nothing(changes):
    data = bytearray(GOOD_TAR)
    for place, value in changes:
        data[place] = value

    check_codes(compress(bytes(data)))


@quick
@given(
    st.integers(0, 10).map(lambda number: number * 512 % len(GOOD_TAR)),
    st.dictionaries(st.integers(0, 511).filter(lambda p: not 148 <= p < 156), st.integers(0, 255)),
)
def test_damaged_header_with_valid_checksum_raises_nothing(start, changes):
    block = bytearray(GOOD_TAR[start : start + 512])
    for place, value in changes.items():
        block[place] = value
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)

    check_codes(compress(GOOD_TAR[:start] + bytes(block) + GOOD_TAR[start + 512 :]))


@quick
@given(st.integers(0, len(GOOD_TAR)))
def test_cut_tar_raises_nothing(end):
    check_codes(compress(GOOD_TAR[:end]))


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(file_names, st.binary(max_size=1500), max_size=5),
    st.sampled_from([tarfile.GNU_FORMAT, tarfile.PAX_FORMAT]),
)
def test_accepted_tar_has_the_files_that_tarfile_reads(files, kind):
    """Names and sizes must be the same as those that Python's tarfile reads."""
    data = pack_files(files, format=kind)
    package = read(data)
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        other = {item.name.removeprefix("./"): item.size for item in archive.getmembers()}

    refusal = {"unsafe_path", "duplicate_path"}
    if not refusal.intersection(finding.code for finding in package.findings):
        assert {file.path: file.size for file in package.files} == other
    assert package.is_complete


def violations(document):
    try:
        parse_manifest(document)
    except ManifestError as refusal:
        return [(violation.path, violation.message) for violation in refusal.violations]
    return []


@quick
@given(st.binary(max_size=200) | st.text(max_size=200) | values.map(json.dumps))
def test_json_raises_no_other_error(raw):
    with suppress(StrictJsonError):
        parse_json(raw)


@quick
@given(values)
def test_manifest_of_any_shape_is_refused(document):
    assert violations(document) != []


@quick
@given(st.sampled_from(sorted(manifest() | {"store": 1, "setup": 1, "dependencies": 1})), values)
def test_manifest_with_any_value_names_the_key(key, value):
    result = violations(manifest() | {key: value})

    json.dumps(result).encode()
    assert all(path.startswith(key) and message for path, message in result)


@quick
@given(st.text(max_size=300))
def test_any_text_in_a_manifest_raises_nothing(text):
    result = violations(manifest(license=text, version=text, homepage=text, id=text))

    assert {path for path, _ in result} <= {"license", "version", "homepage", "id"}


@quick
@given(
    st.sampled_from([b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF\0\0\0\0WEBP", b"<svg>"]),
    st.binary(max_size=400),
)
def test_damaged_image_is_invalid(start, ending):
    asset = check_asset("icon", "icon.png", io.BytesIO(start + ending), PackageLimits())

    assert [finding.code for finding in asset.findings] == ["asset_invalid"]


@quick
@given(
    st.text(
        st.sampled_from("[](){}<>!`~#\\ \n\t'\"=a./%:-*>1") | st.characters(codec="utf-8"),
        max_size=300,
    )
)
def test_reference_line_is_in_the_text(text):
    for reference in find_references("docs/a.md", text, 100):
        assert 1 <= reference.line <= text.count("\n") + 1
