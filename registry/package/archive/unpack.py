"""Copies the contents of files out of a tarball."""

from collections.abc import Mapping
from contextlib import closing
from typing import BinaryIO

from foundation.sandbox.outputs import OutputFile
from foundation.sandbox.place import working_on
from registry.package.archive.gzip_stream import UnpackedStream
from registry.package.archive.tar_reader import TarReader
from registry.package.checks.paths import normalise_path
from registry.package.limits import PackageLimits


def unpack_files(
    tarball: BinaryIO, output: OutputFile, places: Mapping[str, int], limits: PackageLimits
) -> bool:
    """Writes each file to its place. Returns whether all are in the tarball.

    Raises ArchiveError, and ValueError if a file is larger than its place in the output.
    """
    # Versions that were read by older rules have names in decomposed letters.
    places = {normalise_path(path): place for path, place in places.items()}
    missing_paths = set(places)
    reader = TarReader(UnpackedStream(tarball, limits), limits)
    with closing(output):
        for member in reader:
            # A path that comes twice was refused at publish; here the first one counts.
            if member.kind != "file" or member.path not in missing_paths:
                continue
            missing_paths.discard(member.path)
            working_on(member.path)
            place = places[member.path]
            for chunk in reader.content():
                output.write(place, chunk)
                place += len(chunk)
            # The rest of the tarball is not unpacked, however large it is.
            if not missing_paths:
                return True
    return not missing_paths
