from pathlib import Path

import pytest

from tools.build import content_key
from tools.failure import SetupError
from tools.install import serves
from tools.layout import Layout
from tools.manifest import Binary, Family, Manifest, fill_in, load_manifest, module_version

LAYOUT = Layout(Path(__file__).resolve().parents[3])
GO_MOD = """module kubelanes.dev/tools/example

replace example.org/a => example.org/a v9.9.9

require example.org/single v1.2.3

require (
\texample.org/a v1.0.0
\texample.org/b/v4 v4.0.0-20260304044920-867400a6a208 // indirect
)
"""


@pytest.fixture(scope="module")
def manifest() -> Manifest:
    return load_manifest(LAYOUT)


@pytest.fixture
def family(tmp_path: Path) -> Family:
    (tmp_path / "go.mod").write_text("module example\n")
    (tmp_path / "go.sum").write_text("")
    return Family("example", tmp_path, "example.org/a", "1.0.0", ("-s",), (), (), (Binary("a", "example.org/a"),))


def test_every_package_lies_in_a_module_that_its_family_pins(manifest: Manifest) -> None:
    for family in manifest.families:
        go_mod = (family.folder / "go.mod").read_text()
        for binary in family.binaries:
            if binary.package == ".":
                assert (family.folder / "main.go").is_file()
            else:
                folders = [binary.package, *map(str, Path(binary.package).parents)]
                assert any(module_version(go_mod, folder) for folder in folders), binary.package


def test_every_family_is_verified_by_its_go_sum(manifest: Manifest) -> None:
    for family in manifest.families:
        pinned = module_version((family.folder / "go.mod").read_text(), family.module)
        assert f"{family.module} v{pinned} h1:" in (family.folder / "go.sum").read_text()


def test_the_oldest_go_builds_every_family() -> None:
    wanted = {
        tuple(map(int, line.split()[1].split(".")))
        for file in LAYOUT.families.glob("*/go.mod")
        for line in file.read_text().splitlines()
        if line.startswith("go ")
    }
    assert load_manifest(LAYOUT).go == max(wanted)


def test_every_folder_of_modules_is_a_family(manifest: Manifest) -> None:
    assert {family.name for family in manifest.families} == {path.name for path in LAYOUT.families.iterdir()}


def test_profiles_name_only_what_can_be_built(manifest: Manifest) -> None:
    binaries = {binary.name for family in manifest.families for binary in family.binaries}
    charts = {chart.name for chart in manifest.charts}
    for profile in manifest.profiles.values():
        assert profile.binaries <= binaries
        assert profile.charts <= charts


def test_the_tests_need_all_that_the_sim_needs(manifest: Manifest) -> None:
    sim, test = manifest.profiles["sim"], manifest.profiles["test"]
    assert sim.binaries <= test.binaries
    assert sim.charts <= test.charts


def test_the_pulumi_program_has_the_version_of_its_python_package(manifest: Manifest) -> None:
    pulumi = next(family for family in manifest.families if family.name == "pulumi")
    assert f'"pulumi=={pulumi.version}"' in LAYOUT.pyproject.read_text()


@pytest.mark.parametrize(
    ("module", "version"),
    [
        ("example.org/single", "1.2.3"),
        ("example.org/a", "1.0.0"),
        ("example.org/b/v4", "4.0.0-20260304044920-867400a6a208"),
        ("example.org/b", None),
    ],
)
def test_the_version_is_the_one_that_go_mod_requires(module: str, version: str | None) -> None:
    assert module_version(GO_MOD, module) == version


def test_linker_flags_carry_the_version() -> None:
    assert fill_in("-X a=v{version} -X b={major} -X c={minor}", "1.36.3") == "-X a=v1.36.3 -X b=1 -X c=36"


def test_a_family_without_its_version_is_refused_with_the_file_that_should_hold_it(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    layout.families.joinpath("a").mkdir(parents=True)
    layout.manifest.write_text(
        'go = "1.26"\n[profiles.sim]\n[charts]\n'
        '[families.a]\nmodule = "example.org/a"\n[families.a.binaries]\na = { package = "example.org/a" }\n'
    )
    with pytest.raises(SetupError, match=r"tools/go/a/go\.mod gives no version of example\.org/a"):
        load_manifest(layout)


def test_the_content_key_changes_with_everything_a_program_is_built_from(family: Family) -> None:
    binary = family.binaries[0]
    keys = {content_key(family, binary, "go1.26.1"), content_key(family, binary, "go1.26.2")}
    other_flags = Family(family.name, family.folder, family.module, family.version, ("-w",), (), (), family.binaries)
    keys.add(content_key(other_flags, binary, "go1.26.1"))
    (family.folder / "go.sum").write_text("changed")
    keys.add(content_key(family, binary, "go1.26.1"))
    (family.folder / "main.go").write_text("package main")
    keys.add(content_key(family, binary, "go1.26.1"))
    assert len(keys) == 5


def test_the_content_key_is_the_same_for_the_same_sources(family: Family) -> None:
    assert content_key(family, family.binaries[0], "go1.26.1") == content_key(family, family.binaries[0], "go1.26.1")


@pytest.mark.parametrize(
    ("rule", "told", "wanted"),
    [
        ("same", "v3.250.0\n", True),
        ("same", "3.250.0", True),
        ("same", "v3.250.1\n", False),
        ("same", "", False),
        ("any", "", True),
        (None, "v3.250.0", False),
    ],
)
def test_a_program_on_path_serves_only_as_its_rule_says(rule: str | None, told: str, wanted: bool) -> None:
    assert serves(rule, told, "3.250.0") is wanted
