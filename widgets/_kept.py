"""What a notebook keeps of a widget: its last state, as a picture that needs no kernel."""

import os
from pathlib import Path
from uuid import uuid4

import anywidget
import traitlets
from IPython.core.getipython import get_ipython
from IPython.display import publish_display_data
from ipywidgets import widget_serialization

from ._asked import Asked
from ._cells import cells
from ._esm import FETCH, Code, shared
from ._page import page

PAGE = "application/vnd.autograd-lab.page"


class Kept(Asked, anywidget.AnyWidget):
    """A widget whose saved picture is its last state.

    A widget that changes calls `_watch`; when the cell is over, by an error or an interrupt too,
    `flush` sends the rest and the picture in the notebook is renewed. As a callback of
    ``train_model`` it shows itself when the training begins, and is finished when it ends.
    A class says with ``_pack`` what runs in the page.
    """

    _esm, _pack = FETCH, ""
    code = traitlets.Instance(Code).tag(sync=True, **widget_serialization)
    key = traitlets.Unicode(read_only=True).tag(sync=True)  # joins the views of one widget
    _alone = False  # is its page worth having without a kernel? `autograd-lab export --live` asks
    _watched = False  # will the end of this cell be told to us?
    _shown = False  # does a notebook show us?
    _begun = _retired = False  # has a page loaded us? will we be closed as soon as it has?
    _shell = None  # the IPython that tells us
    _still = ""  # the picture that the notebook has

    @traitlets.default("code")
    def _shared_code(self):
        return shared(self._pack)

    @traitlets.default("key")
    def _new_key(self):
        return uuid4().hex

    def to_svg(self) -> str:
        """Return the picture as SVG text: complete in itself, for any page or paper."""
        raise NotImplementedError

    def flush(self) -> None:
        """Send what is new since the last time."""
        raise NotImplementedError

    def save_svg(self, path) -> None:
        """Write the picture to a file."""
        Path(path).write_text(self.to_svg(), encoding="utf-8")

    def page_state(self) -> dict:
        """Return the traits as they are now: what a page without a kernel shows."""
        inner = {"layout", "tabbable", "tooltip", "code"}
        return {k: v for k, v in self.get_state().items() if k[0] != "_" and k not in inner}

    def to_html(self) -> str:
        """Return a page that shows the widget anywhere: one text, no kernel, no network."""
        self.flush()
        state = {**self.page_state(), "key": self.key}
        return page(self._pack, state, repr(self), self.to_svg())

    def save_html(self, path) -> None:
        """Write that page to a file."""
        Path(path).write_text(self.to_html(), encoding="utf-8")

    def finish(self) -> None:
        """Send the rest and renew the picture that the notebook will keep."""
        if self._watched:
            self._unwatch()
            self.flush()
            if self._shown:
                self._publish(update=True)

    def close(self) -> None:
        """Take the widget off every page; show it again and it is back."""
        if self._watched:
            self._unwatch()
        self._begun = False
        self.layout.close()
        super().close()

    def retire(self) -> None:
        """Close the widget once its page has loaded it: before, the page would miss it."""
        self._retired = True
        if self._begun:
            self.close()

    def _handle_custom_msg(self, content, buffers):
        if content != {"begun": True}:
            return super()._handle_custom_msg(content, buffers)
        self._begun = True
        return self.retire() if self._retired else None

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.finish()

    def _watch(self):
        """Ask IPython to tell us when this cell is over."""
        if not self._watched:
            self._watched = True
            self._shell = get_ipython()
            if self._shell is not None:
                self._shell.events.register("post_run_cell", self._cell_ended)

    def _unwatch(self):
        self._watched = False
        if self._shell is not None:  # asking anew would import, which the end of Python forbids
            self._shell.events.unregister("post_run_cell", self._cell_ended)

    def _cell_ended(self, result=None):
        self.finish()

    def _publish(self, update=False):
        data, metadata = self._repr_mimebundle_()
        if not (update and data["image/svg+xml"] == self._still):
            publish_display_data(data, metadata, transient={"display_id": self.key}, update=update)
        self._still = data["image/svg+xml"]

    def _ipython_display_(self):
        """Show the widget under an id of its own, so that the last state can replace the first."""
        if self.comm is None:  # its cell ran again without it, and now it is wanted after all
            vars(self).pop("_repr_mimebundle_", None)
            self.layout.open()
            self.open()
        self._shown, self._retired = True, False
        self._publish()
        cells.note(self)

    def _repr_mimebundle_(self, **kwargs):
        data, metadata = super()._repr_mimebundle_(**kwargs) or ({}, {})
        data = {**data, "image/svg+xml": self.to_svg(), "text/plain": repr(self)}
        if self._alone and os.environ.get("LAB_PAGES"):
            data[PAGE] = self.to_html()
        return data, metadata

    def on_train_begin(self, run) -> None:
        """Show the widget, if nobody did."""
        if not self._shown and get_ipython() is not None:
            self._ipython_display_()

    def on_train_end(self, run) -> None:
        """Send the rest."""
        self.finish()
