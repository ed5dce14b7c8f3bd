"""A stack file on disk: read as Pulumi reads it, each problem with its line."""

import subprocess
import sys
from pathlib import Path

import pytest

from components.problems import InvalidSettingsError
from components.settings.reference import EXAMPLE
from components.settings.stack_file import parse_file
from components.settings.yaml_file import YamlFile

ROOT = Path(__file__).parents[3]
SHARED_EXAMPLE = ROOT.parent / "shared" / "example-stack.yaml"
GOOD = """\
config:
  aws:region: us-east-1
  kubelanes:environment: dev
  kubelanes:cluster: { kind: sim }
  kubelanes:pools:
    platform: { lane: platform, machine: m7i.2xlarge, size: 2 }
  kubelanes:tenants:
    search:
      contact: search@example.com
      quota: { cpu: 4, memory: 8Gi }
  kubelanes:lanes:
    apis:
      portal:
        tenant: search
        image: registry.example.com/portal:2.1.0
        env:
          GREETING: hello
encryptionsalt: v1:abc
"""


@pytest.fixture
def stack_file(tmp_path: Path) -> Path:
    return tmp_path / "Pulumi.test.yaml"


def refusal(file: Path, text: str) -> list[str]:
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidSettingsError) as refused:
        parse_file(file)
    return [f"{problem.path}: {problem.text}" for problem in refused.value.problems]


def test_a_good_file_is_read_with_everything_else_that_pulumi_keeps_in_it(stack_file: Path) -> None:
    stack_file.write_text(GOOD, encoding="utf-8")
    assert list(parse_file(stack_file).tenants) == ["search"]


@pytest.mark.parametrize("file", sorted((ROOT / "stacks").glob("Pulumi.*.yaml")), ids=lambda file: file.stem)
def test_every_committed_stack_is_valid(file: Path) -> None:
    parse_file(file)


def test_the_example_of_the_reference_page_is_valid() -> None:
    parse_file(EXAMPLE)


@pytest.mark.skipif(
    not SHARED_EXAMPLE.exists(), reason="the example stack lies beside the checkout of the project only"
)
def test_the_example_stack_lacks_its_images_and_asks_for_what_nothing_carries_out() -> None:
    with pytest.raises(InvalidSettingsError) as refused:
        parse_file(SHARED_EXAMPLE)
    assert [problem.path.split(" ")[0] for problem in refused.value.problems] == [
        "lanes.apis.platform.image",
        "lanes.training.finetune.image",
        "lanes.training.finetune.kind",
        "lanes.training.finetune.topology",
        "lanes.workers.embeddings.image",
        "pools.h200.size",
    ]


def test_a_key_that_stands_twice_is_refused_with_both_lines(stack_file: Path) -> None:
    pool = "    platform: { lane: platform, machine: m7i.large, size: 2 }\n"
    assert refusal(stack_file, GOOD.replace("  kubelanes:tenants:\n", f"{pool}  kubelanes:tenants:\n")) == [
        "pools.platform (line 6): stands twice, in lines 6 and 7: one would hide the other. Remove or rename one."
    ]


def test_a_problem_names_the_line_of_the_nearest_place_that_stands_there(stack_file: Path) -> None:
    wrong = GOOD.replace("size: 2", "size: two").replace("      contact: search@example.com\n", "")
    assert [line.split(":")[0] for line in refusal(stack_file, wrong)] == [
        "pools.platform.size (line 6)",
        "tenants.search.contact (line 8)",
    ]


def test_a_misspelled_section_is_refused(stack_file: Path) -> None:
    (line,) = refusal(stack_file, GOOD.replace("kubelanes:lanes", "kubelanes:lane"))
    assert line.startswith("lane (line 11): is an unknown key. Did you mean lanes?")


@pytest.mark.parametrize("section", ["kubelanes:tenants", "tenants"])
def test_a_key_without_a_namespace_belongs_to_the_project(stack_file: Path, section: str) -> None:
    stack_file.write_text(GOOD.replace("kubelanes:tenants", section), encoding="utf-8")
    assert parse_file(stack_file).tenants


