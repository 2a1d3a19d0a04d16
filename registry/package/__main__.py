"""`python -m registry.publishing PATH [--json]`: the verdict on a folder or a tarball.

Ends with 0 when the package would be accepted, 1 when it has errors, 2 when it cannot be read.
"""

import argparse
import sys
from pathlib import Path

from registry.package.report import as_json, as_text, judge


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m registry.publishing",
        description="Judge an agent package by the rules that the server applies.",
    )
    parser.add_argument("path", type=Path, help="a package folder or a .tgz file")
    parser.add_argument("--json", action="store_true", help="print the verdict as JSON")
    asked = parser.parse_args(arguments)
    try:
        verdict = judge(asked.path)
    except OSError as error:
        print(f"Cannot read {asked.path}: {error.strerror or error}", file=sys.stderr)
        return 2
    print(as_json(verdict) if asked.json else as_text(verdict))
    return 0 if verdict.ok else 1


if __name__ == "__main__":
    sys.exit(main())
