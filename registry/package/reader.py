"""Opens a package, from a tarball or a folder, and judges every file in one pass over the bytes."""

from typing import BinaryIO

from registry.package.archive.folder import open_folder
from registry.package.archive.gzip_stream import TooLarge, UnpackedStream, Unreadable
from registry.package.archive.tar_reader import TarReader
from registry.package.checks.file_inspector import PackageFile
from registry.package.contents import MANIFEST, README, Package, PackageBuilder, TooMany
from registry.package.limits import PackageLimits

__all__ = ["MANIFEST", "README", "Package", "PackageFile", "open_folder", "open_tarball"]


def open_tarball(stream: BinaryIO, limits: PackageLimits) -> Package:
    """Reads an uploaded tarball once, from where the stream stands; hostile ones yield findings."""
    builder = PackageBuilder(limits)
    reader = TarReader(UnpackedStream(stream, limits), limits)
    try:
        for member in reader:
            if builder.may_read(member):
                builder.read_file(member.path, reader.content())
    except Unreadable as refusal:
        builder.stop("archive_unreadable", str(refusal))
    except TooLarge as refusal:
        builder.stop("package_too_large", str(refusal))
    except TooMany as refusal:
        builder.stop("too_many_files", str(refusal))
    return builder.package()
