"""A model that answers requests."""

from collections.abc import Sequence

import pulumi

from ..settings.lanes import Online
from .component import LaneComponent
from .context import LaneContext
from .online import plan_online


class OnlineInference(LaneComponent):
    """vLLM behind a Service on the gpu-inference lane. See ``plan_online`` for what it is made of."""

    def __init__(
        self,
        name: str,
        online: Online,
        context: LaneContext,
        guards: Sequence[pulumi.Resource] = (),
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("OnlineInference", plan_online(name, online, context), guards, opts)
