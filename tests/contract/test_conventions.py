"""Rules of the project that no linter checks."""

import re
import subprocess
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.urls import URLPattern, URLResolver, get_resolver

from tests.support.openapi import operations

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
CONTRACTS = {c["name"].split(":")[0]: c for c in PROJECT["tool"]["importlinter"]["contracts"]}
LONGEST_MODULE = 400


def tracked(*patterns: str) -> list[Path]:
    """Files of the project, also those not committed yet."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", *patterns],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [ROOT / name for name in listing.stdout.split("\0") if name and (ROOT / name).is_file()]


def our_apps() -> Iterator[str]:
    for config in apps.get_app_configs():
        if Path(config.path).is_relative_to(ROOT) and ".venv" not in config.path:
            yield config.name


def places(layers: list[str]) -> set[str]:
    return {place.strip(" ()") for layer in layers for place in layer.split("|")}


def test_every_app_is_in_the_layer_contract() -> None:
    top = {name.partition(".")[0] for name in our_apps()}

    assert top == places(CONTRACTS["Layers"]["layers"])


def test_every_registry_feature_is_in_the_inner_contract() -> None:
    inner = CONTRACTS["Inside a feature or app"]["containers"]
    features = {
        path.parent.name
        for path in tracked("registry/*/*.py")
        if path.name in {"views.py", "api.py", "actions.py", "queries.py"}
    }

    assert {f"registry.{feature}" for feature in features} - set(inner) == set()


def test_registry_keeps_its_code_in_feature_folders() -> None:
    assembly = {"admin", "api", "apps", "export", "urls"}
    shared_modules = {"errors", "limits"}
    modules = {path.stem for path in tracked("registry/*.py") if path.parent.name == "registry"}

    assert modules == {"__init__"} | assembly | shared_modules


def test_all_web_code_of_the_registry_is_kept_from_parsers() -> None:
    sealed_modules = {"package", "analysis", "examiner", "__init__", "apps", "migrations"}
    paths = (path.relative_to(ROOT) for path in tracked("registry/*"))
    modules = {path.parts[1].removesuffix(".py") for path in paths}
    web_modules = {f"registry.{module}" for module in modules - sealed_modules}

    assert web_modules <= set(CONTRACTS["Bytes of strangers"]["source_modules"])


def test_tasks_of_the_examiner_are_performed_in_a_child_only() -> None:
    folders = ("registry", "reviews", "moderation", "profiles", "clawstore", "foundation")
    sources = tracked(*(f"{folder}/**.py" for folder in folders))

    assert len(sources) > 300
    assert [str(path) for path in sources if "Examiner(" in path.read_text()] == []


def test_test_and_base_locks_pin_the_same_versions() -> None:
    """Both locks pin the same, so `make test` guards what `make serve` runs."""

    def pins(lock: str) -> set[str]:
        text = (ROOT / "requirements" / f"{lock}.lock").read_text()
        return set(re.findall(r"^([a-z0-9._-]+==\S+)", text, re.MULTILINE))

    assert pins("base") - pins("test") == set()
    assert len(pins("base")) > 30


def test_no_module_is_too_long() -> None:
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text().splitlines())
        for path in tracked("*.py")
        if "migrations" not in path.parts and "tests" not in path.parts
    }

    assert {name: n for name, n in lengths.items() if n > LONGEST_MODULE} == {}


# Concatenated, so that this file does not match.
MACHINE_PATHS = re.compile("|".join(["/" + "work/", "/" + "root/", "/" + "home/[a-z]+/"]))
REGISTRIES = re.compile(r"(?:pypi|pythonhosted|npmjs)\." + "org", re.IGNORECASE)


@pytest.mark.parametrize("pattern", [MACHINE_PATHS, REGISTRIES], ids=["machine", "registry"])
def test_no_file_names_one_machine_or_a_registry(pattern: re.Pattern[str]) -> None:
    hits = []
    for path in tracked():
        text = path.read_bytes().decode("utf-8", "replace")
        hits += [f"{path.relative_to(ROOT)}: {hit[0]}" for hit in pattern.finditer(text)]

    assert hits == []


def test_every_environment_variable_is_documented() -> None:
    settings = "".join(path.read_text() for path in tracked("clawstore/*.py"))
    variables = set(re.findall(r'(?:env\.\w+|secret_value)\((?:env, )?"([A-Z0-9_]+)"', settings))
    example = (ROOT / ".env.example").read_text()
    in_example = set(re.findall(r"^#? ?([A-Z0-9_]+)=", example, re.MULTILINE))
    table = (ROOT / "docs/OPERATING.md").read_text().partition("## Every variable")[2]

    # The example is for production, which this variable does not suit.
    assert variables - in_example == {"LIMITS"}
    assert (variables | in_example) - set(re.findall(r"`([A-Z0-9_]+)`", table)) == set()


def test_no_page_loads_from_another_host() -> None:
    """Pages, styles and scripts come from the shop alone; links may lead anywhere."""
    loads = re.compile(r"""(?:<(?:script|img|iframe|source)\b[^>]*\bsrc|<link\b[^>]*\bhref|url\()\s*
        [=]?\s*["']?\s*(?:https?:)?//""", re.VERBOSE | re.IGNORECASE)  # fmt: skip
    paths = [
        str(path.relative_to(ROOT))
        for path in tracked("*.html", "*.css", "*.js")
        if "demo" not in path.parts and loads.search(path.read_text())
    ]

    assert paths == []


def test_no_template_has_inline_styles_or_scripts() -> None:
    """The content security policy would block them without an error message."""
    inline = re.compile(
        r"<script(?![^>]*\bsrc=)[^>]*>|<style\b|\sstyle=|\son[a-z]+=", re.IGNORECASE
    )
    # Its own policy allows exactly its style and its script: it must load nothing.
    with_own_policy = ROOT / "templates/errors/bare.html"
    hits = [
        f"{path.relative_to(ROOT)}: {hit[0].strip()}"
        for path in tracked("templates/*.html", "**/templates/*.html")
        if path != with_own_policy
        for hit in inline.finditer(path.read_text())
    ]

    assert hits == []


def test_route_names_are_unique() -> None:
    names = Counter(
        pattern.name
        for pattern in patterns_of(get_resolver())
        if isinstance(pattern.name, str) and not pattern.name.startswith(("api", "openapi"))
    )

    # Our pages replace those of the sign-in library under its names.
    repeated_names = {name for name, count in names.items() if count > 1}
    assert repeated_names == {"account_login", "account_logout"}


def patterns_of(resolver: URLResolver) -> Iterator[URLPattern]:
    """URL patterns without a namespace."""
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLPattern):
            yield pattern
        elif not pattern.namespace:
            yield from patterns_of(pattern)


def test_operation_ids_are_unique() -> None:
    """A generated client names a function after each."""
    ids = Counter(operation["operationId"] for _, _, operation in operations())

    assert [name for name, count in ids.items() if count > 1] == []
