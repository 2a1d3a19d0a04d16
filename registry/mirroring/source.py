"""Reads another shop over HTTP: bounded answers, checked addresses, patience.

The source is not trusted. Its name is looked up for each request and the connection goes to the
address that was checked; no redirect is followed; every answer has a limit of bytes and of time.
"""

import hashlib
import http.client
import random
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from email.message import Message
from time import monotonic, sleep
from typing import Any, BinaryIO, TypeVar
from urllib.parse import quote, urlencode, urlsplit

import orjson
from django.conf import settings
from pydantic import BaseModel, ValidationError

from foundation.webhooks.errors import UndeliverableTarget, UnsafeWebhookUrl
from foundation.webhooks.sender import TooSlow, open_exchange
from foundation.webhooks.targets import pin_address, read_target
from registry.mirroring.errors import (
    BadAnswer,
    InvalidSource,
    SourceFailed,
    SourceRefuses,
    VersionRefused,
)

ATTEMPTS = 4
FIRST_DELAY = 1.0
MAX_WAIT = 120.0
"""Seconds that a run waits when the source asks for patience; a later run comes anyway."""
ANSWER_SECONDS = 30.0
MIN_BYTES_PER_SECOND = 128 * 1024
MAX_ANSWER_BYTES = 8 * 1024 * 1024
CHUNK_BYTES = 256 * 1024
USER_AGENT = "clawstore-mirror-bot"
"""A bot for the source, whose numbers are about people: one copy here serves many."""
M = TypeVar("M", bound=BaseModel)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class SourceAnswer:
    """One answer of the source, with the error of its envelope if it has one."""

    status: int
    body: bytes

    @property
    def error(self) -> dict[str, Any]:
        """The error of the API's envelope; empty for any other body."""
        with suppress(ValueError):
            document = orjson.loads(self.body)
            error = document.get("error") if isinstance(document, dict) else None
            return error if isinstance(error, dict) else {}
        return {}

    @property
    def code(self) -> str:
        return str(self.error.get("code", ""))[:64]


class TryAgain(Exception):
    """A failure that may pass. ``wait`` are the seconds the source asks for, or None."""

    def __init__(self, message: str, wait: float | None = None) -> None:
        self.wait = wait
        super().__init__(message)


def read_origin(url: str) -> str:
    """Return the origin of a shop from an address of it. Raises InvalidSource.

    The address may end in ``/v1``, as that of the client does.
    """
    try:
        target = read_target(url.strip())
    except UnsafeWebhookUrl as error:
        raise InvalidSource from error
    path = urlsplit(url.strip()).path.rstrip("/")
    if path not in ("", "/v1") or "?" in target.path:
        raise InvalidSource
    origin = f"{target.scheme}://{target.host_header}"
    if len(origin) > 255 or origin == settings.BASE_URL.rstrip("/"):
        raise InvalidSource("A shop cannot mirror itself.")
    return origin


