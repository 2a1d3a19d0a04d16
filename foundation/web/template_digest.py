"""Digest of templates, which names the renderer of stored HTML.

HTML that is stored under such a digest is never read after an edit of what made it, without a
version number that a developer must raise.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import cast

import django
from django.conf import settings
from django.template import Engine, Template
from django.template.loader_tags import IncludeNode

_LOAD_TAG = re.compile(r"{%\s*load\s+([^%]+?)\s*%}")


def digest_templates(names: Iterable[str], modules: Iterable[ModuleType] = ()) -> str:
    """The digest of templates, their includes, tags and translations.

    ``modules`` are further modules whose code decides what the HTML is.
    """
    digest = hashlib.blake2b(django.get_version().encode(), digest_size=12)
    sources = template_sources(*names)
    for name in sorted(sources):
        digest.update(sources[name].encode())
    tags = (names for source in sources.values() for names in _LOAD_TAG.findall(source))
    libraries = {library for names in tags for library in names.split()}
    tag_modules = sorted(Engine.get_default().libraries[library] for library in libraries)
    for module in (*modules, *map(import_module, tag_modules)):
        digest.update(Path(str(module.__file__)).read_bytes())
    for folder in settings.LOCALE_PATHS:
        for catalogue in sorted(Path(folder).rglob("*.mo")):
            digest.update(catalogue.read_bytes())
    return digest.hexdigest()


def template_sources(*names: str) -> dict[str, str]:
    """The source of these templates and of all that they include, by name."""
    return dict(source for name in names for source in _walk_includes(name))


def _walk_includes(name: str) -> Iterator[tuple[str, str]]:
    template: Template = Engine.get_default().get_template(name)
    yield str(template.name), str(template.source)
    includes = cast(list[IncludeNode], template.nodelist.get_nodes_by_type(IncludeNode))
    for node in includes:
        if not isinstance(node.template.var, str):
            # Such a template could not be part of the digest.
            raise TypeError(f"{name} includes a template whose name is a variable.")
        yield from _walk_includes(node.template.var)
