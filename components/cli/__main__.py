"""``python -m components.cli`` is what ``kubelanes`` is where the package is installed."""

import sys

from .main import main

sys.exit(main(sys.argv[1:]))
