"""Gunicorn logger that writes JSON lines like the application."""

from typing import Any

from gunicorn.glogging import Logger  # type: ignore[import-untyped]

from clawstore.ops.json_log import json_formatter


class ServerLogger(Logger):
    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(json_formatter())
