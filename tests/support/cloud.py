"""Cloud stacks on the real engine: the cloud is a stand-in, what is inside the cluster is real."""

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from components.pools.kwok import allocatable, capacity
from components.pools.planner import cloud_of, plan_pools
from components.settings import parse_settings
from tests.standins.provider.making import Place
from tests.standins.provider.server import FOLDER
from tests.standins.provider.store import Stored
from tests.standins.world.autoscaler import Autoscaler
from tests.standins.world.world import World
from tools.layout import Layout
from tools.stack import SIM_DESTRUCTION

from .deployment import ROOT, Deployment
from .events import Event, steps

BIN = ROOT / "tests" / "standins" / "bin"
CLOUDS = {"aws": "7.51.1", "gcp": "10.2.0"}


class CloudDeployment(Deployment):
    """One stack against the stand-ins.

    world: what its cluster leads to; without one, clusters are there and cannot be reached.
    """

    def __init__(
        self,
        home: Path,
        world: World | None = None,
        stack: str = "cloud",
        program: Path = ROOT,
        env: Mapping[str, str] | None = None,
    ) -> None:
        self.cloud = home / "cloud"
        self.cloud.mkdir(mode=0o700)
        self._runs = 0
        self._autoscaler: Autoscaler | None = None
        self._world = world
        if world:
            world.describe(self.cloud)
        own = {
            FOLDER: str(self.cloud),
            "PULUMI_DEBUG_COMMANDS": "true",  # or there is no --event-log
            "PULUMI_IGNORE_AMBIENT_PLUGINS": "true",  # the stand-ins are installed like any plugin
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            **(world.internet.environment if world else {}),
        }
        super().__init__(home, stack, program, {**own, **dict(env or {})})
        self.env["PATH"] = f"{BIN}{os.pathsep}{self.env['PATH']}"
        self._install_plugins(home / "pulumi-home" / "plugins")

    def configure(self, source: Path | str) -> "CloudDeployment":
        """Takes a stack file, or the text of one; what nodes have inside follows from its pools."""
        super().configure(source)
        text = source.read_text() if isinstance(source, Path) else source
        given = (yaml.safe_load(text) or {}).get("config") or {}
        if "kubelanes:cluster" in given:
            settings = parse_settings({key.removeprefix("kubelanes:"): value for key, value in given.items()})
            cloud = cloud_of(settings.cluster) or "aws"
            pools = {
                pool.name: {
                    "capacity": capacity(pool, cloud),
                    "allocatable": allocatable(pool, cloud),
                    "arch": pool.machine.arch,
                }
                for pool in plan_pools(settings)
            }
            (self.cloud / "nodes.json").write_text(json.dumps(pools))
        return self

    def preview(self, *extra: str) -> str:
        """``pulumi preview``; what it printed."""
        return self.run("preview", *extra)

    def up(self, *extra: str) -> str:
        """``pulumi up``; what it printed."""
        return self.run("up", "--yes", "--skip-preview", *extra)

    def refusal(self, *command: str) -> str:
        """Runs a command that has to fail; all that it said."""
        done = self.pulumi(*command, *self._logged(), check=False)
        assert done.returncode, f"{' '.join(command)} did not fail:\n{done.stdout}"
        return done.stdout + done.stderr

    def run(self, *command: str) -> str:
        """Runs a command, which has to succeed, with its events recorded; what it printed."""
        return self.pulumi(*command, *self._logged()).stdout

    def destroy(self) -> None:
        """``pulumi destroy`` of whatever stands, protected or not, as somebody does who means it."""
        self.lift_protection()
        self.env |= SIM_DESTRUCTION  # a test's cloud may be destroyed from the start again
        self.run("destroy", "--yes", "--skip-preview")

    def lift_protection(self) -> None:
        """What has to be done before a production stack may go: in the state, and in the cloud's console."""
        self._run(["state", "unprotect", "--all", "--yes", "--stack", self.stack], self.project, check=False)
        for each in self.stored():
            if each.inputs.get("deletionProtection", "gcp:" in each.token):
                each.inputs["deletionProtection"] = False
                self._place().store.put(each)

    def steps(self, kind: str = "resourcePreEvent") -> list[Event]:
        """The steps of the last recorded run."""
        return list(steps(self._log(), kind))

    def calls(self, method: str | None = None) -> Iterator[dict[str, Any]]:
        """Every call of a provider so far, in order: method, token, name, urn, inputs, ..."""
        path = self.cloud / "log.jsonl"
        for line in path.read_text().splitlines() if path.exists() else []:
            call = json.loads(line)
            if method in (None, call["method"]):
                yield call

    def recorded(self, token: str) -> list[dict[str, Any]]:
        """The inputs of everything of a type that stands."""
        return [each.inputs for each in self.stored(token)]

    def stored(self, token: str = "") -> list[Stored]:
        """Everything that stands in the cloud, or what is of one type."""
        return [each for each in self._place().store.every(token) if not each.gone]

    def alter(self, token: str, change: Mapping[str, Any], name: str | None = None) -> None:
        """Changes something behind the program's back, as an autoscaler or a person does; objects key by key."""
        found = [each for each in self.stored(token) if name in (None, each.name)]
        assert len(found) == 1, f"{len(found)} of {token} {name or ''}"
        for side in (found[0].inputs, found[0].outputs):
            side.update(
                {key: {**side[key], **value} if isinstance(value, dict) else value for key, value in change.items()}
            )
        self._place().store.put(found[0])

    def drop(self, urn: str) -> None:
        """Has Pulumi forget a resource that stands."""
        self._run(["state", "delete", "--yes", "--stack", self.stack, urn], self.project)

    def forget(self, stored: Stored) -> None:
        """Takes something away behind the program's back."""
        self._place().store.remove(stored)

    def failures(self, *orders: Mapping[str, Any]) -> None:
        """What is to fail from now on.

        Each order has a ``token`` and an ``error`` (capacity, quota, throttling, time-out, partial, or a text), and
        where wanted the resource's ``name``, the ``method`` (create) and how many ``times`` (1).
        """
        (self.cloud / "failures.json").write_text(json.dumps([dict(order) for order in orders]))

    def autoscale(self, cloud: str) -> None:
        """Has nodes added for pods that wait, until `close`."""
        self._autoscaler = Autoscaler(self.cloud, cloud)
        self._autoscaler.start()

    def close(self) -> None:
        """Ends what runs beside the stack."""
        if self._autoscaler:
            self._autoscaler.stop()
            self._autoscaler = None

    def _place(self) -> Place:
        return Place(package="aws", folder=self.cloud, region="")

    def _log(self) -> Path:
        return self.home / f"events-{self._runs}.json"

    def _logged(self) -> list[str]:
        self._runs += 1
        return ["--event-log", str(self._log())]

    def _install_plugins(self, folder: Path) -> None:
        folder.unlink()  # it leads to what set-up built: the stand-ins stand beside that, not in it
        folder.mkdir()
        built = {path.parent.name: path for path in Layout(ROOT).plugins.glob("*/pulumi-resource-*")}
        standins = {
            f"resource-{cloud}-v{version}": BIN / f"pulumi-resource-{cloud}" for cloud, version in CLOUDS.items()
        }
        for name, program in (built | standins).items():
            (folder / name).mkdir()
            (folder / name / program.name).symlink_to(program)
