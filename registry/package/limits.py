"""Limits for reading a package, and the instance that the server applies."""

from dataclasses import dataclass

KIB = 1024
MIB = 1024 * KIB


@dataclass(frozen=True, slots=True)
class PackageLimits:
    """Upper bounds. Every field that ends in `_bytes` is a size in bytes."""

    tarball_bytes: int = 100 * MIB
    unpacked_bytes: int = 100 * MIB
    files: int = 10_000
    image_bytes: int = 10 * MIB
    shown_image_bytes: int = 5 * MIB
    """An image of the package that a README shows; an SVG at most `excerpt_bytes`."""
    text_bytes: int = 1 * MIB
    manifest_bytes: int = 1 * MIB
    metadata_bytes: int = 2 * MIB
    """The copy of agent.json beside an upload, which may be spaced out more than the file."""
    excerpt_bytes: int = 256 * KIB
    """Of each text file, the beginning that later steps may read."""
    all_excerpts_bytes: int = 4 * MIB
    """All excerpts together, without README.md and agent.json."""
    header_bytes: int = 64 * KIB
    """One extended tar header: a long name or pax records."""
    framing_bytes: int = 32 * MIB
    """Everything in the unpacked tar that is not file content: headers and padding."""
    image_side: int = 8_192
    """Width and height in pixels."""
    image_pixels: int = 32_000_000
    icon_side: int = 2_048
    """Lists show icons as they are."""
    image_frames: int = 200
    """Pictures of an animation; an icon has one."""
    image_parts: int = 10_000
    """Chunks of a PNG, or segments of a JPEG. Usual files have some hundreds."""
    image_scans: int = 64
    """Passes over a progressive JPEG. Programs write at most 14."""
    svg_elements: int = 20_000
    svg_depth: int = 64
    svg_drawn_elements: int = 50_000
    """Elements after every `use` is replaced by what it refers to."""
    svg_path_characters: int = 2_000_000
    svg_text_characters: int = 20_000
    svg_filters: int = 100
    """Filter primitives, which each cost a pass over the picture."""
    findings: int = 500
    findings_per_file: int = 20
    secret_candidates: int = 50_000
    """Values in one package that the secret scanner examines."""
    references: int = 20_000
    """Relative links that are collected from all markdown files together."""
    link_resolutions: int = 50_000
    """Places that are looked up for links to no file of the package."""


LIMITS = PackageLimits()


def format_bytes(size: int) -> str:
    """Returns a size in the largest exact unit: "100 MiB", "1,000 bytes"."""
    for unit, name in ((MIB, "MiB"), (KIB, "KiB")):
        # A rounded limit would be untrue just below it.
        if size and size % unit == 0:
            return f"{size // unit:,} {name}"
    return f"{size:,} bytes"


PUBLIC_LIMITS = (
    ("The packed archive", format_bytes(LIMITS.tarball_bytes)),
    ("All files, unpacked", format_bytes(LIMITS.unpacked_bytes)),
    ("Files", f"{LIMITS.files:,}"),
    ("agent.json", format_bytes(LIMITS.manifest_bytes)),
    ("A text file, before a warning", format_bytes(LIMITS.text_bytes)),
    ("A picture", format_bytes(LIMITS.image_bytes)),
    ("A picture of the package in a README", format_bytes(LIMITS.shown_image_bytes)),
    ("An SVG of the package in a README", format_bytes(LIMITS.excerpt_bytes)),
    ("Width and height of a picture", f"{LIMITS.image_side:,} pixels"),
    ("Width and height of an icon", f"{LIMITS.icon_side:,} pixels"),
    ("Pictures of an animation", f"{LIMITS.image_frames:,}; an icon has no motion"),
    ("Elements of an SVG", f"{LIMITS.svg_elements:,}"),
)
"""What the author's guide says: the limits that an author can meet."""
