"""Measures and prints: ``python -m tests.bench [--json FILE]``. Minutes; best on a machine that does nothing else."""

import argparse
import json
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

from components.addons.readiness import NotReadyError
from components.clusters.sim import cluster, processes
from components.clusters.sim.failure import SimError

from .clients import ApplyError
from .measure import measure, spec_in
from .report import Machine, as_json, table

_PROGRAMS = ("kubectl", "kwokctl", "pulumi", "pulumi-language-python-exec")
_GIB = 2**30
_FAILURES = (ApplyError, AssertionError, NotReadyError, RuntimeError, SimError)
"""What says all that a reader needs; AssertionError is how a failed run of Pulumi shows."""


def main(arguments: Sequence[str]) -> int:
    """Runs the command; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything that was measured to FILE as well")
    options = parser.parse_args(arguments)
    if missing := [name for name in _PROGRAMS if shutil.which(name) is None]:
        sys.stderr.write(f"not on PATH: {', '.join(missing)}. Run `make bench`, which builds what is missing.\n")
        return 1
    # Users have them, and a program without them compiles every module at every start.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    machine, started = this_machine(), time.monotonic()

    def say(what: str) -> None:
        sys.stdout.write(f"{time.monotonic() - started:5.0f} s  {what}\n")
        sys.stdout.flush()

    try:
        with temporary_home() as home:
            results = measure(home, say)
    except KeyboardInterrupt:
        sys.stderr.write("interrupted; everything that was started is gone\n")
        return 130
    except _FAILURES as failure:
        sys.stderr.write(f"nothing was measured: {failure}\n")
        return 1
    say("done")
    sys.stdout.write(f"\n{table(results, machine)}\n")
    if options.json:
        options.json.write_text(f"{json.dumps(as_json(results, machine), indent=2)}\n")
    return 0


@contextmanager
def temporary_home() -> Generator[Path, None, None]:
    """A folder for everything, which goes together with whatever still runs in it."""
    home = Path(tempfile.mkdtemp(prefix="kubelanes-bench-")).resolve()
    try:
        yield home
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second Ctrl-C would leave a control plane running
        processes.end(home)  # Pulumi's plugins outlive an interrupted run
        cluster.delete(spec_in(home).place)
        shutil.rmtree(home, ignore_errors=True)  # the sim takes an empty home with it


def this_machine() -> Machine:
    """The machine as it is now."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / _GIB
    return Machine(cores=len(os.sched_getaffinity(0)), memory=memory, load=os.getloadavg()[0])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
