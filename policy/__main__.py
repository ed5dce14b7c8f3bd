"""Starts the policy pack: ``pulumi preview --policy-pack policy``."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # the engine starts it from anywhere

from policy.pack import start
from policy.rules import RULES

start(RULES)
