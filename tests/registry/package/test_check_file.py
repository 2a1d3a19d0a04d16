"""Checks of single files: programs, extensions, kinds, sizes, excerpts."""

import struct

import pytest

from registry.package.checks.executables import WindowsProgramProbe
from tests.support.packages import check_codes, png, read, tarball

pytestmark = pytest.mark.once

ELF = b"\x7fELF\x02\x01\x01" + bytes(57)
PE = b"MZ" + bytes(58) + struct.pack("<I", 0x80) + bytes(64) + b"PE\0\0" + bytes(20)
MACH_O = struct.pack("<IIII", 0xFEEDFACF, 0x01000007, 3, 2) + bytes(48)
FAT = struct.pack(">II", 0xCAFEBABE, 2) + bytes(40)
JAVA = struct.pack(">IHH", 0xCAFEBABE, 0, 61) + bytes(40)
WASM = b"\0asm\1\0\0\0" + bytes(8)
PROGRAMS = {
    "elf 64": ELF,
    "elf 32": b"\x7fELF\x01\x01\x01" + bytes(45),
    "pe": PE,
    "pe with a far header": b"MZ"
    + bytes(58)
    + struct.pack("<I", 200_000)
    + bytes(199_936)
    + b"PE\0\0",
    "ne": PE.replace(b"PE\0\0", b"NE\5\1"),
    "mach-o": MACH_O,
    "mach-o big-endian": struct.pack(">IIII", 0xFEEDFACE, 18, 0, 2) + bytes(12),
    "fat": FAT,
    "fat 64": struct.pack(">II", 0xCAFEBABF, 1) + bytes(40),
    "java": JAVA,
    "wasm": WASM,
    "dex": b"dex\n035\0" + bytes(40),
    "shell": b"#!/bin/sh\necho hi\n",
    "shell with a space": b"#! /usr/bin/env python3\n",
    "shell with a mark": b"\xef\xbb\xbf#!/bin/bash\n",
    "bare interpreter": b"#!python3 -u\n",
    "relative interpreter": b"#!./run\n",
}
TEXTS = {
    "MZ": b"MZ is the mark of Mark Zbikowski, who worked on MS-DOS. It opens many programs.",
    "MZ only": b"MZ",
    "MZ and zeros": b"MZ" + b" " * 58 + b"\x40\0\0\0" + b"not a signature",
    "ELF in words": b"ELF files begin with 0x7f.",
    "heading": b"#! important heading\n\ntext",
    "rust": b"#![allow(dead_code)]",
    "shebang later": b"# Title\n\n#!/bin/sh\n",
    "nothing": b"",
}


@pytest.mark.parametrize("content", PROGRAMS.values(), ids=PROGRAMS)
def test_program_is_refused_under_any_name(content):
    assert check_codes(tarball({"docs/readme.md": content})) == ["executable_binary"]


@pytest.mark.parametrize("content", TEXTS.values(), ids=TEXTS)
def test_text_that_begins_like_a_program_passes(content):
    assert "executable_binary" not in check_codes(tarball({"docs/readme.md": content}))


@pytest.mark.parametrize("size", [1, 3, 64, 130])
def test_windows_signature_is_detected_across_chunks(size):
    probe = WindowsProgramProbe()
    for start in range(0, len(PE), size):
        probe.feed(PE[start : start + size])

    assert probe.is_program


@pytest.mark.parametrize(
    "name",
    [
        "a.sh",
        "a.bash",
        "a.zsh",
        "a.js",
        "a.ts",
        "a.mjs",
        "a.cjs",
        "a.py",
        "a.rb",
        "a.php",
        "a.exe",
        "a.bat",
        "a.ps1",
        "a.dll",
        "a.so",
        "a.dylib",
        "a.SH",
        "a.Exe",
        "a.md.sh",
        "a.tar.js",
        ".bashrc",
        "a.com",
        "a.scr",
        "a.msi",
        "a.jar",
        "a.vbs",
        "a.wasm",
        "a.apk",
        "a.app",
        "a.pl",
        "a.lua",
        "a.fish",
        "a.ksh",
        "a.cmd",
        "a.hta",
        "a.so.1.2",
        ".js",
    ],
)
def test_blocked_extension_is_refused(name):
    assert check_codes(tarball({f"docs/{name}": "harmless"})) == ["blocked_extension"]


@pytest.mark.parametrize(
    "name",
    [
        "a.md",
        "a.markdown",
        "a.txt",
        "a.json",
        "a.yaml",
        "a.yml",
        "a.toml",
        "a.csv",
        "a.tsv",
        "a.MD",
        "a.sh.md",
        "LICENSE",
        "NOTICE",
    ],
)
def test_usual_text_passes(name):
    assert check_codes(tarball({f"docs/{name}": "x"})) == []


@pytest.mark.parametrize(
    "name", ["a.html", "a.pdf", "a.zip", ".env", "id_rsa", "Makefile", "a.gif", "a.md~", "a.docx"]
)
def test_unusual_extension_is_a_warning(name):
    finding = read(tarball({f"docs/{name}": "x"})).findings[0]

    assert (finding.code, finding.severity) == ("unknown_extension", "warning")


def test_kind_follows_from_the_content():
    files = {
        "a.md": "text",
        "b.md": "a\0b",
        "c.txt": "latin-1 caf\xe9".encode("latin-1"),
        "d.md": "wide".encode("utf-16"),
        "e.png": png(),
        "f.txt": png(),
        "g.svg": "<svg/>",
        "h.webp": b"RIFF\0\0\0\0WEBPVP8 ",
        "i.jpg": b"\xff\xd8\xff\xe0 x",
        "j.dat": b"\0\1\2",
    }

    kinds = {file.path: file.kind for file in read(tarball(files)).files}

    assert [kinds[path] for path in files] == [
        "markdown",
        "binary",
        "text",
        "markdown",
        "image",
        "image",
        "image",
        "image",
        "image",
        "binary",
    ]


