"""A kind cluster that no state knows of, with a stand-in for kind that believes in it."""

from pathlib import Path

import pytest

from tests.support.local import with_kind
from tools.failure import SetupError
from tools.orphans import remove_kind_clusters


@pytest.fixture
def standin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The stand-in's folder; two clusters stand, and the home below ``tmp_path`` has begun one of them."""
    folder = tmp_path / "standin"
    for name, value in with_kind(folder).items():
        monkeypatch.setenv(name, value)
    (folder / "kind" / "nodes").mkdir(parents=True)
    for name in ("ours", "theirs"):
        (folder / "kind" / "nodes" / f"{name}.json").write_text('["control-plane"]')
    begun = tmp_path / "home" / "kind" / "ours"
    begun.mkdir(parents=True)
    (begun / "kind.yaml").touch()
    return folder


def test_a_cluster_whose_creation_was_killed_is_removed_and_no_other(tmp_path: Path, standin: Path) -> None:
    remove_kind_clusters(tmp_path / "home")
    assert [file.stem for file in (standin / "kind" / "nodes").iterdir()] == ["theirs"]


def test_where_kind_fails_or_is_gone_that_is_said(tmp_path: Path, standin: Path) -> None:
    (standin / "kind" / "engine-down").touch()
    with pytest.raises(SetupError, match=r"cannot remove the cluster ours: .*Docker daemon"):
        remove_kind_clusters(tmp_path / "home")
    (standin / "bin" / "kind").unlink()
    with pytest.raises(SetupError, match="kind is not on PATH"):
        remove_kind_clusters(tmp_path / "home")


def test_without_kind_clusters_nothing_is_asked_of_kind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    remove_kind_clusters(tmp_path)
