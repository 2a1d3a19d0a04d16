"""agent.json: what is accepted, and every violation by its path."""

import json

import pytest

from registry.package.manifest.schema import (
    ManifestInvalid,
    ManifestNotJson,
    SchemaError,
    read_manifest,
)
from registry.package.manifest.strict_json import parse_json
from tests.support.packages import manifest

pytestmark = pytest.mark.once


def violations(document):
    with pytest.raises(ManifestInvalid) as refusal:
        read_manifest(document)
    return list(refusal.value.errors)


def paths(document):
    return [error.path for error in violations(document)]


def test_a_manifest_is_read_into_values():
    read = read_manifest(
        manifest(
            version="1.2.0-beta.1+build.7",
            tags=["planning", "calendar", "planning"],
            homepage="https://example.org/planner?a=1",
            dependencies={
                "plugins": [{"spec": "@openclaw/cal", "required": True, "minVersion": "2026.1.0"}],
                "skills": [{"slug": "notes", "required": False}],
                "providers": {"any": ["anthropic", "openai"]},
            },
            setup={
                "secrets": [
                    {"key": "CAL_TOKEN", "prompt": "Token", "required": True, "target": "env"}
                ]
            },
            store={"icon": "./store/icon.png", "screenshots": ["store/one.png"]},
        )
    )

    assert (read.scope, read.agent_name) == ("ada", "planner")
    assert (read.version, read.is_prerelease) == ("1.2.0-beta.1+build.7", True)
    assert read.tags == ("planning", "calendar")
    assert read.schema_version == 1
    assert read.agent.defaults.model == "anthropic/claude"
    assert read.dependencies.plugins[0].min_version == "2026.1.0"
    assert read.dependencies.skills[0].required is False
    assert read.dependencies.providers.any == ("anthropic", "openai")
    assert read.setup.secrets[0].key == "CAL_TOKEN"
    assert (read.store.icon, read.store.screenshots) == ("store/icon.png", ("store/one.png",))
    assert read.openclaw.entrypoints == {"AGENTS.md": "workspace/AGENTS.md"}


def test_what_is_optional_may_be_left_out():
    read = read_manifest(manifest(tags=[], openclaw={"entrypoints": {}}))

    assert read.tags == ()
    assert read.homepage is None
    assert read.store.icon is None
    assert read.dependencies.plugins == ()
    assert read.openclaw.templates == {}
    assert read.is_prerelease is False


@pytest.mark.parametrize(
    "key",
    [
        "schemaVersion",
        "id",
        "version",
        "name",
        "tagline",
        "description",
        "category",
        "tags",
        "author",
        "license",
        "agent",
        "files",
        "openclaw",
    ],
)
def test_every_required_key_is_required(key):
    assert violations(manifest(**{key: None})) == [SchemaError(key, "is required")]


def test_all_violations_are_told_at_once():
    document = manifest(id="planner", tags=["ok", "Not OK", 3], agent={"defaults": {}}, extra=1)

    assert violations(document) == [
        SchemaError(
            "id",
            "must look like @scope/name: a-z, 0-9 and dashes, the name 2 to 64 long"
            " and without a dash at its ends",
        ),
        SchemaError(
            "tags[1]", "must be words of a-z and 0-9 joined by dashes, at most 64 characters"
        ),
        SchemaError("tags[2]", "must be a string"),
        SchemaError("agent.defaults.model", "is required"),
        SchemaError("extra", "is not a known key"),
    ]


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"more": 1}, "more"),
        ({"schema_version": 1}, "schema_version"),
        ({"author": {"name": "Ada", "email": "a@b"}}, "author.email"),
        ({"agent": {"defaults": {"model": "m"}, "x": 1}}, "agent.x"),
        ({"agent": {"defaults": {"model": "m", "x": 1}}}, "agent.defaults.x"),
        ({"store": {"banner": "x.png"}}, "store.banner"),
        ({"setup": {"scripts": []}}, "setup.scripts"),
        ({"dependencies": {"npm": []}}, "dependencies.npm"),
        (
            {"dependencies": {"skills": [{"slug": "a", "required": True, "x": 1}]}},
            "dependencies.skills[0].x",
        ),
        ({"dependencies": {"providers": {"any": [], "all": []}}}, "dependencies.providers.all"),
        ({"openclaw": {"entrypoints": {}, "hooks": {}}}, "openclaw.hooks"),
    ],
)
def test_unknown_keys_are_refused_at_every_level(change, path):
    assert violations(manifest(**change)) == [SchemaError(path, "is not a known key")]