@dataclass(frozen=True)
class Source:
    """Another shop. ``key`` is an API key of it, for a closed one; it is never shown."""

    origin: str
    key: str = field(default="", repr=False)

    def get(self, path: str, **parameters: str) -> SourceAnswer:
        """Read an address below ``/v1``; also answers that say no.

        Raises SourceFailed, SourceRefuses or BadAnswer.
        """
        query = f"?{urlencode(parameters)}" if parameters else ""
        return self._patiently(lambda: self._read(f"/v1{path}{query}"))

    def read(self, model: type[M], path: str, **parameters: str) -> M:
        """Read a document. Raises as `get`, and BadAnswer for any other one."""
        return parse(model, self.get(path, **parameters), path)

    def download(self, path: str, file: BinaryIO, *, size: int, sha256: str) -> None:
        """Write the bytes behind an address to a file that is then at its beginning.

        Raises VersionRefused unless they have this size and digest, and as `get`.
        """
        self._patiently(lambda: self._download(f"/v1{path}", file, size, sha256))

    def _read(self, path: str) -> SourceAnswer:
        deadline = monotonic() + ANSWER_SECONDS
        with self._open(path, deadline) as response:
            body = response.read(MAX_ANSWER_BYTES + 1)
        if len(body) > MAX_ANSWER_BYTES:
            raise BadAnswer(f"{path} has more than {MAX_ANSWER_BYTES // 1024**2} MiB.")
        _refuse_short(response)
        return SourceAnswer(response.status, body)

    def _download(self, path: str, file: BinaryIO, size: int, sha256: str) -> None:
        file.seek(0)
        file.truncate()
        digest, count = hashlib.sha256(), 0
        deadline = monotonic() + ANSWER_SECONDS + size / MIN_BYTES_PER_SECOND
        with self._open(path, deadline) as response:
            if response.status != 200:
                answer = SourceAnswer(response.status, response.read(CHUNK_BYTES))
                raise VersionRefused(
                    answer.code or "not_served",
                    f"The source answers {response.status} for {path}.",
                )
            while chunk := response.read(CHUNK_BYTES):
                count += len(chunk)
                # More than was announced: an endless body would fill the disk.
                if count > size:
                    break
                digest.update(chunk)
                file.write(chunk)
        if count <= size:
            _refuse_short(response)
        if count != size or digest.hexdigest() != sha256:
            raise VersionRefused(
                "digest_mismatch",
                f"The bytes of {path} are not those of the index: expected {size:,} bytes with"
                f" SHA-256 {sha256}.",
                is_alarm=True,
            )
        file.seek(0)

    def _open(self, path: str, deadline: float) -> Any:
        target = read_target(self.origin + path)
        headers = {"User-Agent": USER_AGENT, "Accept": "*/*", "Accept-Encoding": "identity"}
        if self.key:
            headers["Authorization"] = f"Bearer {self.key}"
        address = pin_address(target, private=settings.MIRROR_ALLOW_PRIVATE)
        return _Checked(open_exchange("GET", target, address, None, headers, deadline=deadline))

    def _patiently(self, attempt: Callable[[], T]) -> T:
        """Repeat an attempt after failures that may pass."""
        delay = FIRST_DELAY
        for number in range(1, ATTEMPTS + 1):
            try:
                return attempt()
            except UndeliverableTarget as error:
                raise SourceFailed(f"{self.origin}: {error}") from error
            except (TryAgain, TooSlow, OSError, http.client.HTTPException, ValueError) as error:
                wait = getattr(error, "wait", None)
                if number == ATTEMPTS or (wait or 0) > MAX_WAIT:
                    raise SourceFailed(f"{self.origin}: {_reason(error)}") from error
                # Spread, so that the mirrors of one shop do not come back together.
                spread = random.uniform(0.8, 1.2)  # noqa: S311 - no secret
                sleep(wait if wait is not None else delay * spread)
                delay *= 3
        raise AssertionError


class _Checked:
    """An exchange whose response was looked at before it is read."""

    def __init__(self, exchange: Any) -> None:
        self.exchange = exchange

    def __enter__(self) -> http.client.HTTPResponse:
        response: http.client.HTTPResponse = self.exchange.__enter__()
        try:
            _refuse_status(response)
        except BaseException as error:
            self.exchange.__exit__(type(error), error, error.__traceback__)
            raise
        return response

    def __exit__(self, *failure: Any) -> Any:
        return self.exchange.__exit__(*failure)


def _refuse_status(response: http.client.HTTPResponse) -> None:
    status = response.status
    if status in (401, 403):
        raise SourceRefuses(
            f"The source answered {status}: it is closed. Set MIRROR_KEY to an API key of it with"
            " the scopes read and packages:install."
        )
    if status in (429, 503):
        raise TryAgain(f"it answered {status}", _seconds(response.headers))
    if status >= 500:
        raise TryAgain(f"it answered {status}")
    if 300 <= status < 400 and status != 301:
        raise BadAnswer("The source redirects elsewhere. Redirects are not followed.")


def _seconds(headers: Message) -> float | None:
    """The seconds of Retry-After; None without, and for a date."""
    text = headers.get("Retry-After") or ""
    return float(text) if text.isascii() and text.isdigit() and len(text) < 8 else None


def _refuse_short(response: http.client.HTTPResponse) -> None:
    # `read` with a size says nothing of a connection that ended early.
    if response.length:
        raise TryAgain("the connection ended early")


def _reason(error: Exception) -> str:
    if isinstance(error, TooSlow):
        return "it gave no whole answer in time."
    if isinstance(error, TryAgain):
        return f"{error}."
    if isinstance(error, ssl.SSLError):
        return f"TLS failed: {error.reason or error}."[:200]
    return f"{type(error).__name__}: {error}."[:200]


def parse(model: type[M], answer: SourceAnswer, path: str) -> M:
    """Return an answer as a document. Raises BadAnswer."""
    if answer.status != 200:
        raise BadAnswer(f"The source answers {answer.status} {answer.code} for /v1{path}.")
    try:
        return model.model_validate(orjson.loads(answer.body))
    except ValidationError as error:
        place = ".".join(str(part) for part in error.errors()[0]["loc"])
        message = f"/v1{path} is not what a shop answers: {place or 'the document'} is wrong."
        raise BadAnswer(message[:500]) from error
    except ValueError as error:
        raise BadAnswer(f"/v1{path} is not JSON.") from error


def segment(text: str) -> str:
    """Return a text as a part of a path."""
    return quote(text, safe="@+")
