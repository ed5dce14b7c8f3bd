"""Rules as policies of Pulumi's SDK."""

from collections.abc import Callable, Sequence

from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyPack,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    Severity,
    StackValidationArgs,
    StackValidationPolicy,
)

from .rules.made import Made, Stack
from .rules.rule import ResourceRule, Rule, StackRule

NAME = "kubelanes"


def start(rules: Sequence[Rule]) -> None:
    """Serves the rules to the engine until it is done."""
    PolicyPack(NAME, [policy(rule) for rule in rules])


def policy(rule: Rule) -> Policy:
    """A rule as the engine takes it.

    Raises TypeError where the rule says not what it judges.
    """
    match rule:
        case ResourceRule():
            made = ResourceValidationPolicy(rule.name, rule.title, _of_resource(rule))
        case StackRule():
            made = StackValidationPolicy(rule.name, rule.title, _of_stack(rule))
        case _:
            raise TypeError(f"{rule.name} judges neither a resource nor a stack")
    made.display_name, made.remediation_steps = rule.title, rule.remedy
    made.enforcement_level, made.severity = EnforcementLevel(rule.level), Severity(rule.severity)
    made.tags = [rule.theme]
    return made


def _of_resource(rule: ResourceRule) -> Callable[[ResourceValidationArgs, ReportViolation], None]:
    def validate(args: ResourceValidationArgs, report: ReportViolation) -> None:
        if args.resource_type in rule.types:
            made = Made(type=args.resource_type, name=args.name, urn=args.urn, props=args.props)
            for text in rule.judge(made):
                report(rule.message(text), None)

    return validate


def _of_stack(rule: StackRule) -> Callable[[StackValidationArgs, ReportViolation], None]:
    def validate(args: StackValidationArgs, report: ReportViolation) -> None:
        resources = [Made(type=r.resource_type, name=r.name, urn=r.urn, props=r.props) for r in args.resources]
        stack = Stack(resources)
        for finding in rule.judge(stack):
            report(rule.message(finding.text), finding.urn)
        if stack.open:
            raise stack.open[0]  # the engine then says that the rule is open, beside what was found

    return validate