@pytest.mark.parametrize(
    ("change", "path", "message"),
    [
        ({"schemaVersion": "1"}, "schemaVersion", "must be an integer"),
        ({"schemaVersion": True}, "schemaVersion", "must be an integer"),
        ({"schemaVersion": 2}, "schemaVersion", "must be 1"),
        ({"name": 7}, "name", "must be a string"),
        ({"tags": "planning"}, "tags", "must be a list"),
        ({"tags": {"a": 1}}, "tags", "must be a list"),
        ({"author": "Ada"}, "author", "must be an object"),
        ({"author": []}, "author", "must be an object"),
        ({"openclaw": {"entrypoints": []}}, "openclaw.entrypoints", "must be an object"),
        ({"files": []}, "files", "must have at least one entry"),
        (
            {"dependencies": {"skills": [{"slug": "a", "required": 1}]}},
            "dependencies.skills[0].required",
            "must be true or false",
        ),
        (
            {"setup": {"secrets": [{"key": "A", "prompt": "A", "required": True, "target": "x"}]}},
            "setup.secrets[0].target",
            'must be "env"',
        ),
    ],
)
def test_nothing_is_converted(change, path, message):
    assert violations(manifest(**change)) == [SchemaError(path, message)]


@pytest.mark.parametrize("document", [[], "text", 1, None, True, [manifest()]])
def test_the_document_must_be_an_object(document):
    assert paths(document) == [""]


@pytest.mark.parametrize("path", ["homepage", "store", "dependencies"])
def test_null_is_no_value(path):
    document = manifest() | {path: None}

    assert violations(document) == [
        SchemaError(path, "must not be null; leave the key out instead")
    ]


@pytest.mark.parametrize(
    "id",
    ["@a/bc", "@ada/a1", "@ada/" + "a" * 64, "@" + "s" * 64 + "/ab", "@a-b/c-d", "@9/99"],
)
def test_good_ids(id):
    assert read_manifest(manifest(id=id)).id == id


@pytest.mark.parametrize(
    "id",
    [
        "ada/planner",
        "@ada",
        "@ada/p",
        "@ada/-planner",
        "@ada/planner-",
        "@Ada/planner",
        "@ada/Planner",
        "@ada/plan_ner",
        "@ada/plan/ner",
        "@/planner",
        "@ada/" + "a" * 65,
        "@" + "s" * 65 + "/ab",
        "@ada/planner\n",
        "@ada/plänner",
        "@ada/..",
        "",
    ],
)
def test_bad_ids(id):
    assert paths(manifest(id=id)) == ["id"]


@pytest.mark.parametrize(
    "version",
    ["0.0.0", "1.2.3", "1.0.0-alpha.1", "1.0.0+build.1", "1.0.0-0a.b--", "9007199254740991.0.0"],
)
def test_good_versions(version):
    assert read_manifest(manifest(version=version)).version == version


@pytest.mark.parametrize(
    "version",
    [
        "1",
        "1.2",
        "v1.2.3",
        "01.2.3",
        "1.2.3-01",
        "1.2.3-",
        "1.2.3+",
        "1.2.3 ",
        "1.2.3\n",
        "1.2.3-é",
        "1.٢.3",
        "1.1٢.3",
        "1.2.3.4",
        "latest",
        "",
        "9007199254740992.0.0",
        "1.0.0-9007199254740992",
        "1.0.0-" + "a" * 130,
        "1" * 5000 + ".0.0",
    ],
)
def test_bad_versions(version):
    assert paths(manifest(version=version)) == ["version"]


@pytest.mark.parametrize("key", ["name", "tagline"])
@pytest.mark.parametrize(
    "value",
    ["", "   ", "\u200b\u2060", "two\nlines", "tab\t", "bell\x07", "\x85", "\u202eevil", "\u2066x"],
)
def test_one_line_fields_show_what_they_say(key, value):
    assert paths(manifest(**{key: value})) == [key]


