"""The form for agent.json, for imports that have none.

It limits the length of each field and makes a document from all. The rules of the format check the
document, and the form shows their errors beside the fields.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from foundation.refusals import Refusal
from registry.models import Draft
from registry.publishing.errors import (
    InvalidManifest,
    NotOfficial,
    ScopeMismatch,
    VersionNotMonotonic,
)

MAX_CHARACTERS = 120_000
"""Of one field: more than any limit of the format, whose own message is then shown."""
OPTIONAL = "(optional)"
FIELDS_BY_PATH = {
    "id": "slug",
    "author": "author_name",
    "author.name": "author_name",
    "author.url": "author_url",
    "agent.defaults.model": "model",
    "agent.defaults.thinking": "thinking",
    "dependencies.providers.any": "providers",
    "dependencies.skills": "skills",
    "dependencies.plugins": "plugins",
    "setup.secrets": "secrets",
    "store.icon": "icon",
}
"""The field of the form by the path in agent.json, where they have different names."""
FIELD_OF_REFUSAL = {ScopeMismatch: "scope", VersionNotMonotonic: "version", NotOfficial: "version"}


@dataclass(frozen=True, slots=True)
class ManifestChoices:
    """The scopes that an author may publish in, and the categories with their names."""

    scopes: Sequence[str]
    categories: Sequence[tuple[str, str]]


def _line(label: Any, help_text: Any = "", **attributes: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        required=False,
        max_length=MAX_CHARACTERS,
        widget=forms.TextInput(attrs=attributes),
    )


def _lines(label: Any, help_text: Any, rows: int) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        required=False,
        max_length=MAX_CHARACTERS,
        widget=forms.Textarea(attrs={"rows": rows}),
    )


class ManifestForm(forms.Form):
    """The fields of agent.json; `document` has the same as JSON."""

    name = _line(_("Name"), _("As lists and pages show it."))
    scope = forms.ChoiceField(label=_("Scope"), required=False)
    slug = _line(
        _("Short name"),
        _("The second part of the id: 2 to 64 of a-z, 0-9 and dashes. It never changes."),
        autocapitalize="off",
        spellcheck="false",
    )
    version = _line(_("Version"), _("Such as 0.1.0. Each publish needs a higher one."))
    tagline = _line(_("Tagline"), _("One sentence for lists, at most 140 characters."))
    description = _lines(
        _("Description"), _("What the agent does, for whom, and what not. Markdown."), 8
    )
    category = forms.ChoiceField(label=_("Category"), required=False)
    tags = _line(_("Tags (optional)"), _("Lower case, separated by spaces or commas."))
    license = _line(
        _("Licence"),
        _("An SPDX expression, such as MIT, Apache-2.0 or CC-BY-4.0."),
        list="licences",
    )
    author_name = _line(_("Author"))
    model = _line(
        _("Model"), _("What the agent was made with, such as anthropic/claude-sonnet-4-5.")
    )
    providers = _line(
        _("Works with providers (optional)"), _("Such as anthropic, openai. Separated by commas.")
    )
    secrets = _lines(
        _("Secrets it asks for (optional)"),
        _(
            "One on a line: the name of the variable, then what it is for. Never a secret itself."
            " End a line with (optional) if the agent works without it."
        ),
        3,
    )
    plugins = _lines(
        _("Plugins (optional)"), _("One on a line, such as npm:@openclaw/plugin-github."), 2
    )
    skills = _lines(
        _("Skills that are not in the package (optional)"), _("Their names, one on a line."), 2
    )
    thinking = _line(_("Thinking (optional)"), _("How much the model thinks, such as low."))
    icon = forms.ChoiceField(label=_("Icon (optional)"), required=False)
    author_url = _line(_("Address of the author (optional)"), inputmode="url")
    homepage = _line(_("Homepage (optional)"), inputmode="url")
    repository = _line(_("Repository (optional)"), inputmode="url")

    @property
    def main_fields(self) -> list[forms.BoundField]:
        """The fields that every agent needs, besides its id."""
        picture = " icon" if self._suggestions["images"] else ""
        return self._bound(
            f"name tagline description category tags license author_name model{picture}"
        )

    @property
    def id_fields(self) -> list[forms.BoundField]:
        has_choice = len(self.fields["scope"].choices) > 1  # type: ignore[attr-defined]
        return self._bound("scope slug version" if has_choice else "slug version")

    @property
    def more_fields(self) -> list[forms.BoundField]:
        """The fields that only some agents need."""
        return self._bound(
            "secrets providers plugins skills thinking author_url homepage repository"
        )

    @property
    def opens_more(self) -> bool:
        """Whether a field that only some agents need has a value or an error."""
        return any(field.errors or field.value() for field in self.more_fields)

    def _bound(self, names: str) -> list[forms.BoundField]:
        return [self[name] for name in names.split()]

    def __init__(self, data: Any, *, draft: Draft, choices: ManifestChoices) -> None:
        self._suggestions: dict[str, Any] = draft.import_facts["suggestions"]
        initial = _read_document(draft.manifest) if draft.manifest else self._suggest(draft)
        super().__init__(data, initial=initial)
        self.fields["scope"].choices = [(scope, f"@{scope}") for scope in choices.scopes]  # type: ignore[attr-defined]
        self.fields["category"].choices = [("", _("Choose…")), *choices.categories]  # type: ignore[attr-defined]
        icons = [(path, path) for path in self._suggestions["images"]]
        self.fields["icon"].choices = [("", _("None")), *icons]  # type: ignore[attr-defined]

    def _suggest(self, draft: Draft) -> dict[str, Any]:
        suggestions = self._suggestions
        return {
            "name": suggestions["name"],
            "slug": suggestions["slug"],
            "version": suggestions["version"] or "0.1.0",
            "tagline": suggestions["tagline"],
            "description": suggestions["description"],
            "model": suggestions["model"],
            "skills": "\n".join(suggestions["skills"]),
            "icon": suggestions["icon"],
            "author_name": draft.owner_user.get_full_name(),
        }

    def document(self) -> dict[str, Any]:
        """Returns agent.json, without optional fields that were left empty."""
        data = self.cleaned_data
        document: dict[str, Any] = {
            "schemaVersion": 1,
            "id": f"@{data['scope'] or self._first_scope()}/{data['slug'].strip()}",
            "version": data["version"].strip(),
            "name": data["name"].strip(),
            "tagline": data["tagline"].strip(),
            "description": data["description"].replace("\r\n", "\n").strip(),
            "category": data["category"],
            "tags": _words(data["tags"]),
            "author": _without_empty(
                {"name": data["author_name"].strip(), "url": data["author_url"].strip()}, "url"
            ),
            "license": data["license"].strip(),
            "homepage": data["homepage"].strip(),
            "repository": data["repository"].strip(),
            "agent": {
                "defaults": _without_empty(
                    {"model": data["model"].strip(), "thinking": data["thinking"].strip()},
                    "thinking",
                )
            },
            "files": list(self._suggestions["files"]),
            "dependencies": self._dependencies(),
            "setup": {"secrets": secrets} if (secrets := _read_secrets(data["secrets"])) else None,
            "store": self._store(),
            "openclaw": {"entrypoints": {path: path for path in self._suggestions["entrypoints"]}},
        }
        optional = ("homepage", "repository", "dependencies", "setup", "store")
        return _without_empty(document, *optional)

    def _first_scope(self) -> str:
        return next((scope for scope, _name in self.fields["scope"].choices), "")  # type: ignore[attr-defined]

    def _dependencies(self) -> dict[str, Any]:
        data = self.cleaned_data
        plugins = [
            {"spec": text, "required": is_required}
            for text, is_required in _read_lines(data["plugins"])
        ]
        skills = [
            {"slug": text, "required": is_required}
            for text, is_required in _read_lines(data["skills"])
        ]
        providers = _words(data["providers"])
        document = {
            "plugins": plugins,
            "skills": skills,
            "providers": {"any": providers} if providers else None,
        }
        return _without_empty(document, *document)

    def _store(self) -> dict[str, Any]:
        images = self._suggestions["images"]
        screenshots = [path for path in images if path.startswith("store/screenshot-")]
        document = {"icon": self.cleaned_data["icon"], "screenshots": screenshots}
        return _without_empty(document, *document)

    def place_errors(self, refusal: Refusal) -> None:
        """Places the errors of a refusal beside the fields that they are about."""
        name = FIELD_OF_REFUSAL.get(type(refusal))
        if name:
            self._add(name, str(refusal.message))
        if not isinstance(refusal, InvalidManifest):
            return
        for error in refusal.details["errors"]:
            field = _field_of(error["path"])
            if field in self.fields:
                self._add(field, str(error["message"]))
            else:
                self.add_error(None, f"{error['path']} {error['message']}")

    def _add(self, name: str, message: str) -> None:
        self.add_error(name, f"{message[:1].upper()}{message[1:].rstrip('.')}.")


def _field_of(path: str) -> str:
    """Returns the field of a path such as `setup.secrets[1].key`."""
    plain_path = path.partition("[")[0]
    return FIELDS_BY_PATH.get(path) or FIELDS_BY_PATH.get(plain_path) or plain_path


def _without_empty(document: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in document.items() if key not in keys or value}


def _words(text: str) -> list[str]:
    return text.replace(",", " ").split()


def _read_lines(text: str) -> list[tuple[str, bool]]:
    """Returns the lines, each with whether it is required."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return [(line.removesuffix(OPTIONAL).strip(), not line.endswith(OPTIONAL)) for line in lines]


