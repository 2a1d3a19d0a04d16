"""Decides what a package is made of, by the names of a source and small texts.

A source with an agent.json at its root is a package: its `files` patterns select, as when the
client packs it. Any other source is a workspace of OpenClaw, from which files that are private or
cannot be in a package are left out by name.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import accumulate

from foundation.sandbox.place import working_on
from registry.package.archive.errors import ArchiveError, TooManyFiles
from registry.package.archive.members import Archive, Member
from registry.package.checks.checked_image import AssetKind
from registry.package.checks.globs import compile_globs
from registry.package.checks.paths import NameTree, fold_name, make_printable
from registry.package.findings import Finding, FindingList
from registry.package.imports.layouts import find_layout
from registry.package.imports.records import (
    ImportAnswer,
    ImportSummary,
    Layout,
    LeftOut,
    PlannedImage,
    Reason,
)
from registry.package.imports.rules import REVIEW_NAMES, is_junk, reason_to_leave_out
from registry.package.imports.suggestions import READ_NAMES, suggest
from registry.package.limits import PackageLimits, format_bytes
from registry.package.manifest.schema import MANIFEST, Manifest, ManifestError, parse_manifest
from registry.package.manifest.strict_json import StrictJsonError, parse_json

MAX_MEMBERS = 65_535
MAX_READ_BYTES = 256 * 1024
"""Of each small text, apart from agent.json."""
MAX_ALL_READ_BYTES = 4 * 1024 * 1024
MAX_LISTED = 100
"""Entries of the list of what is left out."""
MAX_ALL_IMAGE_BYTES = 64 * 1024 * 1024
_TAR_BLOCK = 512


@dataclass
class ImportPlan:
    """`kept_paths` has the path in the package by the path in the source."""

    answer: ImportAnswer
    kept_paths: Mapping[str, str]
    manifest: Manifest | None


@dataclass
class Listing:
    """The members of a source without junk, and the texts that were read."""

    files: dict[str, Member] = field(default_factory=dict)
    junk: list[str] = field(default_factory=list)
    texts: dict[str, bytes] = field(default_factory=dict)
    problems: list[Member] = field(default_factory=list)
    repeated_paths: list[str] = field(default_factory=list)
    read_bytes: int = 0


def list_source(source: Archive, limits: PackageLimits) -> Listing:
    """Reads all names of a source. Raises ArchiveError."""
    listing, count = Listing(), 0
    for member in source:
        count += 1
        if count > MAX_MEMBERS:
            raise TooManyFiles(f"There are more than {MAX_MEMBERS:,} files and folders.")
        if member.kind == "folder" and not member.problem:
            continue
        if is_junk(member.path) and ".." not in member.path:
            listing.junk.append(member.path)
        elif member.problem:
            listing.problems.append(member)
        elif member.path in listing.files:
            listing.repeated_paths.append(member.path)
        else:
            listing.files[member.path] = member
            _read_text(source, member, listing, limits)
    return listing


def _read_text(source: Archive, member: Member, listing: Listing, limits: PackageLimits) -> None:
    name = member.path.rpartition("/")[2]
    limit = limits.manifest_bytes if name == MANIFEST else MAX_READ_BYTES
    if member.kind != "file" or fold_name(name) not in READ_NAMES or member.size > limit:
        return
    listing.read_bytes += member.size
    if listing.read_bytes <= MAX_ALL_READ_BYTES:
        working_on(member.path)
        listing.texts[member.path] = b"".join(source.content())


def plan_import(
    source: Archive, limits: PackageLimits, *, manifest_text: str | None = None
) -> ImportPlan:
    """Returns the plan for a source.

    `manifest_text` is an agent.json that takes the place of the one in the source. Without a root,
    the source is a package whose names are final already.
    """
    findings = FindingList(limits.findings)
    try:
        listing = list_source(source, limits)
    except ArchiveError as error:
        findings.add(error.code, "", str(error))
        return _refused(findings)
    for member in listing.problems:
        findings.add("unsafe_path", member.path, f"The name {member.problem}.")
    for path in listing.repeated_paths:
        findings.add("duplicate_path", path, "The source has this name twice.")
    if not listing.files:
        findings.add("archive_unreadable", "", "There are no files to make a package of.")
    if manifest_text is not None:
        listing.texts[MANIFEST] = manifest_text.encode()
    layout, root, other_roots = find_layout(listing.files, has_manifest=manifest_text is not None)
    selection = _Selection(listing, root, layout, limits)
    selection.select()
    selection.check(findings)
    return selection.plan(findings, other_roots)


def _refused(findings: FindingList) -> ImportPlan:
    summary = ImportSummary("folder", "", False, 0, (), 0, (), (), 0, suggest({}, "", {}, ()))
    return ImportPlan(ImportAnswer(summary, findings.in_order(), (), 0), {}, None)


@dataclass
class _Selection:
    """The files that are packed, and those that are left out."""

    listing: Listing
    root: str
    layout: Layout
    limits: PackageLimits
    kept_paths: dict[str, str] = field(default_factory=dict)
    left_out: list[tuple[str, Reason]] = field(default_factory=list)
    manifest: Manifest | None = None

    @property
    def prefix(self) -> str:
        return f"{self.root}/" if self.root else ""

    def select(self) -> None:
        self.left_out = [(self._inside(path), "junk") for path in self.listing.junk]
        is_selected = self._patterns() if self.layout == "package" else None
        for path, member in self.listing.files.items():
            if not path.startswith(self.prefix):
                self.left_out.append((path, "outside"))
                continue
            inner_path = path.removeprefix(self.prefix)
            reason = (
                _reason(inner_path, member)
                if is_selected is None
                else None
                if is_selected(inner_path)
                else "unselected"
            )
            if reason is None:
                self.kept_paths[path] = inner_path
            else:
                self.left_out.append((inner_path, reason))

    def _inside(self, path: str) -> str:
        return path.removeprefix(self.prefix)

    def _patterns(self) -> Callable[[str], bool]:
        """Returns which files agent.json selects. All, if it has no readable list."""
        try:
            document = parse_json(self.listing.texts.get(f"{self.prefix}{MANIFEST}", b""))
        except StrictJsonError:
            return lambda path: True
        patterns = document.get("files") if isinstance(document, dict) else None
        if not isinstance(patterns, list) or not patterns:
            return lambda path: True
        if not all(isinstance(pattern, str) for pattern in patterns):
            return lambda path: True
        try:
            self.manifest = parse_manifest(document)
        except ManifestError:
            self.manifest = None
        return compile_globs((MANIFEST, *patterns))

    def check(self, findings: FindingList) -> None:
        names, size = NameTree(), 0
        for path, inner_path in self.kept_paths.items():
            member = self.listing.files[path]
            size += member.size
            if member.kind == "link":
                findings.add("link", inner_path, "Links are not allowed. Pack the file itself.")
            if member.kind == "special":
                message = "Only regular files and folders are allowed."
                findings.add("special_file", inner_path, message)
            existing_name = names.add(inner_path, is_folder=False)
            if existing_name is not None:
                message = (
                    f"The name collides with {existing_name!r} on some disks. Rename one of them."
                )
                findings.add("duplicate_path", inner_path, message)
        if len(self.kept_paths) > self.limits.files:
            message = f"The package has more than {self.limits.files:,} files."
            findings.add("too_many_files", "", message)
        if size > self.limits.unpacked_bytes:
            limit = format_bytes(self.limits.unpacked_bytes)
            findings.add("package_too_large", "", f"The files are larger than {limit} together.")

    def plan(self, findings: FindingList, other_roots: tuple[str, ...]) -> ImportPlan:
        errors: tuple[Finding, ...] = findings.in_order()
        members = [self.listing.files[path] for path in self.kept_paths]
        images = self._images()
        summary = ImportSummary(
            layout=self.layout,
            root=self.root,
            has_manifest=self.layout == "package",
            file_count=len(self.kept_paths),
            left_out=group_left_out(self.left_out),
            left_out_count=len(self.left_out),
            review_paths=tuple(path for path in self.kept_paths.values() if path in REVIEW_NAMES),
            other_roots=other_roots,
            executable_count=sum(bool(member.mode & 0o6111) for member in members),
            suggestions=suggest(
                self.listing.texts, self.root, self.kept_paths, tuple(self.listing.files)
            ),
        )
        room = _room(members, self.limits) + sum(image.size for image in images)
        return ImportPlan(
            ImportAnswer(summary, errors, images, room), self.kept_paths, self.manifest
        )

    def _images(self) -> tuple[PlannedImage, ...]:
        """Returns the pictures of `store` that are in the source, in their order."""
        if self.manifest is None:
            return ()
        store = self.manifest.store
        named_images: list[tuple[AssetKind, str]] = [("icon", store.icon)] if store.icon else []
        named_images += [("screenshot", path) for path in store.screenshots]
        images = []
        for kind, path in named_images:
            member = self.listing.files.get(f"{self.prefix}{path}")
            # One byte more than allowed lets the check of pictures say what is wrong.
            if member and member.kind == "file" and member.size <= self.limits.image_bytes + 1:
                images.append(PlannedImage(kind, path, member.size))
        total_bytes = accumulate(image.size for image in images)
        return tuple(
            image
            for image, total in zip(images, total_bytes, strict=True)
            if total <= MAX_ALL_IMAGE_BYTES
        )


def _reason(path: str, member: Member) -> Reason | None:
    reason = reason_to_leave_out(path)
    return "link" if reason is None and member.kind in ("link", "special") else reason


def _room(members: Iterable[Member], limits: PackageLimits) -> int:
    """Returns an upper bound for the gzipped tar of these files, in bytes."""
    # Three headers for a long name, and what the content needs to fill its last block.
    size = sum(member.size + 4 * _TAR_BLOCK + 2_048 for member in members)
    size += limits.manifest_bytes + 32 * _TAR_BLOCK
    return size + size // 500 + 4_096


def group_left_out(paths: Iterable[tuple[str, Reason]]) -> tuple[LeftOut, ...]:
    """Returns what is left out; of a folder with many files its name and their number."""
    by_place: dict[tuple[str, Reason], list[str]] = {}
    for path, reason in sorted(paths):
        top = path.partition("/")[0] if "/" in path else path
        # Programs are named one by one, because a skill may need them.
        place = path if reason == "program" else top
        by_place.setdefault((place, reason), []).append(path)
    # Names of junk are not checked, so they may have NUL or be as long as a zip allows.
    entries = [
        LeftOut(
            make_printable(place) + ("/" if len(files) > 1 or files[0] != place else ""),
            reason,
            len(files),
        )
        for (place, reason), files in by_place.items()
    ]
    order = {"private": 0, "program": 1}
    entries.sort(key=lambda entry: (order.get(entry.reason, 2), entry.path))
    return tuple(entries[:MAX_LISTED])
