"""How much of a package the room reads, keeps and reports. All sizes are in bytes."""

from dataclasses import dataclass

KIB = 1024
MIB = 1024 * KIB


@dataclass(frozen=True, slots=True)
class PackageLimits:
    tarball_bytes: int = 100 * MIB
    unpacked_bytes: int = 100 * MIB
    files: int = 10_000
    image_bytes: int = 10 * MIB
    text_bytes: int = 1 * MIB
    manifest_bytes: int = 1 * MIB
    kept_text_bytes: int = 256 * KIB
    """The beginning of a text that is kept."""
    all_kept_text_bytes: int = 4 * MIB
    """All kept beginnings together; a README.md at the root comes on top."""
    header_bytes: int = 64 * KIB
    """One extended tar header (a long name, pax records)."""
    framing_bytes: int = 32 * MIB
    """What the unpacked stream may hold beside the files: headers and padding."""
    image_side: int = 8_192
    image_pixels: int = 32_000_000
    findings: int = 500
    findings_per_file: int = 20
    secret_candidates: int = 50_000
    """Values in the package that may be judged for being secrets."""
    references: int = 20_000
    """Relative links that are remembered, in all markdown files together."""
