"""`script/mutate`: a sample of faults for each listed module, or all of those of the modules named."""

from __future__ import annotations

import argparse
import signal
import sys

from cosmic_ray.work_item import TestOutcome

from tests.mutation.running import Unfit, try_all
from tests.mutation.session import Session
from tests.mutation.targets import TARGETS

#: How many faults of each module are tried where nobody says otherwise.
SAMPLE = 12


def main(arguments: list[str]) -> int:
    """Try faults and print what became of them; 1 where tests fail without any, 2 for a path that is not listed."""
    parser = argparse.ArgumentParser(prog="script/mutate", description=__doc__)
    parser.add_argument("paths", nargs="*", metavar="PATH", help="modules, or folders of them (default: all listed)")
    parser.add_argument("--all", action="store_true", help="every fault, not a sample of each module")
    parser.add_argument("--sample", type=int, default=SAMPLE, metavar="N", help=f"of each module (default {SAMPLE})")
    parser.add_argument("--again", action="store_true", help="try again what survived before")
    parser.add_argument("--list", action="store_true", help="try nothing: print what is known")
    given = parser.parse_args(arguments)
    modules = chosen(given.paths)
    if not modules:
        print("None of these is listed in tests/mutation/targets.py.", file=sys.stderr)
        return 2
    sessions = [Session(module) for module in modules]
    code = 0
    if not given.list:
        wanted = []
        for session in sessions:
            if given.again:
                session.forget_survivors()
            faults, known = session.faults(), session.results()
            wanted.append(
                (session, [one for one in (faults if given.all else faults[: given.sample]) if one.key not in known])
            )
        try:
            try_all(wanted, lambda line: print(line, flush=True))
        except Unfit as reason:
            print(reason, file=sys.stderr)
            code = 1
        except KeyboardInterrupt:
            code = 130
    report(sessions)
    return code


def chosen(paths: list[str]) -> list[str]:
    """The listed modules that the paths name; all without any."""
    wanted = [path.removeprefix("./").rstrip("/") for path in paths]
    return [
        module
        for module in TARGETS
        if not wanted or any(module == path or module.startswith(f"{path}/") for path in wanted)
    ]


def report(sessions: list[Session]) -> None:
    """Print the survivors with their places and differences, then a table."""
    lines, sums = [], [0, 0, 0]
    for session in sessions:
        faults, results = session.faults(), session.results()
        survived = [
            one for one in faults if one.key in results and results[one.key].test_outcome == TestOutcome.SURVIVED
        ]
        for one in sorted(survived, key=lambda fault: fault.line):
            print(f"\n{one.module}:{one.line} survived: {one.operator}\n{results[one.key].diff}")
        counted = (len(results) - len(survived), len(survived), len(faults))
        sums = [total + more for total, more in zip(sums, counted, strict=True)]
        lines.append((session.module, *counted))
    print()
    print(f"{'module':40} {'killed':>7} {'survived':>9} {'rate':>6} {'of all':>7}")
    for module, killed, survived, faults in [*lines, ("in all", *sums)]:
        rate = f"{100 * killed / (killed + survived):.0f} %" if killed + survived else "–"
        print(f"{module:40} {killed:>7} {survived:>9} {rate:>6} {faults:>7}")


def _stop(number: int, _frame: object) -> None:
    raise KeyboardInterrupt(signal.Signals(number))


if __name__ == "__main__":
    # Also where a shell in the background has turned ^C off: what was started is put away.
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, _stop)
    sys.exit(main(sys.argv[1:]))
