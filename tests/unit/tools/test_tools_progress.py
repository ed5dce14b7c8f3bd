import io

from tools.progress import Board, Display, duration


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Terminal(io.StringIO):
    """Text output that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_durations_read_as_people_say_them() -> None:
    assert [duration(seconds) for seconds in (0.4, 59, 61, 600)] == ["0 s", "59 s", "1 min 1 s", "10 min 0 s"]


def test_the_board_shows_each_running_build_and_what_is_left() -> None:
    clock = Clock()
    board = Board(3, clock)
    board.start("etcd")
    clock.now += 5
    board.start("kueue")
    clock.now += 60
    assert [" ".join(row.split()) for row in board.frame()] == [
        "etcd 1 min 5 s",
        "kueue 1 min 0 s",
        "0 of 3 built, 3 left, 1 min 5 s so far",
    ]
    assert board.finish("etcd") == "built etcd in 1 min 5 s, 2 left"


def test_the_heartbeat_is_one_line() -> None:
    clock = Clock()
    board = Board(2, clock)
    board.start("kueue")
    clock.now += 30
    assert board.heartbeat() == "still building kueue (30 s); 0 of 2 built, 2 left, 30 s so far"


def test_without_a_terminal_each_event_is_a_line_without_control_characters() -> None:
    out = io.StringIO()
    display = Display(Board(2, Clock()), out)
    display.start("etcd")
    display.finish("etcd")
    assert out.getvalue() == "building etcd (1 of 2)\nbuilt etcd in 0 s, 1 left\n"


def test_a_terminal_keeps_only_what_is_finished() -> None:
    out = Terminal()
    display = Display(Board(1, Clock()), out)
    display.start("etcd")
    display.finish("etcd")
    assert out.getvalue().endswith("\x1b[2F\x1b[Jbuilt etcd in 0 s, 0 left\n")