def test_one_line_fields_have_lengths():
    assert read_manifest(manifest(name="n" * 128, tagline="t" * 140)).name == "n" * 128
    assert paths(manifest(name="n" * 129, tagline="t" * 141)) == ["name", "tagline"]


@pytest.mark.parametrize("name", ["Планировщик", "计划", "مخطط", "Day 🗓️", "A – B"])
def test_names_may_be_in_any_language(name):
    assert read_manifest(manifest(name=name)).name == name


def test_descriptions_have_lines():
    text = "# Title\r\n\n\tcode\n"

    assert read_manifest(manifest(description=text)).description == text
    assert paths(manifest(description=" \n ")) == ["description"]
    assert paths(manifest(description="a\x1b[2J")) == ["description"]
    assert paths(manifest(description="a" * 100_001)) == ["description"]


@pytest.mark.parametrize(
    "change",
    [
        {"name": "a\0b"},
        {"description": "a\0b"},
        {"license": "MIT\0"},
        {"author": {"name": "\0"}},
        {"name": "\ud800"},
        {"description": "x\udfff"},
        {"openclaw": {"entrypoints": {"a.md": "b\0.md"}}},
        {"openclaw": {"entrypoints": {"a\0.md": "b.md"}}},
        {"openclaw": {"entrypoints": {"a\ud800.md": "b.md"}}},
        {"extra\0": "x"},
        {"extra\ud800": "x"},
    ],
)
def test_no_zero_characters_and_no_half_ones_anywhere(change):
    found = violations(manifest(**change))

    assert "must not contain a zero character or half a character" in [
        error.message for error in found
    ]
    json.dumps([error.path for error in found]).encode()
    assert not any("\0" in error.path or "\ud800" in error.path for error in found)


def test_tags():
    assert read_manifest(manifest(tags=[f"t{n}" for n in range(20)] * 2)).tags[-1] == "t19"
    assert paths(manifest(tags=[f"t{n}" for n in range(21)])) == ["tags"]
    assert paths(manifest(tags=["Upper"])) == ["tags[0]"]
    assert paths(manifest(tags=["a" * 65])) == ["tags[0]"]
    assert paths(manifest(tags=["-a"])) == ["tags[0]"]
    assert paths(manifest(tags=["a\n"])) == ["tags[0]"]


@pytest.mark.parametrize(
    "license",
    ["MIT", "Apache-2.0", "MIT OR Apache-2.0", "GPL-2.0-or-later WITH Bison-exception-2.2"],
)
def test_good_licenses(license):
    assert read_manifest(manifest(license=license)).license == license


@pytest.mark.parametrize(
    "license",
    [
        "",
        "  ",
        "UNLICENSED",
        "SEE LICENSE IN LICENSE",
        "MIT OR",
        "MIT AND AND MIT",
        "(MIT",
        "((((",
        "WITH",
        "LicenseRef-mine",
        "M\u0131T",
        "MIT\n\nOR x",
        "(" * 400 + "MIT" + ")" * 100,
        "MIT " * 300,
    ],
)
def test_bad_licenses(license):
    assert paths(manifest(license=license)) == ["license"]


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org",
        "http://example.org:8080/a?b#c",
        "HTTPS://Example.org/",
        "https://[::1]/",
    ],
)
def test_good_addresses(url):
    assert read_manifest(manifest(homepage=url, repository=url)).homepage == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.org",
        "javascript:alert(1)",
        "JavaScript:alert(1)//https://x",
        "data:text/html,x",
        "ftp://example.org",
        "file:///etc/passwd",
        "//example.org",
        "https://",
        "https:///path",
        "https://?x",
        "https://user:pw@example.org/",
        "https://user@example.org/",
        "https://exa mple.org/",
        "https://example.org/\n",
        " https://example.org",
        "java\nscript:alert(1)",
        "https://example.org\\@evil.org",
        "https://example.org:port/",
        "https://[::1",
        'https://a"onclick="x',
        "https://example.org/" + "a" * 2048,
    ],
)
def test_bad_addresses(url):
    assert paths(manifest(homepage=url, repository=url, author={"name": "A", "url": url})) == [
        "author.url",
        "homepage",
        "repository",
    ]


