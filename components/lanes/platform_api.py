"""A service without a GPU."""

from collections.abc import Sequence

import pulumi

from ..settings.lanes import Api
from .api import plan_api
from .component import LaneComponent
from .context import LaneContext


class PlatformApi(LaneComponent):
    """Replicas behind a Service on the platform lane. See ``plan_api`` for what it is made of."""

    def __init__(
        self,
        name: str,
        api: Api,
        context: LaneContext,
        guards: Sequence[pulumi.Resource] = (),
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("PlatformApi", plan_api(name, api, context), guards, opts)
