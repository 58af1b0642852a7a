"""Answer what a page asks: every question is answered, with what was found or why nothing was."""

from ipywidgets import Widget

from ._paper import label

PLAIN = ValueError, RuntimeError, TypeError, IndexError, OSError  # their text says it all


class Asked(Widget):
    """A widget whose page asks; the page's half is asking.js.

    A class says in `_hear` what it does with a message. A message with an id is a question: what
    `_hear` returns, a dict or nothing, is its answer, and an error is told in one sentence.

    >>> class Sum(Asked):
    ...     def _hear(self, _widget, message, _buffers):
    ...         return {"sum": sum(message["numbers"])}
    >>> asked = Sum()
    >>> asked.send = print
    >>> asked._handle_custom_msg({"id": "a", "numbers": [1, 2]}, [])
    {'answer': 'a', 'sum': 3}
    >>> asked._handle_custom_msg({"id": "b"}, [])
    {'answer': 'b', 'error': "KeyError: 'numbers'"}
    """

    def _hear(self, _widget, message, _buffers) -> dict | None:
        """Do what the page asks for. This may be another thread than that of the cells."""

    def _reply(self, found: dict) -> None:
        """Send an answer to the page."""
        self.send(found)

    def _handle_custom_msg(self, content, buffers):
        super()._handle_custom_msg(content, buffers)
        try:
            found = self._hear(self, content, buffers) or {}
        except Exception as error:  # a learner's model may raise anything: the page must not wait
            found = {"error": sentence(error)}
            self.log.info("the page's question failed", exc_info=True)
        if isinstance(content, dict) and "id" in content:
            self._reply({"answer": content["id"], **found})


def sentence(error: BaseException) -> str:
    """Say in one line what went wrong.

    >>> sentence(ValueError("lr: a step needs a length above 0")), sentence(KeyError("w"))
    ('lr: a step needs a length above 0', "KeyError: 'w'")
    """
    words = str(error) if isinstance(error, PLAIN) and str(error) else ""
    return label(words or f"{type(error).__name__}: {error}", 300)
