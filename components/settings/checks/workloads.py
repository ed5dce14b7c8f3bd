"""What workloads run is versioned, and what they are given is no secret in plain text."""

import re
from collections.abc import Iterator

from ...problems import Problem
from ..draft import Draft
from ..plaintext import HIDDEN_VALUE, secret_kind, tells_a_secret
from ..wording import dotted, problem
from ..workloads import workloads

_SOURCE = re.compile(r"(hf|s3|gs|oci|pvc)://[^\s/]\S*")


def check_images(draft: Draft) -> Iterator[Problem]:
    """No image is whatever happens to be the latest."""
    for placed in workloads(draft):
        if placed.workload.image.endswith(":latest"):
            text = (
                "names no version: nodes could run different ones, and no rollback finds the old. Name a tag or digest."
            )
            yield problem((*placed.path, "image"), placed.workload.image, text)


def check_environment_variables(draft: Draft) -> Iterator[Problem]:
    """Environment variables hold no secrets, and come from one place."""
    for placed in workloads(draft):
        for name, value in placed.workload.env.items():
            path = (*placed.path, "env", name)
            if name in placed.workload.secrets:
                text = "stands in env and in secrets, and one would hide the other. Remove one."
                yield problem(path, HIDDEN_VALUE, text)
            elif value and tells_a_secret(name) and not secret_kind(value):
                text = (
                    "is a secret by its name, and env stands in plain text in the cluster too. "
                    f"Put it into a Secret and write secrets: {{ {name}: name of the Secret }}."
                )
                yield Problem(dotted(path), HIDDEN_VALUE, text)


def check_variables_of_the_lane(draft: Draft) -> Iterator[Problem]:
    """No workload sets what its lane sets."""
    for placed in workloads(draft):
        for key in ("env", "secrets"):
            for name in filter(getattr(placed.workload, key).__contains__, placed.variables):
                text = f"is set by lanes.{placed.sort}, which relies on its own value. Remove it, or use another name."
                yield Problem(dotted((*placed.path, key, name)), HIDDEN_VALUE, text)


def check_sources(draft: Draft) -> Iterator[Problem]:
    """A model's weights come from where we can fetch them."""
    for name, online in draft.lanes.online.items():
        if not _SOURCE.fullmatch(online.model.source):
            text = "is nowhere to fetch weights from. Begin with hf://, s3://, gs://, oci:// or pvc:// and say where."
            yield problem(("lanes", "online", name, "model", "from"), online.model.source, text)


def check_rollouts(draft: Draft) -> Iterator[Problem]:
    """The steps of a rollout rise, and what takes it back is there."""
    for name, online in draft.lanes.online.items():
        path, steps = ("lanes", "online", name, "rollout"), online.rollout.canary
        written = [f"{step * 100:g}%" for step in steps]
        if list(steps) != sorted(set(steps)) or (steps and not 0 < steps[0] <= steps[-1] < 1):
            text = "does not rise from above 0% to below 100%, so a step would change nothing. Write [5%, 25%, 50%]."
            yield problem((*path, "canary"), written, text)
        slo = online.slo
        if (
            online.rollout.back_on == "slo"
            and "back_on" in online.rollout.model_fields_set
            and not (slo.ttft_p95 or slo.errors)
        ):
            text = "has nothing to judge by. Add slo: { ttft_p95: 800ms, errors: 0.1% } to the model, or write never."
            yield problem((*path, "back_on"), "slo", text)


RULES = (check_images, check_environment_variables, check_variables_of_the_lane, check_sources, check_rollouts)
