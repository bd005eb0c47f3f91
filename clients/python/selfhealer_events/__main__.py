"""`python -m selfhealer_events import FILE` and `python -m selfhealer_events demo`."""

import argparse
import sys
from typing import IO, List, Optional

from . import __version__
from ._client import DEFAULT_URL
from ._demo import run_demo
from ._dump import Unreadable, read_dump
from ._exporter import Exporter
from ._import import import_entries

_USAGE = 2
_REJECTED = 65
_UNREACHABLE = 69
_IO_ERROR = 74
_SHOWN_MAX = 20


def main(arguments: Optional[List[str]] = None) -> int:
    """The exit code: 0, 2 usage, 65 something was rejected, 69 unreachable, 74 cannot be read."""
    options = _parser().parse_args(arguments)
    try:
        if not _is_there(options.url, options.token):
            print(f"error: no exporter answers at {options.url}", file=sys.stderr)
            return _UNREACHABLE
        if options.command == "import":
            return _import(options)
        stats = run_demo(
            options.url, options.source, options.token, options.seconds, options.rate, print
        )
        return 0 if stats["is_reachable"] else _UNREACHABLE
    except ValueError as error:
        print(f"error: {error}", file=sys.stderr)
        return _USAGE


def _import(options: argparse.Namespace) -> int:
    try:
        with _opened(options.file) as file:
            entries = read_dump(file)
    except (OSError, UnicodeDecodeError) as error:
        print(f"error: {options.file}: {error}", file=sys.stderr)
        return _IO_ERROR
    unreadable = [entry for entry in entries if isinstance(entry, Unreadable)]
    for where, why in unreadable[:_SHOWN_MAX]:
        print(f"{options.file}: {where}: {why}", file=sys.stderr)
    if len(unreadable) > _SHOWN_MAX:
        print(f"{options.file}: {len(unreadable) - _SHOWN_MAX} more", file=sys.stderr)
    done = import_entries(entries, options.url, options.source, options.token, options.timeout)
    print(
        f"{done['accepted']} events accepted, {done['duplicates']} known already, "
        f"{done['rejected']} rejected, {len(unreadable)} not readable"
    )
    if not done["is_complete"]:
        print(f"error: not all was acknowledged: {done['last_error']}", file=sys.stderr)
        return _UNREACHABLE
    return _REJECTED if done["rejected"] or unreadable else 0


def _opened(path: str) -> IO[str]:
    if path == "-":
        return open(0, encoding="utf-8", closefd=False)
    return open(path, encoding="utf-8")


def _is_there(url: str, token: Optional[str]) -> bool:
    """Raises ValueError for a url or token that cannot be used."""
    exporter = Exporter(url, token, 5.0)
    try:
        status, _ = exporter.get("/readyz")
    except Exception:
        return False
    finally:
        exporter.abort()
    return status == 200


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m selfhealer_events", description="Brings healers to a selfhealer-exporter."
    )
    parser.add_argument("--version", action="version", version=__version__)
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--url", default=DEFAULT_URL, help=f"of the exporter ({DEFAULT_URL})")
    common.add_argument("--source", help="who sends, such as /swarms/alpha")
    common.add_argument("--token", help="user:password, or a bearer token")
    commands = parser.add_subparsers(dest="command", required=True)
    past = commands.add_parser(
        "import",
        parents=[common],
        help="send a history: HealingResults as JSON, one a line or in an array",
    )
    past.add_argument("file", metavar="FILE", help="- is standard input")
    past.add_argument("--timeout", type=float, default=600.0, help="seconds (600)")
    demo = commands.add_parser("demo", parents=[common], help="run a stand-in healer")
    demo.add_argument("--seconds", type=float, default=30.0, help="0: until interrupted (30)")
    demo.add_argument("--rate", type=float, default=10.0, help="failures a second (10)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
