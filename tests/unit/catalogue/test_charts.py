"""Where charts are taken from, and that the pins agree with everything else that names them."""

import json
import re
import shutil
import tomllib
from pathlib import Path

import pytest

from components.catalogue.charts import (
    ChartError,
    ChartPin,
    chart_mirror,
    chart_source,
    charts,
    digest,
    require_kubernetes,
)

ROOT = Path(__file__).parents[3]
KUEUE = charts()["kueue"]


@pytest.fixture
def mirror(tmp_path: Path) -> Path:
    """A mirror with one chart, which is not Kueue's."""
    folder = tmp_path / "kueue-0.19.2"
    (folder / "templates").mkdir(parents=True)
    (folder / "Chart.yaml").write_text("name: kueue\n")
    (folder / "templates" / "a.yaml").write_text("kind: ConfigMap\n")
    return tmp_path


def pinned(mirror: Path) -> ChartPin:
    """Kueue's pin, as if that chart were the one."""
    return KUEUE.model_copy(update={"sha256": digest(mirror / "kueue-0.19.2")})


def test_a_mirrored_chart_goes_before_the_published_one(mirror: Path) -> None:
    source = chart_source(pinned(mirror), mirror)
    assert (source.chart, source.version, source.repository) == (str(mirror / "kueue-0.19.2"), None, None)


def test_without_a_mirror_the_chart_comes_from_its_repository(tmp_path: Path) -> None:
    source = chart_source(KUEUE, tmp_path)
    assert (source.chart, source.version) == ("oci://registry.k8s.io/kueue/charts/kueue", "0.19.2")


def test_a_chart_of_a_plain_repository_is_named_apart_from_it(tmp_path: Path) -> None:
    source = chart_source(KUEUE.model_copy(update={"repository": "https://charts.example.com"}), tmp_path)
    assert (source.chart, source.repository) == ("kueue", "https://charts.example.com")


@pytest.mark.parametrize("change", ["edited", "added", "renamed"])
def test_a_mirrored_chart_that_was_altered_is_refused(mirror: Path, change: str) -> None:
    pin, template = pinned(mirror), mirror / "kueue-0.19.2" / "templates" / "a.yaml"
    match change:
        case "edited":
            template.write_text("kind: Secret\n")
        case "added":
            template.with_name("b.yaml").write_text("")
        case _:
            template.rename(template.with_name("b.yaml"))
    with pytest.raises(ChartError, match=r"is not chart kueue 0\.19\.2: its sha256 is .* Remove the folder and run"):
        chart_source(pin, mirror)


def test_a_mirrored_chart_that_nobody_has_read_is_refused(mirror: Path) -> None:
    with pytest.raises(ChartError, match=rf"Read its files, and write sha256: {digest(mirror / 'kueue-0.19.2')} there"):
        chart_source(KUEUE.model_copy(update={"sha256": None}), mirror)


def test_a_cluster_without_a_repository_says_which_chart_is_missing_and_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ChartError, match=r"chart kueue 0\.19\.2 is not in the chart mirror .* Run `make up`"):
        chart_source(KUEUE, tmp_path, offline=True)


def test_the_mirror_is_where_the_environment_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("KUBELANES_CHARTS", str(tmp_path))
    assert chart_mirror() == tmp_path
    monkeypatch.delenv("KUBELANES_CHARTS")
    monkeypatch.chdir(tmp_path)
    assert chart_mirror() == tmp_path / ".tools" / "charts"


@pytest.mark.parametrize("version", ["1.29", "1.36"])
def test_a_release_supports_both_ends_of_its_range(version: str) -> None:
    require_kubernetes(KUEUE, version)


@pytest.mark.parametrize("version", ["1.28", "1.37", "1.100"])
def test_a_version_of_kubernetes_that_a_release_does_not_support_is_refused(version: str) -> None:
    with pytest.raises(
        ChartError, match=rf"supports Kubernetes 1\.29 to 1\.36; the cluster has {re.escape(version)}\."
    ):
        require_kubernetes(KUEUE, version)


@pytest.mark.parametrize("pin", charts().values(), ids=str)
def test_the_mirror_is_filled_with_the_pinned_chart(pin: ChartPin) -> None:
    tools = tomllib.loads((ROOT / "tools" / "tools.toml").read_text())
    if pin.name not in tools["charts"]:
        return
    mirrored, family = tools["charts"][pin.name], tools["charts"][pin.name]["family"]
    assert pin.module
    assert mirrored["sha256"] == pin.sha256
    assert mirrored["path"] == pin.module.chart
    assert tools["families"][family]["module"] == pin.module.path
    required = (ROOT / "tools" / "go" / family / "go.mod").read_text()
    assert re.search(rf"^\s*{re.escape(pin.module.path)} {re.escape(pin.app_version)}\b", required, re.MULTILINE)


def published(pin: ChartPin) -> tuple[str, str, str | None]:
    """Where Renovate looks for newer ones: its data source, the name there, and the address of a repository of Helm."""
    registry = pin.repository.removeprefix("oci://")
    return ("docker", f"{registry}/{pin.name}", None) if registry != pin.repository else ("helm", pin.name, registry)


def test_renovate_finds_every_pin() -> None:
    manager = json.loads((ROOT / "renovate.json").read_text())["customManagers"][0]
    written = ROOT / "components" / "catalogue" / "charts.yaml"
    assert re.search(manager["managerFilePatterns"][0].strip("/"), written.relative_to(ROOT).as_posix())
    # Renovate's expressions are JavaScript's, whose named groups Python spells with a P.
    pattern = manager["matchStrings"][0].replace("(?<", "(?P<")
    found = {
        (each["datasource"], each["depName"], each["registryUrl"], each["currentValue"])
        for each in re.finditer(pattern, written.read_text())
    }
    assert found == {(*published(pin), pin.version) for pin in charts().values()}


def test_the_digest_depends_on_content_and_names_only(mirror: Path) -> None:
    copy = mirror / "copy"
    shutil.copytree(mirror / "kueue-0.19.2", copy)
    assert digest(copy) == digest(mirror / "kueue-0.19.2")
