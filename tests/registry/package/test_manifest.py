"""The schema of agent.json: accepted values, and violations with their paths."""

import json

import pytest

from registry.package.manifest.schema import ManifestError, Violation, parse_manifest
from registry.package.manifest.strict_json import StrictJsonError, parse_json
from tests.support.packages import manifest

pytestmark = pytest.mark.once


def violations(document):
    with pytest.raises(ManifestError) as error:
        parse_manifest(document)
    return list(error.value.violations)


def paths(document):
    return [violation.path for violation in violations(document)]


def test_manifest_is_parsed_into_values():
    result = parse_manifest(
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

    assert (result.scope, result.agent_name) == ("ada", "planner")
    assert (result.version, result.is_prerelease) == ("1.2.0-beta.1+build.7", True)
    assert result.tags == ("planning", "calendar")
    assert result.schema_version == 1
    assert result.agent.defaults.model == "anthropic/claude"
    assert result.dependencies.plugins[0].min_version == "2026.1.0"
    assert result.dependencies.skills[0].required is False
    assert result.dependencies.providers.any == ("anthropic", "openai")
    assert result.setup.secrets[0].key == "CAL_TOKEN"
    assert (result.store.icon, result.store.screenshots) == ("store/icon.png", ("store/one.png",))
    assert result.openclaw.entrypoints == {"AGENTS.md": "workspace/AGENTS.md"}


def test_optional_keys_may_be_left_out():
    result = parse_manifest(manifest(tags=[], openclaw={"entrypoints": {}}))

    assert result.tags == ()
    assert result.homepage is None
    assert result.store.icon is None
    assert result.dependencies.plugins == ()
    assert result.openclaw.templates == {}
    assert result.is_prerelease is False


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
def test_required_key_must_be_present(key):
    assert violations(manifest(**{key: None})) == [Violation(key, "is required")]


def test_all_violations_are_reported_at_once():
    document = manifest(id="planner", tags=["ok", "Not OK", 3], agent={"defaults": {}}, extra=1)

    assert violations(document) == [
        Violation(
            "id",
            "must look like @scope/name: a-z, 0-9 and dashes; the name has 2 to 64 characters"
            " and no dash at either end",
        ),
        Violation(
            "tags[1]", "must be words of a-z and 0-9 joined by dashes, at most 64 characters"
        ),
        Violation("tags[2]", "must be a string"),
        Violation("agent.defaults.model", "is required"),
        Violation("extra", "is not a known key"),
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
def test_unknown_key_is_refused_at_every_level(change, path):
    assert violations(manifest(**change)) == [Violation(path, "is not a known key")]


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
def test_value_of_wrong_type_is_not_converted(change, path, message):
    assert violations(manifest(**change)) == [Violation(path, message)]


@pytest.mark.parametrize("document", [[], "text", 1, None, True, [manifest()]])
def test_document_must_be_an_object(document):
    assert paths(document) == [""]


@pytest.mark.parametrize("path", ["homepage", "store", "dependencies"])
def test_null_is_refused(path):
    document = manifest() | {path: None}

    assert violations(document) == [Violation(path, "must not be null; leave the key out instead")]


@pytest.mark.parametrize(
    "id",
    ["@a/bc", "@ada/a1", "@ada/" + "a" * 64, "@" + "s" * 64 + "/ab", "@a-b/c-d", "@9/99"],
)
def test_valid_id(id):
    assert parse_manifest(manifest(id=id)).id == id


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
def test_invalid_id(id):
    assert paths(manifest(id=id)) == ["id"]


@pytest.mark.parametrize(
    "version",
    ["0.0.0", "1.2.3", "1.0.0-alpha.1", "1.0.0+build.1", "1.0.0-0a.b--", "9007199254740991.0.0"],
)
def test_valid_version(version):
    assert parse_manifest(manifest(version=version)).version == version


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
def test_invalid_version(version):
    assert paths(manifest(version=version)) == ["version"]


@pytest.mark.parametrize("key", ["name", "tagline"])
@pytest.mark.parametrize(
    "value",
    ["", "   ", "\u200b\u2060", "two\nlines", "tab\t", "bell\x07", "\x85", "\u202eevil", "\u2066x"],
)
def test_one_line_field_with_invisible_text_is_refused(key, value):
    assert paths(manifest(**{key: value})) == [key]


def test_one_line_fields_have_a_maximum_length():
    assert parse_manifest(manifest(name="n" * 128, tagline="t" * 140)).name == "n" * 128
    assert paths(manifest(name="n" * 129, tagline="t" * 141)) == ["name", "tagline"]


@pytest.mark.parametrize("name", ["Планировщик", "计划", "مخطط", "Day 🗓️", "A – B"])
def test_name_may_be_in_any_script(name):
    assert parse_manifest(manifest(name=name)).name == name


def test_description_may_have_several_lines():
    text = "# Title\r\n\n\tcode\n"

    assert parse_manifest(manifest(description=text)).description == text
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
def test_unstorable_character_is_refused_everywhere(change):
    result = violations(manifest(**change))

    assert "must not contain a zero character or a lone surrogate" in [
        violation.message for violation in result
    ]
    paths_in_result = [violation.path for violation in result]
    json.dumps(paths_in_result).encode()
    assert not any("\0" in path or "\ud800" in path for path in paths_in_result)


def test_tags_are_unique_and_limited():
    assert parse_manifest(manifest(tags=[f"t{n}" for n in range(20)] * 2)).tags[-1] == "t19"
    assert paths(manifest(tags=[f"t{n}" for n in range(21)])) == ["tags"]
    assert paths(manifest(tags=["Upper"])) == ["tags[0]"]
    assert paths(manifest(tags=["a" * 65])) == ["tags[0]"]
    assert paths(manifest(tags=["-a"])) == ["tags[0]"]
    assert paths(manifest(tags=["a\n"])) == ["tags[0]"]


@pytest.mark.parametrize(
    "license",
    [
        *("MIT", "Apache-2.0", "MIT OR Apache-2.0", "GPL-2.0-or-later WITH Bison-exception-2.2"),
        *("LicenseRef-mine", "MIT AND LicenseRef-Our.Terms-1", "DocumentRef-a:LicenseRef-b"),
        *("Apache-2.0+", "MIT AND (ISC OR LicenseRef-B)", "MIT WITH AdditionRef-mine"),
    ],
)
def test_valid_license(license):
    assert parse_manifest(manifest(license=license)).license == license


@pytest.mark.parametrize(
    ("license", "spelling"),
    [
        ("mit", "MIT"),
        ("licenseref-Mine", "LicenseRef-Mine"),
        ("GPL-2.0+", "GPL-2.0-or-later"),
        ("GPL-2.0-with-classpath-exception", "GPL-2.0-only WITH Classpath-exception-2.0"),
        ("  MIT   or  apache-2.0 ", "MIT OR Apache-2.0"),
        (
            "gpl-2.0-or-later with classpath-exception-2.0",
            "GPL-2.0-or-later WITH Classpath-exception-2.0",
        ),
    ],
)
def test_license_has_the_spelling_of_the_list(license, spelling):
    assert parse_manifest(manifest(license=license)).license == spelling


@pytest.mark.parametrize(
    ("license", "message"),
    [
        (
            "MIT OR Apache 2.0",
            "has 'Apache 2.0', which is not on the SPDX list; perhaps Apache-2.0",
        ),
        ("MIT/ISC", "put AND or OR between the licences: MIT OR ISC"),
        ("MIT WITH Apache-2.0", "has 'Apache-2.0' behind WITH, which is no SPDX exception"),
        ("LLVM-exception", "has the exception 'LLVM-exception' without a licence"),
        ("(MIT OR ISC", "has a '(' that is not closed"),
        ("MIT OR OR ISC", "has 'OR' where it cannot stand"),
        ("MIT AND", "ends with 'AND'"),
        ("LicenseRef-a_b", "the name behind LicenseRef- may have letters, digits, dots and dashes"),
    ],
)
def test_wrong_part_of_a_license_is_named(license, message):
    with pytest.raises(ManifestError) as refusal:
        parse_manifest(manifest(license=license))

    assert message in str(refusal.value.violations[0].message)


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
        "LicenseRef-",
        "LicenseRef-a b",
        "MIT WITH foo",
        "M\u0131T",
        "MIT\n\nOR x",
        "(" * 400 + "MIT" + ")" * 100,
        "MIT " * 300,
    ],
)
def test_invalid_license(license):
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
def test_valid_url(url):
    assert parse_manifest(manifest(homepage=url, repository=url)).homepage == url


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
def test_invalid_url(url):
    assert paths(manifest(homepage=url, repository=url, author={"name": "A", "url": url})) == [
        "author.url",
        "homepage",
        "repository",
    ]


