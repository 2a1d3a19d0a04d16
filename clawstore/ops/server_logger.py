"""Gunicorn logger that writes JSON lines like the application."""

from typing import Any

from gunicorn.glogging import Logger  # type: ignore[import-untyped]

from clawstore.ops.json_log import json_formatter, without_tokens


class ServerLogger(Logger):
    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(json_formatter())

    def atoms(self, resp: Any, req: Any, environ: Any, request_time: Any) -> dict[str, Any]:
        """The values of the access log, without the tokens in addresses."""
        values: dict[str, Any] = super().atoms(resp, req, environ, request_time)
        return {
            name: without_tokens(value) if isinstance(value, str) else value
            for name, value in values.items()
        }
