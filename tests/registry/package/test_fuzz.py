"""Whatever the bytes are: a judgement, never an exception."""

import gzip
import io
import json
import tarfile
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.package.checks.images import inspect_asset
from registry.package.checks.references import references
from registry.package.limits import PackageLimits
from registry.package.manifest.schema import ManifestInvalid, ManifestNotJson, read_manifest
from registry.package.manifest.strict_json import parse_json
from tests.support.packages import checked, manifest, opened, packed, tarball, zipped

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
def test_random_bytes(data):
    assert checked(data) == ["archive_unreadable"]


@quick
@given(st.binary(max_size=3000))
def test_random_tars(data):
    opened(zipped(data))


@quick
@given(st.integers(0, len(GOOD) - 1), st.integers(1, 255))
def test_one_wrong_byte_in_the_gzip(place, change):
    data = bytearray(GOOD)
    data[place] ^= change

    checked(bytes(data))


@quick
@given(st.lists(st.tuples(st.integers(0, len(GOOD_TAR) - 1), st.integers(0, 255)), max_size=5))
def test_wrong_bytes_in_the_tar(changes):
    data = bytearray(GOOD_TAR)
    for place, value in changes:
        data[place] = value

    checked(zipped(bytes(data)))


@quick
@given(
    st.integers(0, 10).map(lambda number: number * 512 % len(GOOD_TAR)),
    st.dictionaries(st.integers(0, 511).filter(lambda p: not 148 <= p < 156), st.integers(0, 255)),
)
def test_wrong_headers_with_good_checksums(start, changes):
    block = bytearray(GOOD_TAR[start : start + 512])
    for place, value in changes.items():
        block[place] = value
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)

    checked(zipped(GOOD_TAR[:start] + bytes(block) + GOOD_TAR[start + 512 :]))


@quick
@given(st.integers(0, len(GOOD_TAR)))
def test_cut_tars(end):
    checked(zipped(GOOD_TAR[:end]))


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(file_names, st.binary(max_size=1500), max_size=5),
    st.sampled_from([tarfile.GNU_FORMAT, tarfile.PAX_FORMAT]),
)
def test_what_passes_is_what_tarfile_reads(files, kind):
    """A second opinion: no name and no byte may differ from those of another reader."""
    data = packed(files, format=kind)
    package = opened(data)
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        other = {item.name.removeprefix("./"): item.size for item in archive.getmembers()}

    refused = {"unsafe_path", "duplicate_path"}
    if not refused.intersection(finding.code for finding in package.findings):
        assert {file.path: file.size for file in package.files} == other
    assert package.complete


def violations(document):
    try:
        read_manifest(document)
    except ManifestInvalid as refusal:
        return [(error.path, error.message) for error in refusal.errors]
    return []


@quick
@given(st.binary(max_size=200) | st.text(max_size=200) | values.map(json.dumps))
def test_json(raw):
    with suppress(ManifestNotJson):
        parse_json(raw)


@quick
@given(values)
def test_manifests_of_any_shape(document):
    assert violations(document) != []


@quick
@given(st.sampled_from(sorted(manifest() | {"store": 1, "setup": 1, "dependencies": 1})), values)
def test_manifests_with_any_value(key, value):
    found = violations(manifest() | {key: value})

    json.dumps(found).encode()
    assert all(path.startswith(key) and message for path, message in found)


@quick
@given(st.text(max_size=300))
def test_licences_versions_and_addresses(text):
    found = violations(manifest(license=text, version=text, homepage=text, id=text))

    assert {path for path, _ in found} <= {"license", "version", "homepage", "id"}


@quick
@given(
    st.sampled_from([b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF\0\0\0\0WEBP", b"<svg>"]),
    st.binary(max_size=400),
)
def test_pictures(start, rest):
    asset = inspect_asset("icon", "icon.png", io.BytesIO(start + rest), PackageLimits())

    assert [finding.code for finding in asset.findings] == ["asset_invalid"]


@quick
@given(st.text(st.sampled_from("[](){}<>!`~#\\ \n\t'\"=a./%:-*>1") | st.characters(), max_size=300))
def test_references(text):
    for reference in references("docs/a.md", text, 100):
        assert 1 <= reference.line <= text.count("\n") + 1
