from tools.kinds import CLUSTERS, PAGE, SETTINGS, page


def test_the_page_is_what_the_planners_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "stale: python -m tools.kinds"


def test_every_setting_has_a_cell_for_every_kind() -> None:
    rows = [line for line in page().splitlines() if line.startswith("| `")]
    settings = [row for row in rows if row.split("`")[1] in SETTINGS]
    assert len(settings) == len(SETTINGS)
    assert {row.count(" | ") for row in settings} == {len(CLUSTERS)}
