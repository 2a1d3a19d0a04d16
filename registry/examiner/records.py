"""Requests to the examiner and its answers: plain data, sent as JSON."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from foundation.text.diff import Hunk
from foundation.text.markdown import Rendered
from registry.analysis.diff.files import FilePair
from registry.analysis.file_text import FileText
from registry.analysis.model import Analysis
from registry.examiner.rendered_file import ContentKey, RenderedFile
from registry.package.checks.checked_image import SVG, AssetKind, CheckedAsset
from registry.package.checks.file import PackageFile
from registry.package.findings import Finding
from registry.package.limits import LIMITS, PackageLimits
from registry.package.manifest.schema import Violation

RELEASE_NOTES = "release_notes"
"""Document name of the release notes among the renderings of a version."""
README = "readme"
DESCRIPTION = "description"
"""Document name of the description, a field of the manifest."""
FILE_DOCUMENT = "file:"
"""Begins the document name of a file that links to others of its version."""


def file_document(path: str) -> str:
    """Returns the document name of a file; a path may be longer than the column."""
    is_readme = path.casefold() == "readme.md"
    # The column has 32 characters.
    return README if is_readme else FILE_DOCUMENT + hashlib.sha256(path.encode()).hexdigest()[:26]


@dataclass(frozen=True, slots=True)
class ManifestIdentity:
    """The part of an agent.json that a publish needs before it opens the package."""

    id: str
    version: str
    category: str

    @property
    def scope(self) -> str:
        return self.id.removeprefix("@").partition("/")[0]

    @property
    def agent_name(self) -> str:
        return self.id.partition("/")[2]


@dataclass(frozen=True, slots=True)
class ManifestAnswer:
    """Either `identity`, or `syntax_error` for text that is not JSON, or `violations`."""

    identity: ManifestIdentity | None = None
    syntax_error: str = ""
    violations: tuple[Violation, ...] = ()


@dataclass(frozen=True, slots=True)
class SentImage:
    kind: AssetKind
    path: str


@dataclass(frozen=True, slots=True)
class CheckRequest:
    """Comes with open files: the tarball, and then the images in their order.

    `claimed_text` is the agent.json that was sent beside the package, or None. If `has_file_names`,
    the path of an image is its name on the author's disk, and the manifest tells the real path.
    `other_images` are the paths of images that the version has besides.
    """

    categories: tuple[str, ...]
    claimed_text: str | None = None
    images: tuple[SentImage, ...] = ()
    other_images: tuple[str, ...] | None = None
    has_file_names: bool = False
    limits: PackageLimits = LIMITS


@dataclass(frozen=True, slots=True)
class CheckAnswer:
    """`metadata` is the agent.json of the package, or None if there is no text.

    `name` is the agent and the version, for people, also if other parts of agent.json are faulty.
    `shop_keys` has the SHA-256 of each key of this shop in the package.
    """

    files: tuple[PackageFile, ...]
    findings: tuple[Finding, ...]
    images: tuple[CheckedAsset, ...]
    metadata: str | None
    name: str = ""
    shop_keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DeriveRequest:
    """`metadata` is the manifest as JSON. What is `present` is not rendered again.

    The files of a draft have no pages: they are not rendered, and prose has no links to them.
    """

    metadata: str
    present: Sequence[ContentKey] = ()
    is_draft: bool = False


@dataclass(frozen=True, slots=True)
class DeriveAnswer:
    """`renderings` has the HTML of the prose by the name of the document."""

    renderings: dict[str, Rendered]
    analysis: Analysis
    rendered_files: tuple[RenderedFile, ...]


@dataclass(frozen=True, slots=True)
class UnpackRequest:
    """Comes with the tarball and the output.

    `places` is where the content of each path begins.
    """

    places: dict[str, int]
    limits: PackageLimits = LIMITS


@dataclass(frozen=True, slots=True)
class DiffRequest:
    """Two versions, and the texts of their files by SHA-256."""

    old: Analysis
    new: Analysis
    pairs: tuple[FilePair, ...]
    unchanged_count: int
    texts: dict[str, FileText]


SMALL_ICON_BYTES = 10_000


@dataclass(frozen=True, slots=True)
class ImageToShrink:
    """An image that was checked. `sha256` names the stored one."""

    kind: AssetKind
    content_type: str
    sha256: str


@dataclass(frozen=True, slots=True)
class SmallImage:
    """A WebP in base 16, with its SHA-256. Both are empty if no copy can be made."""

    webp: str = ""
    sha256: str = ""

    @property
    def data(self) -> bytes:
        return bytes.fromhex(self.webp)


def is_short_svg(content_type: str, size: int) -> bool:
    """Whether an icon is served as it is: it is as short as a copy, and sharper."""
    return content_type == SVG and size <= SMALL_ICON_BYTES


FileHunks = tuple[Hunk, ...]
"""The hunks of one file."""
