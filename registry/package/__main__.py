"""`python -m registry.package PATH [--json]` checks a folder or a tarball.

Exit code 0: the server would accept the package. 1: it has errors. 2: it cannot be read.
"""

import argparse
import sys
from pathlib import Path

from registry.package.offline import check_in_sandbox
from registry.package.report import format_json, format_text


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m registry.package",
        description="Check an agent package with the rules that the server applies.",
    )
    parser.add_argument("path", type=Path, help="a package folder or a .tgz file")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    options = parser.parse_args(arguments)
    try:
        report = check_in_sandbox(options.path)
    except OSError as error:
        print(f"Cannot read {options.path}: {error.strerror or error}", file=sys.stderr)
        return 2
    print(format_json(report) if options.json else format_text(report))
    return 0 if report.is_accepted else 1


if __name__ == "__main__":
    sys.exit(main())