@pytest.mark.parametrize("glob", ["**", "*.md", "workspace/**/*.md", "./a/*", "{a,b}/*.md", ".x/*"])
def test_valid_files_pattern(glob):
    assert parse_manifest(manifest(files=[glob])).files == (glob,)


@pytest.mark.parametrize(
    "glob",
    ["", " ", "/etc/*", "../*", "a/../../b", "a\\b", "{a,../b}", "!../x", "a\nb", "x" * 1025],
)
def test_invalid_files_pattern(glob):
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
        "docs/a.md",
        "notes/MEMORY.md",
        "MEMORIES.md",
        ".hidden",
    ],
)
def test_valid_workspace_target(target):
    document = manifest(openclaw={"entrypoints": {target: "a.md"}, "templates": {target: "a.md"}})

    assert target in parse_manifest(document).openclaw.entrypoints


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
        "memory/2026-11-29.md",
        "Memory/notes.txt",
    ],
)
def test_invalid_workspace_target(target):
    for part in ("entrypoints", "templates"):
        document = manifest(openclaw={"entrypoints": {}, part: {target: "a.md"}})
        assert paths(document)[0].startswith(f"openclaw.{part}")


def test_users_own_file_is_a_template_only():
    """A managed file is overwritten by every update; a template is written once."""
    maps = {"templates": {"USER.md": "a.md"}, "entrypoints": {}}
    assert parse_manifest(manifest(openclaw=maps)).openclaw.templates == {"USER.md": "a.md"}

    document = manifest(openclaw={"entrypoints": {"USER.md": "a.md"}})
    assert paths(document) == ["openclaw.entrypoints.USER.md"]


