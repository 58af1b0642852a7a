"""Show the pictures of a notebook that is opened where its widgets live no more.

A saved output holds a widget and its last state as a picture. JupyterLab prefers the widget, and
where no kernel knows it any more it writes "model not found" in its place; in a notebook that it
does not trust it shows neither. This extension of Jupyter's server, switched on by the command
``autograd-lab``, leaves such widgets out when a notebook is opened, and vouches for cells that hold
nothing but text and harmless pictures; the file itself stays as it is.
"""

import re
from functools import wraps
from inspect import isawaitable
from xml.etree import ElementTree

LIVE, STILL = "application/vnd.jupyter.widget-view+json", "image/svg+xml"
PATIENCE = 2  # seconds until a kernel is asked no more
SVG = "{http://www.w3.org/2000/svg}"
DRAWN = {SVG + name for name in (
    "svg", "g", "title", "desc", "defs", "rect", "circle", "ellipse", "line", "path", "polygon",
    "polyline", "text", "tspan", "clipPath", "linearGradient", "stop", "marker", "pattern", "image",
)}  # fmt: skip
SPOKEN = {"aria-label", "class", "role"}  # attributes that are read and never drawn
CALLS = re.compile(r"(translate|scale|rotate|matrix|rgba?|hsla?|url(?=\(#))\(")  # they only draw
INSIDE = re.compile(r"#|data:image/(png|jpeg);base64,")  # where a picture's links may lead


def without_dead_widgets(notebook: dict, alive: set | frozenset = frozenset()) -> dict:
    """Leave out, in place, every widget that has a picture and is not ``alive``.

    >>> output = {"data": {LIVE: {"model_id": "1"}, STILL: "<svg/>"}}
    >>> without_dead_widgets({"cells": [{"outputs": [output]}]})
    {'cells': [{'outputs': [{'data': {'image/svg+xml': '<svg/>'}}]}]}
    """
    for data in (output.get("data") for cell in _cells(notebook) for output in cell["outputs"]):
        if isinstance(data, dict) and {STILL, LIVE} <= {*data} and _name(data[LIVE]) not in alive:
            del data[LIVE]
    return notebook


def _name(widget):
    return widget.get("model_id") if isinstance(widget, dict) else None


def vouch(notebook: dict) -> dict:
    """Mark, in place, cells as trusted that show nothing but text and harmless pictures.

    >>> drawn = {"data": {STILL: '<svg xmlns="http://www.w3.org/2000/svg"/>', "text/plain": "."}}
    >>> cell = {"metadata": {"trusted": False}, "outputs": [drawn]}
    >>> vouch({"cells": [cell]})["cells"][0]["metadata"]
    {'trusted': True}
    """
    for cell in _cells(notebook):
        found = [output["data"] for output in cell["outputs"] if "data" in output]
        if found and all(_shown_as_it_is(data) for data in found):
            cell.setdefault("metadata", {})["trusted"] = True
    return notebook


def _shown_as_it_is(data):
    return isinstance(data, dict) and {*data} <= {STILL, "text/plain"} and (
        STILL not in data or harmless(data[STILL]))  # fmt: skip


def harmless(svg: str) -> bool:
    """Tell whether a picture is only drawn: it runs nothing, and loads nothing.

    >>> harmless('<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>')
    False
    """
    try:
        text = "".join(svg)  # a file holds it as lines
        elements = [] if "<!" in text or "<?" in text else [*ElementTree.fromstring(text).iter()]
    except (ElementTree.ParseError, TypeError, ValueError):
        return False
    return bool(elements) and all(
        element.tag in DRAWN and all(_harmless(*pair) for pair in element.attrib.items())
        for element in elements
    )


def _harmless(name, value):
    if name.rpartition("}")[2] == "href":
        return bool(INSIDE.match(value))
    if name.startswith("on"):
        return False
    # Written with a backslash, or with a function that nobody here knows, it may load something.
    return name in SPOKEN or not re.search(r"[\\(@]|javascript:", CALLS.sub("", value))


def _cells(notebook):
    return [cell for cell in notebook.get("cells", ()) if cell.get("outputs")]


def _jupyter_server_extension_points():
    return [{"module": "autograd_lab.reopening"}]


def _load_jupyter_server_extension(server):
    """Let notebooks pass through `without_dead_widgets` and `vouch` when they are opened."""
    kind = type(server.contents_manager)
    read = kind.get

    @wraps(read)
    async def get(contents, path, *args, **options):
        model = await _result(read(contents, path, *args, **options))
        if model["type"] == "notebook" and model["content"]:
            alive = await _alive(server, path)
            if alive is not None:
                vouch(without_dead_widgets(model["content"], alive))
        return model

    kind.get = get  # the class: other extensions (Jupytext) make a manager of their own from it


async def _alive(server, path):
    """Ask the kernel of a notebook which widgets it knows; None if that cannot be found out."""
    sessions = await _result(server.session_manager.list_sessions())
    kernels = [session["kernel"]["id"] for session in sessions
               if session["path"].strip("/") == path.strip("/")]  # fmt: skip
    if not kernels:
        return frozenset()
    try:
        client = server.kernel_manager.get_kernel(kernels[0]).client()
        client.start_channels(shell=False, iopub=False, stdin=False, hb=False)
    except Exception:  # a kernel that is not ours to talk to: a gateway's, or one that just ended
        return None
    try:
        asked = client.session.msg("comm_info_request", {"target_name": "jupyter.widget"})
        client.control_channel.send(asked)  # answered while a cell runs, too
        reply = await client.get_control_msg(timeout=PATIENCE)
        return frozenset(reply["content"].get("comms", ()))
    except Exception:
        return None
    finally:
        client.stop_channels()


async def _result(found):
    return await found if isawaitable(found) else found
