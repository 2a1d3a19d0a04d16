"""The two steps of an import, for the server and for the command."""

from collections.abc import Sequence
from dataclasses import replace
from typing import BinaryIO

from foundation.sandbox.outputs import OutputFile
from registry.package.archive.errors import ArchiveError
from registry.package.findings import new_finding
from registry.package.imports.convert import convert
from registry.package.imports.plan import ImportPlan, plan_import
from registry.package.imports.records import Conversion, ImportAnswer, ImportRequest
from registry.package.imports.sources import open_source
from registry.package.imports.suggestions import add_pictures


class ImportSession:
    """Plans an import and then performs it."""

    def __init__(self) -> None:
        self._plan: ImportPlan | None = None

    def plan(self, request: ImportRequest, files: Sequence[BinaryIO]) -> ImportAnswer:
        """Returns what a package will be made of.

        `files` begins with the stream of the source, if it has one.
        """
        source = open_source(request, files[0] if files else None)
        plan = plan_import(source, request.limits, manifest_text=request.manifest_text)
        extra_bytes = sum(part.size + 4_096 for part in request.extra)
        summary = plan.answer.summary
        if not summary.has_manifest:
            suggestions = add_pictures(summary.suggestions, [part.path for part in request.extra])
            summary = replace(summary, suggestions=suggestions)
        output_bytes = plan.answer.output_bytes + extra_bytes
        answer = replace(plan.answer, summary=summary, output_bytes=output_bytes)
        self._plan = replace(plan, answer=answer)
        return answer

    def convert(self, request: ImportRequest, files: Sequence[BinaryIO]) -> Conversion:
        """Writes the package to the first of the files.

        The stream of the source follows, if it has one, and then the extra files.
        """
        if self._plan is None:
            raise RuntimeError("Nothing was planned in this session.")
        output, *streams = files
        has_stream = request.kind != "folder"
        extra = zip(request.extra, streams[1:] if has_stream else streams, strict=True)
        try:
            source = open_source(request, streams[0] if has_stream else None)
        except ArchiveError as error:
            return Conversion(0, (), (new_finding(error.code, "", str(error)),))
        return convert(
            source,
            self._plan,
            OutputFile(output),
            manifest_text=request.manifest_text,
            extra=list(extra),
        )
