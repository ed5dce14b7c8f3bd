"""``python3 -m tools``: says what the machine lacks, or does what it is asked."""

import sys
from pathlib import Path

from .preflight import missing, this_machine

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """Check the machine, then run; the rest is imported only by a Python that can read it."""
    lacking = missing(this_machine(ROOT), fresh=not (ROOT / ".tools" / "stamps").exists())
    if lacking:
        print("\n".join(lacking), file=sys.stderr)
        return 1
    from .cli import run  # an older Python could not parse it

    return run(ROOT, sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
