"""Show the pictures of a notebook that is opened after its kernel has gone.

A saved output holds a widget and its last state as a picture. JupyterLab prefers the widget, and
where no kernel knows it any more it writes "model not found" in its place. This extension of
Jupyter's server, switched on by the command ``autograd-lab``, leaves such widgets out when a
notebook is opened that has no running kernel; the file itself stays as it is.
"""

from functools import wraps
from inspect import isawaitable

LIVE, STILL = "application/vnd.jupyter.widget-view+json", "image/svg+xml"


def without_dead_widgets(notebook: dict) -> dict:
    """Leave out, in place, every widget that has a picture.

    >>> output = {"data": {LIVE: {"model_id": "1"}, STILL: "<svg/>"}}
    >>> without_dead_widgets({"cells": [{"outputs": [output]}]})
    {'cells': [{'outputs': [{'data': {'image/svg+xml': '<svg/>'}}]}]}
    """
    for cell in notebook.get("cells", ()):
        for output in cell.get("outputs", ()):
            data = output.get("data")
            if isinstance(data, dict) and STILL in data:
                data.pop(LIVE, None)
    return notebook


def _jupyter_server_extension_points():
    return [{"module": "autograd_lab.reopening"}]


def _load_jupyter_server_extension(server):
    """Let notebooks without a kernel pass through `without_dead_widgets` when they are opened."""
    kind, sessions = type(server.contents_manager), server.session_manager
    read = kind.get

    @wraps(read)
    async def get(contents, path, *args, **options):
        model = await _result(read(contents, path, *args, **options))
        if model["type"] == "notebook" and model["content"]:
            running = await _result(sessions.list_sessions())
            if path.strip("/") not in {session["path"].strip("/") for session in running}:
                without_dead_widgets(model["content"])
        return model

    kind.get = get  # the class: other extensions (Jupytext) make a manager of their own from it


async def _result(found):
    return await found if isawaitable(found) else found
