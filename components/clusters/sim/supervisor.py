"""Plays the kubelet for the one Deployment that a chart would have: ``python -m ...supervisor --assignment FILE``.

It waits for what the chart installs, starts the controller with the chart's own configuration and service account,
starts it again when it exits, hangs or is configured anew, and stops it when the chart is removed or the sim stops.
"""

import argparse
import ctypes
import http.client
import json
import logging
import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import yaml

from . import config
from .chart import NOT_NOW, Chart
from .files import write_private
from .hosted import fill, merge
from .hosting import Assignment
from .ports import LOOPBACK

log = logging.getLogger("supervisor")

_PERIOD = 1.0  # seconds between two looks at the cluster
_GRACE = 10.0  # seconds to stop within, as in the charts' terminationGracePeriodSeconds
_STARTUP = 30.0  # seconds before the first liveness probe counts
_PROBE_PERIOD, _PROBE_FAILURES = 5.0, 3
_FIRST_DELAY, _LONGEST_DELAY = 1.0, 30.0
_STEADY = 60.0  # seconds of running after which a crash counts as the first again

_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD)


@dataclass(slots=True)
class Backoff:
    """How long to wait before a controller that keeps exiting is started again: twice as long each time."""

    delay: float = 0.0
    not_before: float = 0.0

    def failed(self, now: float, ran: float) -> None:
        """The controller ended by itself after ``ran`` seconds."""
        steady = ran >= _STEADY or not self.delay
        self.delay = _FIRST_DELAY if steady else min(2 * self.delay, _LONGEST_DELAY)
        self.not_before = now + self.delay


@dataclass(slots=True)
class Child:
    """A running controller, and what it was started with."""

    process: subprocess.Popen[bytes]
    configuration: str
    started: float
    probed: float
    failures: int = 0


class Supervisor:
    """Keeps one controller as its chart wants it."""

    def __init__(self, assignment: Assignment) -> None:
        self._assignment = assignment
        self._controller = assignment.controller
        self._chart = Chart(assignment.controller, assignment.kubeconfig)
        self._backoff = Backoff()
        self._child: Child | None = None
        self._renew_token_at = 0.0
        self._said = ""

    def run(self) -> None:
        """Works until it is asked to stop."""
        signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        while True:
            try:
                self._look(time.monotonic())
            except NOT_NOW as error:
                # As a kubelet does: without an API server everything goes on as it is.
                self._say(f"the API server does not answer: {type(error).__name__}")
            woken = signal.sigtimedwait(_SIGNALS, _PERIOD)
            if woken is not None and woken.si_signo != signal.SIGCHLD:
                break
        self._stop("the sim stops")

    def _look(self, now: float) -> None:
        self._bury(now)
        self._probe(now)
        wanted = self._chart.configuration()
        if wanted is None:
            self._stop("its chart is not installed")
            self._say(f"waiting for ConfigMap {self._controller.namespace}/{self._controller.config_map}")
            return
        if self._child is not None and self._child.configuration != wanted:
            self._stop("its configuration changed")
            self._backoff = Backoff()
        if self._child is None:
            if now < self._backoff.not_before:
                return
            if wanting := list(self._chart.wanting()):
                self._say(f"waiting for {', '.join(wanting)}")
                return
            self._start(wanted, now)
        elif now >= self._renew_token_at:
            self._renew_token(now)

    def _start(self, configuration: str, now: float) -> None:
        given = self._assignment
        self._renew_token(now)
        if self._controller.webhooks:
            self._chart.keep_certificate({path.name: path.read_bytes() for path in given.certificates.iterdir()})
        write_private(given.config, self._adapted(configuration))
        write_private(given.controller_kubeconfig, yaml.safe_dump(_token_kubeconfig(given)))
        command = [str(fill(part, given.values)) for part in self._controller.command]
        environment = {name: str(fill(value, given.values)) for name, value in self._controller.environment.items()}
        process = subprocess.Popen(  # noqa: S603 - the row's program
            command, env=os.environ | environment, stdin=subprocess.DEVNULL, preexec_fn=_bind_to_parent
        )
        self._child = Child(process, configuration, started=now, probed=now + _STARTUP)
        self._say(f"started {self._controller.name}, process {process.pid}")

    def _adapted(self, configuration: str) -> str:
        """The chart's configuration as a host process needs it."""
        content = yaml.safe_load(configuration)
        if overrides := dict(self._controller.overrides):
            content = merge(content, fill(overrides, self._assignment.values))
        return json.dumps(content) if self._controller.config_format == "json" else yaml.safe_dump(content)

    def _stop(self, why: str) -> None:
        if self._child is None:
            return
        self._say(f"stopping {self._controller.name}: {why}")
        self._child.process.terminate()
        try:
            self._child.process.wait(_GRACE)
        except subprocess.TimeoutExpired:
            self._child.process.kill()
            self._child.process.wait()
        self._child = None

    def _bury(self, now: float) -> None:
        """Takes note of a controller that ended by itself."""
        if self._child is None or (status := self._child.process.poll()) is None:
            return
        self._backoff.failed(now, now - self._child.started)
        self._child = None
        self._say(f"{self._controller.name} ended with {status}; starting it again in {self._backoff.delay:.0f} s")

    def _probe(self, now: float) -> None:
        """Ends a controller that runs and does nothing."""
        child = self._child
        if child is None or now < child.probed + _PROBE_PERIOD:
            return
        child.probed = now
        child.failures = 0 if self._is_alive() else child.failures + 1
        if child.failures >= _PROBE_FAILURES:
            self._stop("it does not answer its liveness probe")
            self._backoff.failed(now, now - child.started)

    def _is_alive(self) -> bool:
        connection = http.client.HTTPConnection(LOOPBACK, int(self._assignment.values["health"]), timeout=2)
        try:
            connection.request("GET", self._controller.health_path)
            return connection.getresponse().status == http.client.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def _renew_token(self, now: float) -> None:
        token = self._chart.token()
        write_private(self._assignment.token, token.value)
        self._renew_token_at = now + token.lifetime / 2

    def _say(self, what: str) -> None:
        if what != self._said:
            log.info("%s", what)
        self._said = what


def _token_kubeconfig(given: Assignment) -> config.Document:
    """The administrator's kubeconfig with the service account in the administrator's place."""
    admin = yaml.safe_load(given.kubeconfig.read_text())
    return admin | {"users": [{"name": admin["users"][0]["name"], "user": {"tokenFile": str(given.token)}}]}


def _bind_to_parent() -> None:
    """Runs in the child: it shall not outlive a supervisor that is killed, and signals shall reach it."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def main() -> None:
    """The entry point."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--assignment", type=Path, required=True, help="what to host, a JSON file")
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    Supervisor(Assignment.read(parser.parse_args().assignment)).run()


if __name__ == "__main__":
    main()
