"""A page asks, a kernel answers: each half by itself; the widgets' tests have both."""

from pathlib import Path

import pytest

from autograd_lab.widgets._asked import Asked, sentence

HERE = Path(__file__).parent
SOURCE = HERE.parents[2] / "widgets"


class Told(Asked):
    """Does what the message says, and keeps what is sent to the page."""

    def __init__(self):
        super().__init__()
        self.sent = []
        self.send = self.sent.append

    def _hear(self, _widget, message, _buffers):
        if isinstance(message, dict) and "raises" in message:
            raise message["raises"]
        return {"value": 1} if message.get("value") else None


@pytest.mark.parametrize(("message", "answer"), [
    ({"id": 1}, {"answer": 1}),
    ({"id": "a", "value": 1}, {"answer": "a", "value": 1}),
    ({"id": 2, "raises": ValueError("no such\nplace\u202e")}, {"error": "no such place\ufffd"}),
    ({"id": 3, "raises": KeyError("w")}, {"error": "KeyError: 'w'"}),
    ({"id": 4, "raises": RuntimeError()}, {"error": "RuntimeError:"}),
])  # fmt: skip
def test_every_question_is_answered(message, answer):
    told = Told()
    told._handle_custom_msg(message, [])
    assert told.sent == [{"answer": message["id"], **answer}]


@pytest.mark.parametrize("message", [{}, {"value": 1}, {"raises": ValueError("x")}, "text", None])
def test_what_is_no_question_has_no_answer(message):
    told = Told()
    told._handle_custom_msg(message, [])
    assert told.sent == []


def test_a_long_error_is_cut():
    assert len(sentence(ValueError("x" * 10_000))) == 300


def test_nobody_asks_in_a_way_of_their_own():
    """Only the streams of curves send by themselves: they want no answer."""
    sending = {p.relative_to(SOURCE).as_posix() for p in SOURCE.rglob("*.js")
               if "model.send(" in p.read_text("utf-8")}  # fmt: skip
    assert sending == {"asking.js", "loss_curve/view.js", "monitor/index.js"}
    assert not [p for p in SOURCE.rglob("*.py") if "on_msg(" in p.read_text("utf-8")]
