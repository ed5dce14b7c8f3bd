"""What is around a cluster of the stand-in for kind: its pod network with Kueue, and the driver of its GPUs."""

import json
from pathlib import Path

from tests.standins import kind

from .example_driver import ExampleDriver
from .network import HOSTED, PodNetwork


class KindWorld:
    """The surroundings of one cluster, which may be made later, and anew; `close` leaves nothing of them.

    folder: of the stand-in, ``$KUBELANES_STANDIN``.
    name: of the cluster.
    path: the PATH on which everything is found.
    """

    def __init__(self, folder: Path, name: str, path: str) -> None:
        programs = folder / "network"
        programs.mkdir()
        (folder / kind.HOSTED).write_text(json.dumps([HOSTED]))
        spec = kind.spec(folder / "kind", name)
        self._network = PodNetwork(programs, spec, path)
        self.path = self._network.before(path)
        """The PATH on which the stand-in has to be called."""
        self._driver = ExampleDriver(spec)
        self._driver.start()

    def close(self) -> None:
        """Ends everything; the cluster should be gone."""
        self._driver.stop()
        self._network.close()
