"""The command line of ``kubelanes``."""

import argparse
import sys
from collections.abc import Sequence

from ..problems import InvalidSettingsError
from ..settings.stack_file import parse_file
from .stacks import UnknownStackError, stack_file

GOOD, MEND, WRONG_USE = 0, 1, 2
"""Exit statuses: all is well; something must be mended; the command itself is wrong."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; returns the exit status."""
    asked = _parser().parse_args(arguments)
    try:
        return _plan(asked) if asked.command == "plan" else _doctor(asked)
    except UnknownStackError as error:
        sys.stderr.write(f"{error}\n")
        return WRONG_USE
    except InvalidSettingsError as error:
        sys.stderr.write(f"{error}\n")
        return MEND
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        sys.stderr.close()
        return GOOD


def _plan(asked: argparse.Namespace) -> int:
    from ..cost.plan import plan_stack
    from .plan_json import plan_json
    from .plan_text import plan_text

    stack = stack_file(asked.stack)
    plan = plan_stack(parse_file(stack.file))
    sys.stdout.write(plan_json(stack.name, plan) if asked.json else plan_text(stack.name, plan))
    sys.stdout.flush()
    return GOOD


def _doctor(asked: argparse.Namespace) -> int:
    from .doctor.examination import examine
    from .doctor.report import report, report_json

    stack = stack_file(asked.stack) if asked.stack else None
    settings = parse_file(stack.file) if stack else None
    findings = examine(settings, online=asked.online, kubeconfig=asked.kubeconfig)
    sys.stdout.write(report_json(findings) if asked.json else report(stack.name if stack else None, findings))
    sys.stdout.flush()
    return MEND if any(finding.level == "mend" for finding in findings) else GOOD


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="kubelanes", description="Infrastructure as code for AI on Kubernetes.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    stack = "a name (stacks/Pulumi.NAME.yaml) or the path of a stack file"

    plan = commands.add_parser("plan", help="what a stack takes and costs: nodes, GPUs, addresses, quotas, USD")
    plan.add_argument("stack", metavar="STACK", help=stack)
    plan.add_argument("--json", action="store_true", help="for programs")

    doctor = commands.add_parser("doctor", help="whether this machine and the account are ready for a stack")
    doctor.add_argument("stack", metavar="STACK", nargs="?", help=f"{stack}; without it, what every stack needs")
    doctor.add_argument("--online", action="store_true", help="ask the cloud, too: who am I, which quotas do I have")
    doctor.add_argument("--kubeconfig", metavar="FILE", help="look at the GPUs of the cluster that it leads to, too")
    doctor.add_argument("--json", action="store_true", help="for programs")
    return parser