@pytest.mark.parametrize("value", ["{ secure: v1:Q0kwYw==:c2VjcmV0 }", "{secure: AAABAC}"])
def test_an_encrypted_value_is_refused_where_it_stands(stack_file: Path, value: str) -> None:
    encrypted = GOOD.replace("hello", value).replace("search@example.com", value).replace("size: 2", "size: two")
    encrypted = encrypted.replace("quota:", f"peers: [{value}]\n      quota:")
    lines = refusal(stack_file, encrypted)
    assert not any("c2VjcmV0" in line or "AAABAC" in line for line in lines)
    assert [line.split(": is ")[0] for line in lines] == [
        "lanes.apis.portal.env.GREETING (line 18)",
        "pools.platform.size (line 6)",
        "tenants.search.contact (line 9)",
        "tenants.search.peers[0] (line 10)",
    ]
    assert [line for line in lines if "is encrypted, but no setting takes a secret" in line] == [lines[0], *lines[2:]]


@pytest.mark.parametrize(
    "value", [" dev", " { kind: sim }", GOOD[GOOD.index("\n    platform") : GOOD.index("\n  kubelanes:ten")]]
)
def test_an_encrypted_section_is_refused_once(stack_file: Path, value: str) -> None:
    (line,) = refusal(stack_file, GOOD.replace(value, " { secure: v1:abc }", 1))
    assert "is encrypted, but no setting takes a secret" in line


def test_a_variable_called_secure_is_not_encrypted(stack_file: Path) -> None:
    stack_file.write_text(GOOD.replace("GREETING: hello", "{ SECURE: a, secure: b }"), encoding="utf-8")
    assert parse_file(stack_file).lanes.apis["portal"].env == {"SECURE": "a", "secure": "b"}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("config: {", "line 1: is no YAML: expected the node content, but found '<stream end>'."),
        ("config:\n\tcluster: 1", "line 2: is no YAML: found character '\\t' that cannot start any token."),
        ("config: &a [*a]", "line 1: refers to itself. Remove the alias."),
        ("config: { [1]: 2 }", "line 1: has a list or a mapping as a key."),
        ("a: 1\n---\nb: 2", "line 2: is no YAML: but found another document."),
        ("config: !!python/object:os.system {}", "cluster"),
        ("", "cluster"),
        ("[]", "cluster"),
        ("config: 3", "cluster"),
    ],
)
def test_a_file_that_is_no_stack_file_is_refused_without_a_traceback(stack_file: Path, text: str, problem: str) -> None:
    assert refusal(stack_file, text)[0].startswith(problem)


def test_a_file_that_cannot_be_read_is_refused(stack_file: Path) -> None:
    with pytest.raises(InvalidSettingsError, match="cannot be read: No such file or directory"):
        parse_file(stack_file)
    stack_file.write_bytes(b"\xff\xfe\xff")
    with pytest.raises(InvalidSettingsError, match="is not UTF-8"):
        parse_file(stack_file)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2026-11-03", "2026-11-03"),
        ("50_000_000", 50_000_000),
        ("1.35", 1.35),
        ("3-9", "3-9"),
        ("on", "on"),
        ("yes", "yes"),
        ("true", True),
        ("~", None),
        ("0o17", 15),
        ("0x1F", 31),
        ("1e3", 1000.0),
        ("30:00", "30:00"),
        ("5%", "5%"),
        ('"1.35"', "1.35"),
    ],
)
def test_plain_values_are_read_as_pulumi_reads_them(stack_file: Path, written: str, read: object) -> None:
    stack_file.write_text(f"on: {written}", encoding="utf-8")
    assert YamlFile(stack_file).content == {"on": read}


def test_merged_keys_are_kept_unless_they_are_written_again(stack_file: Path) -> None:
    stack_file.write_text("a: &a { x: 1, y: 2 }\nb: { y: 3, <<: *a }", encoding="utf-8")
    assert YamlFile(stack_file).content == {"a": {"x": 1, "y": 2}, "b": {"x": 1, "y": 3}}


def test_the_command_says_in_one_line_that_a_file_is_valid_and_in_a_table_that_it_is_not(stack_file: Path) -> None:
    stack_file.write_text(GOOD.replace("size: 2", "size: two"), encoding="utf-8")
    command = [sys.executable, "-m", "components.settings", str(EXAMPLE)]
    good = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (good.returncode, good.stderr, good.stdout.count("\n")) == (0, "", 1)
    bad = subprocess.run([*command, str(stack_file)], cwd=ROOT, capture_output=True, text=True, check=False)
    assert bad.returncode == 1
    assert "  pools.platform.size (line 6)  two  is no size." in bad.stderr
    assert "Traceback" not in bad.stderr