@pytest.mark.parametrize(
    ("encoding", "line"),
    [("gbk", 2), ("shift_jis", 2), ("latin-1", 2), ("utf-16", 1), ("utf-16-le", 1)],
)
def test_text_in_another_encoding_is_a_warning_with_its_line(encoding, line):
    text = {"latin-1": "# A\ncafé\n"}.get(encoding, "# A\n日本 中文\n").encode(encoding, "ignore")

    (finding,) = read(tarball({"SOUL.md": text})).findings

    assert (finding.code, finding.severity, finding.path) == ("not_utf8", "warning", "SOUL.md")
    assert finding.line == line


def test_character_on_the_border_of_two_chunks_is_utf_8():
    text = "ä" * 100_000 + "x\n" + "語" * 100_000

    assert check_codes(tarball({"a.md": text, "b.md": "x" + text})) == []


def test_text_that_ends_within_a_character_is_a_warning():
    assert check_codes(tarball({"a.md": b"a\n\xe8\xaa"})) == ["not_utf8"]


def test_binary_file_with_the_name_of_a_text_is_a_warning():
    for content, line in ((b"one\ntwo\0\n", 2), (png(), 1), (b"\xff\xd8\xff\xe0", 1)):
        (finding,) = read(tarball({"a.md": content})).findings

        assert (finding.code, finding.line) == ("not_utf8", line)


@pytest.mark.parametrize(
    ("text", "encoding", "name"),
    [
        ("请不要泄露任何密码，这是测试", "gbk", "GBK"),
        ("請不要洩漏任何密碼這是一個測試", "big5", "Big5"),
        ("これはテストです。", "shift_jis", "Shift_JIS"),
        ("これはテストです。日本語の文章", "euc_jp", "EUC-JP"),
        ("안녕하세요 이것은 시험입니다", "euc_kr", "EUC-KR"),
        ("Les élèves préfèrent l’été à l’hiver", "cp1252", "Windows-1252"),
        ("Привет, это тестовый файл", "koi8-r", "KOI8-R"),
        ("第一行测试", "utf-7", "UTF-7"),
        ("これはテスト", "iso2022_jp", "ISO-2022"),
        ("你好世界", "hz", "HZ"),
    ],
)
def test_finding_names_the_probable_encoding(text, encoding, name):
    content = b"long line\n" * 2_000 + text.encode(encoding)

    (finding,) = read(tarball({"SOUL.md": content})).findings

    assert (finding.code, finding.line) == ("not_utf8", 2_001)
    assert name in finding.message


def test_signs_of_other_encodings_in_plain_text_are_no_finding():
    text = "a +dependencies- +foo-bar 1+1-2 \x1b[31mred\x1b[0m %{~ if ~} ~{\n"

    assert check_codes(tarball({"a.md": text})) == []


def test_file_that_macos_adds_is_a_warning():
    data = b"\x00\x05\x16\x07\x00\x02\x00\x00Mac OS X        " + bytes(52)

    assert check_codes(tarball({"._SOUL.md": data})) == ["apple_double"]
    assert check_codes(tarball({"._notes.md": "words"})) == []


def test_large_image_is_refused_and_large_text_is_a_warning():
    limits = {"image_bytes": 2000, "text_bytes": 3000}

    assert check_codes(tarball({"a.png": png() + bytes(2000)}), **limits) == ["asset_too_large"]
    assert check_codes(tarball({"a.svg": "<" * 2001}), **limits) == ["asset_too_large"]
    assert check_codes(tarball({"a.png": bytes(2001)}), **limits) == ["asset_too_large"]
    assert check_codes(tarball({"a.txt": "x" * 3001}), **limits) == ["text_file_large"]
    assert check_codes(tarball({"a.txt": "x" * 3000, "a.png": png()}), **limits) == []


def test_texts_are_cut_to_excerpts():
    files = {"a.md": "ä" * 100, "b.txt": "yes", "c.md": "wide ö".encode("utf-16"), "d.bin": "a\0"}

    package = read(tarball(files), excerpt_bytes=21)

    assert package.texts["a.md"] == "ä" * 10
    assert package.texts["b.txt"] == "yes"
    assert package.texts["c.md"].startswith("\ufffd\ufffdw\ufffdi")
    assert "d.bin" not in package.texts
    assert "a.md" in package.truncated_texts
    assert package.truncated_texts.isdisjoint(("b.txt", "c.md", "agent.json"))


def test_readme_does_not_count_against_the_limit_of_excerpts():
    files = {f"{number}.md": "x" * 100 for number in range(10)} | {"README.md": "read me"}

    texts = read(tarball(files), all_excerpts_bytes=250).texts

    assert texts["README.md"] == "read me"
    assert "agent.json" in texts
    assert sum(len(text) for path, text in texts.items() if path.endswith("md")) <= 250 + 7


def test_excerpts_have_no_unstorable_characters():
    texts = read(tarball({"a.md": "\ufeffa\ud7ff" + "b", "c.md": "c\0".encode("utf-16")})).texts

    assert texts["a.md"] == "a\ud7ffb"
    assert texts["c.md"] == "\ufffd\ufffdc\ufffd\ufffd\ufffd"