def _read_secrets(text: str) -> list[dict[str, Any]]:
    secrets = []
    for line, is_required in _read_lines(text):
        # A line may have no word but the mark of the optional ones; the format refuses it.
        key, prompt = [*line.replace(":", " ", 1).split(maxsplit=1), "", ""][:2]
        secrets.append({"key": key, "prompt": prompt, "required": is_required, "target": "env"})
    return secrets


def _read_document(document: dict[str, Any]) -> dict[str, Any]:
    """Returns the values of the form for an agent.json that it has made."""
    scope, _slash, slug = document["id"].removeprefix("@").partition("/")
    dependencies = document.get("dependencies", {})
    defaults = document["agent"]["defaults"]
    return {
        **{
            key: document.get(key, "")
            for key in ("version", "name", "tagline", "description", "category", "license")
        },
        "homepage": document.get("homepage", ""),
        "repository": document.get("repository", ""),
        "scope": scope,
        "slug": slug,
        "tags": " ".join(document["tags"]),
        "author_name": document["author"]["name"],
        "author_url": document["author"].get("url", ""),
        "model": defaults["model"],
        "thinking": defaults.get("thinking", ""),
        "providers": ", ".join(dependencies.get("providers", {}).get("any", ())),
        "plugins": _write_lines(dependencies.get("plugins", ()), "spec"),
        "skills": _write_lines(dependencies.get("skills", ()), "slug"),
        "secrets": "\n".join(
            _write_line(f"{secret['key']} {secret['prompt']}", secret["required"])
            for secret in document.get("setup", {}).get("secrets", ())
        ),
        "icon": document.get("store", {}).get("icon", ""),
    }


def _write_lines(entries: Sequence[dict[str, Any]], key: str) -> str:
    return "\n".join(_write_line(entry[key], entry["required"]) for entry in entries)


def _write_line(text: str, is_required: bool) -> str:
    return text if is_required else f"{text} {OPTIONAL}"
