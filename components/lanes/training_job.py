"""A job of one or many nodes."""

from collections.abc import Sequence

import pulumi

from ..settings.lanes import Training
from .component import LaneComponent
from .context import LaneContext
from .training import plan_training


class TrainingJob(LaneComponent):
    """An Indexed Job in its tenant's queue on the batch lane. See ``plan_training`` for what it is made of."""

    def __init__(
        self,
        name: str,
        training: Training,
        context: LaneContext,
        guards: Sequence[pulumi.Resource] = (),
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("TrainingJob", plan_training(name, training, context), guards, opts)