def test_mapped_path_must_stay_in_the_package():
    document = manifest(openclaw={"entrypoints": {"AGENTS.md": "../x.md", "SOUL.md": "./y.md"}})

    assert paths(document) == ["openclaw.entrypoints.AGENTS.md"]


@pytest.mark.parametrize("key", ["lower", "1A", "A-B", "", "A B", "_A", "A" * 129])
def test_secret_key_must_be_upper_snake_case(key):
    secret = {"key": key, "prompt": "p", "required": True, "target": "env"}

    assert paths(manifest(setup={"secrets": [secret]})) == ["setup.secrets[0].key"]


def test_violations_are_limited():
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
def test_ambiguous_json_is_refused(text):
    with pytest.raises(StrictJsonError):
        parse_json(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [("{}", {}), (b'{"a": [1, 2.5, true, null]}', {"a": [1, 2.5, True, None]}), ('"\\u00e9"', "é")],
)
def test_json_is_parsed(text, value):
    assert parse_json(text) == value


def test_json_may_have_64_levels():
    assert parse_json("[" * 64 + "]" * 64)


def test_deep_document_is_refused_by_the_schema():
    deep = {}
    for _ in range(5_000):
        deep = {"a": deep}

    assert "agent" in paths(manifest(agent=deep))[0]
