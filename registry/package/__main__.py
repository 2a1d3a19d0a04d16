"""`python -m registry.package` checks, packs and begins agent packages.

    check PATH [--json]        PATH is a package folder, a zip or a .tgz file
    pack PATH -o FILE          makes the .tgz of a folder, a zip or an export of OpenClaw
    init [FOLDER] --id @me/x   writes agent.json for a workspace, or a starter package

Without a word before PATH it checks. Exit code 0: the server would accept the package. 1: it has
errors. 2: it cannot be read.
"""

import argparse
import sys
from pathlib import Path

from registry.package.commands import check, init, pack

COMMANDS = ("check", "pack", "init")
ID_HELP = "@scope/name; the scope is on your account page"


def main(arguments: list[str] | None = None) -> int:
    words = sys.argv[1:] if arguments is None else arguments
    # The first release had no subcommands, and checked a package.
    if words and words[0] not in (*COMMANDS, "-h", "--help"):
        words = ["check", *words]
    options = _parser().parse_args(words)
    try:
        answer: int = options.run(options)
    except OSError as error:
        place = getattr(options, "path", "")
        print(f"Cannot read {error.filename or place}: {error.strerror or error}", file=sys.stderr)
        return 2
    return answer


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m registry.package",
        description="Check, pack and begin agent packages with the rules that the server applies.",
    )
    commands = parser.add_subparsers(required=True, metavar="check | pack | init")
    check_parser = commands.add_parser("check", help="check a package")
    check_parser.add_argument("path", type=Path, help="a package folder, a zip or a .tgz file")
    check_parser.add_argument("--json", action="store_true", help="print the report as JSON")
    check_parser.set_defaults(run=check)
    pack_parser = commands.add_parser("pack", help="make a .tgz of a folder, a zip or an export")
    pack_parser.add_argument("path", type=Path, help="a folder, a zip, or an export of OpenClaw")
    pack_parser.add_argument("-o", "--output", type=Path, required=True, help="the .tgz to write")
    pack_parser.add_argument("--force", action="store_true", help="replace a file that is there")
    pack_parser.set_defaults(run=pack)
    init_parser = commands.add_parser("init", help="write agent.json")
    init_parser.add_argument("path", type=Path, nargs="?", default=Path(), help="the folder")
    init_parser.add_argument("--id", help=ID_HELP)
    init_parser.add_argument("--name", help="the name that lists show")
    init_parser.add_argument("--tagline", help="one sentence for lists")
    init_parser.add_argument("--category", help="the id of a category")
    init_parser.add_argument("--license", help="an SPDX expression, such as MIT")
    init_parser.add_argument("--author", help="your name")
    init_parser.add_argument("--model", help="such as anthropic/claude-sonnet-4-5")
    init_parser.add_argument("--tags", default="", help="words, separated by commas")
    init_parser.add_argument(
        "--schema", metavar="URL", help="the $schema, for editors; client 0.1.7 refuses the key"
    )
    init_parser.add_argument(
        "--no-input", action="store_true", help="ask nothing; refuse what is missing"
    )
    init_parser.set_defaults(run=init)
    return parser


if __name__ == "__main__":
    sys.exit(main())
