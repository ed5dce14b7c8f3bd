"""From the lanes section of a stack file to the plans of all its workloads."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial

from ..problems import InvalidSettingsError, Problem
from ..settings.lanes import LaneSettings
from .api import plan_api
from .context import LaneContext
from .online import plan_online
from .training import plan_training
from .worker import plan_worker
from .workload import LanePlan


def plan_lanes(lanes: LaneSettings, context: LaneContext) -> tuple[LanePlan, ...]:
    """Plans every workload.

    Raises InvalidSettingsError with everything that keeps any of them from running.
    """
    plannings = (
        *(partial(plan_online, name, online, context) for name, online in lanes.online.items()),
        *(partial(plan_worker, name, worker, context) for name, worker in lanes.workers.items()),
        *(partial(plan_api, name, api, context) for name, api in lanes.apis.items()),
        *(partial(plan_training, name, training, context) for name, training in lanes.training.items()),
    )
    problems: list[Problem] = []
    plans = tuple(_planned(plannings, problems))
    if problems:
        raise InvalidSettingsError(problems)
    return plans


def _planned(plannings: Iterable[Callable[[], LanePlan]], problems: list[Problem]) -> Iterator[LanePlan]:
    for planning in plannings:
        try:
            yield planning()
        except InvalidSettingsError as error:
            problems.extend(error.problems)
