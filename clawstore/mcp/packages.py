"""Makes the form of a publish of the arguments of a tool."""

import secrets
from base64 import b64decode
from dataclasses import dataclass
from typing import Any

from clawstore.mcp.answers import ToolAnswer, answer_of
from clawstore.mcp.arguments import InvalidArguments, require_arguments
from clawstore.mcp.caller import Caller
from clawstore.mcp.operations import OperationCall, run_operation
from clawstore.mcp.tool import Arguments, Tool
from foundation.files.tarballs import pack_files
from foundation.text.expressions import compile_text

PATH = compile_text(r'[^\x00-\x1f\x7f"\\]{1,255}')
MANIFEST = "agent.json"
MAX_FILES = 2000


@dataclass(frozen=True, slots=True)
class FormPart:
    """A part of a multipart form; ``file_name`` is empty for a field."""

    name: str
    data: bytes
    file_name: str = ""


def check_package(tool: Tool, arguments: Arguments, caller: Caller) -> ToolAnswer:
    """Check a package and store nothing."""
    require_arguments(tool, arguments)
    return _send(tool, _package_parts(arguments), caller)


def publish_version(tool: Tool, arguments: Arguments, caller: Caller) -> ToolAnswer:
    """Publish a version, or only check it."""
    require_arguments(tool, arguments)
    parts = _package_parts(arguments)
    metadata = arguments.get("metadata") or _manifest_of(arguments)
    if metadata:
        parts.append(FormPart("metadata", str(metadata).encode()))
    if arguments.get("channel"):
        parts.append(FormPart("channel", str(arguments["channel"]).encode()))
    is_dry = bool(arguments.get("dryRun"))
    return _send(tool, parts, caller, query=(("mode", "dry_run"),) if is_dry else ())


def _send(
    tool: Tool, parts: list[FormPart], caller: Caller, query: tuple[tuple[str, str], ...] = ()
) -> ToolAnswer:
    boundary = secrets.token_hex(16)
    call = OperationCall(
        operation=tool.operation,
        path=tool.path,
        query=query,
        body=encode_form(parts, boundary),
        content_type=f"multipart/form-data; boundary={boundary}",
    )
    return answer_of(run_operation(call, caller))


def encode_form(parts: list[FormPart], boundary: str) -> bytes:
    """Return the body of a multipart form (RFC 7578)."""
    body = bytearray()
    for part in parts:
        file_name = f'; filename="{part.file_name}"' if part.file_name else ""
        disposition = f'form-data; name="{part.name}"{file_name}'
        body += f"--{boundary}\r\nContent-Disposition: {disposition}\r\n\r\n".encode()
        body += part.data + b"\r\n"
    return bytes(body + f"--{boundary}--\r\n".encode())


def _package_parts(arguments: Arguments) -> list[FormPart]:
    parts = []
    if arguments.get("files") is not None:
        parts.append(FormPart("tarball", pack(arguments["files"]), "package.tgz"))
    elif arguments.get("packageBase64") is not None:
        data = _decode("packageBase64", arguments["packageBase64"])
        parts.append(FormPart("tarball", data, "package.tgz"))
    if arguments.get("icon") is not None:
        parts.append(_image("icon", "icon", arguments["icon"]))
    for number, image in enumerate(arguments.get("screenshots") or ()):
        parts.append(_image("screenshots", f"screenshot-{number}", image))
    return parts


def pack(files: Any) -> bytes:
    """Return files as a gzipped tar; the same files give the same bytes."""
    if len(files) > MAX_FILES:
        raise _problem("files", f"There are at most {MAX_FILES} files.")
    return pack_files((path_of("files", file), data_of("files", file)) for file in files)


def _manifest_of(arguments: Arguments) -> str:
    """Return the text of agent.json among the files, or nothing."""
    for file in arguments.get("files") or ():
        if file.get("path") == MANIFEST:
            return data_of("files", file).decode("utf-8", "replace")
    return ""


def _image(argument: str, name: str, image: Any) -> FormPart:
    data, path = data_of(argument, image), path_of(argument, image)
    return FormPart(name, data, path)


def path_of(argument: str, file: Any) -> str:
    path = file.get("path") if isinstance(file, dict) else None
    if not isinstance(path, str) or not PATH.fullmatch(path):
        raise _problem(argument, "A path has 1 to 255 characters, without quotes and controls.")
    return path


def data_of(argument: str, file: Any) -> bytes:
    if isinstance(file, dict) and isinstance(file.get("text"), str):
        return file["text"].encode()
    if isinstance(file, dict) and isinstance(file.get("base64"), str):
        return _decode(argument, file["base64"])
    raise _problem(argument, "A file has text or base64.")


def _decode(argument: str, text: Any) -> bytes:
    try:
        return b64decode(text, validate=True)
    except (TypeError, ValueError) as error:
        raise _problem(argument, "The text is not base64.") from error


def _problem(argument: str, message: str) -> InvalidArguments:
    return InvalidArguments(errors=[{"argument": argument, "message": message}])
