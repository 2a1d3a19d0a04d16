"""Requests and answers of an import: plain data."""

from dataclasses import dataclass
from typing import Literal

from registry.package.checks.checked_image import AssetKind
from registry.package.findings import Finding
from registry.package.limits import LIMITS, PackageLimits

SourceKind = Literal["zip", "tar", "parts", "folder"]
Layout = Literal["package", "workspace", "template", "claw", "backup", "folder"]
Reason = Literal[
    "junk", "private", "program", "hidden", "link", "outside", "settings", "unselected"
]


@dataclass(frozen=True, slots=True)
class SourcePart:
    """A file of a folder. The files of one folder follow one another in one stream."""

    path: str
    size: int


@dataclass(frozen=True, slots=True)
class ImportRequest:
    """A source: a stream, or a folder on disk by its path.

    `manifest_text` becomes the agent.json of the package. `extra` are the paths of further files,
    whose streams follow.
    """

    kind: SourceKind
    parts: tuple[SourcePart, ...] = ()
    folder: str = ""
    manifest_text: str | None = None
    extra: tuple[SourcePart, ...] = ()
    limits: PackageLimits = LIMITS


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A file of the source that is not packed, or a folder with `count` of them."""

    path: str
    reason: Reason
    count: int = 1


@dataclass(frozen=True, slots=True)
class ManifestSuggestions:
    """Values for agent.json that were read in the files; empty if there is none."""

    name: str = ""
    emoji: str = ""
    slug: str = ""
    version: str = ""
    tagline: str = ""
    description: str = ""
    model: str = ""
    skills: tuple[str, ...] = ()
    entrypoints: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    icon: str = ""
    images: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PlannedImage:
    """A picture that agent.json names in `store`. `size` is in bytes."""

    kind: AssetKind
    path: str
    size: int


@dataclass(frozen=True, slots=True)
class ImportSummary:
    """The contents of a package that can be made from a source.

    `root` is the folder of the source that becomes the package, or "". `other_roots` are the
    folders of other workspaces in it. `review_paths` are files of the package that often say
    something about their author. `executable_count` files lose their executable bit.
    """

    layout: Layout
    root: str
    has_manifest: bool
    file_count: int
    left_out: tuple[LeftOut, ...]
    left_out_count: int
    review_paths: tuple[str, ...]
    other_roots: tuple[str, ...]
    executable_count: int
    suggestions: ManifestSuggestions


@dataclass(frozen=True, slots=True)
class ImportAnswer:
    """With `findings` there is no package. `output_bytes` is its largest size."""

    summary: ImportSummary
    findings: tuple[Finding, ...]
    images: tuple[PlannedImage, ...]
    output_bytes: int


@dataclass(frozen=True, slots=True)
class Conversion:
    """`size` bytes of the output are the package; the images follow one after another."""

    size: int
    images: tuple[PlannedImage, ...]
    findings: tuple[Finding, ...] = ()