@pytest.mark.parametrize("glob", ["**", "*.md", "workspace/**/*.md", "./a/*", "{a,b}/*.md", ".x/*"])
def test_good_patterns(glob):
    assert read_manifest(manifest(files=[glob])).files == (glob,)


@pytest.mark.parametrize(
    "glob",
    ["", " ", "/etc/*", "../*", "a/../../b", "a\\b", "{a,../b}", "!../x", "a\nb", "x" * 1025],
)
def test_bad_patterns(glob):
    assert paths(manifest(files=[glob])) == ["files[0]"]


@pytest.mark.parametrize(
    "target",
    [
        "AGENTS.md",
        "SOUL.md",
        "TOOLS.md",
        "IDENTITY.md",
        "HEARTBEAT.md",
        "BOOT.md",
        "BOOTSTRAP.md",
        "USER.md",
        "docs/a.md",
        "notes/MEMORY.md",
        "MEMORIES.md",
        ".hidden",
    ],
)
def test_good_workspace_targets(target):
    document = manifest(openclaw={"entrypoints": {target: "a.md"}, "templates": {target: "a.md"}})

    assert target in read_manifest(document).openclaw.entrypoints


@pytest.mark.parametrize(
    "target",
    [
        "MEMORY.md",
        "memory.md",
        "Memory.MD",
        "./MEMORY.md",
        "./memory.md",
        "x/../MEMORY.md",
        "MEMORY.md.",
        "MEMORY.md ",
        "MEMORY.md/",
        "MEMORY.md:x",
        "agents.md",
        "./AGENTS.md",
        "../AGENTS.md",
        "/etc/passwd",
        "a\\b",
        "",
        ".",
        "~/\x00",
        "C:/x",
    ],
)
def test_bad_workspace_targets(target):
    for part in ("entrypoints", "templates"):
        document = manifest(openclaw={"entrypoints": {}, part: {target: "a.md"}})
        assert paths(document)[0].startswith(f"openclaw.{part}")


def test_mapped_files_are_in_the_package():
    document = manifest(openclaw={"entrypoints": {"AGENTS.md": "../x.md", "SOUL.md": "./y.md"}})

    assert paths(document) == ["openclaw.entrypoints.AGENTS.md"]


@pytest.mark.parametrize("key", ["lower", "1A", "A-B", "", "A B", "_A", "A" * 129])
def test_secret_keys_are_upper_snake(key):
    secret = {"key": key, "prompt": "p", "required": True, "target": "env"}

    assert paths(manifest(setup={"secrets": [secret]})) == ["setup.secrets[0].key"]


def test_a_flood_of_violations_is_cut():
    assert len(violations(manifest(tags=[1] * 10_000))) == 100


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "nul",
        '{"a":1}x',
        '{"a":1,"a":2}',
        '{"x":{"a":1,"\\u0061":2}}',
        "NaN",
        "[Infinity]",
        "-Infinity",
        "1e999",
        "1" * 33,
        "[" * 100_000,
        '{"a":' * 5_000 + "1" + "}" * 5_000,
        "[" * 65 + "]" * 65,
        '"a\nb"',
        "\ufeff{}",
        b"\xff\xfe{\0}\0",
        b'"\xff"',
        b"\xef\xbb\xbf{}",
    ],
)
def test_what_is_not_strict_json_is_refused(text):
    with pytest.raises(ManifestNotJson):
        parse_json(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [("{}", {}), (b'{"a": [1, 2.5, true, null]}', {"a": [1, 2.5, True, None]}), ('"\\u00e9"', "é")],
)
def test_json_is_read(text, value):
    assert parse_json(text) == value


def test_sixty_four_levels_are_enough():
    assert parse_json("[" * 64 + "]" * 64)


def test_a_deep_document_is_refused_by_the_manifest_too():
    deep = {}
    for _ in range(5_000):
        deep = {"a": deep}

    assert "agent" in paths(manifest(agent=deep))[0]
