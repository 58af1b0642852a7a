"""What must hold for every widget: a picture without a page, manners, and a way to go."""

import gc
import weakref
from xml.etree import ElementTree

import pytest

from autograd_lab import widgets
from tests.widgets.samples import SAMPLES

SVG = "{http://www.w3.org/2000/svg}"
NONSENSE = [
    {}, {"do": None}, {"do": "no such thing"}, {"ask": 3},
    {"do": "step", "node": "x", "index": "y"},
    {"do": "why", "id": 1, "node": 10**9, "index": [-7, "a"]}, {"do": ["list"]}, "text", None, 7,
]  # fmt: skip


@pytest.fixture(params=sorted(SAMPLES))
def name(request):
    return request.param


def test_there_is_a_sample_of_each():
    assert sorted(SAMPLES) == sorted(widgets.__all__)


def test_it_says_in_words_what_is_seen(name):
    text = repr(SAMPLES[name]())
    assert text.startswith(f"{name}: ") and "\n" not in text and "object at 0x" not in text


def test_its_picture_is_complete_harmless_and_described(name):
    svg = SAMPLES[name]().to_svg()
    root = ElementTree.fromstring(svg)
    assert root.tag == SVG + "svg" and root.get("role") == "img"
    assert root.find(SVG + "title").text
    assert float(root.get("width")) > 0 and float(root.get("height")) > 0
    for element in root.iter():
        assert element.tag not in (SVG + "script", SVG + "foreignObject")
        for key, value in element.attrib.items():
            assert not key.startswith("on") and "url(http" not in value and "var(--" not in value
            assert not key.endswith("href") or value.startswith(("data:image/", "#"))
    assert "\u202e" not in svg and "\x00" not in svg


def test_what_a_notebook_keeps(name):
    data, _ = SAMPLES[name]()._repr_mimebundle_()
    assert data["image/svg+xml"].startswith("<svg") and data["text/plain"].startswith(name)
    assert "application/vnd.jupyter.widget-view+json" in data


def test_nonsense_from_a_page_does_no_harm(name, capsys):
    widget = SAMPLES[name]()
    before = repr(widget)
    for content in NONSENSE:
        widget._handle_custom_msg(content, [])
    assert repr(widget) == before


def test_it_can_be_closed_and_forgotten(name):
    widget = SAMPLES[name]()
    widget.close()
    gone = weakref.ref(widget)
    del widget
    gc.collect()
    assert gone() is None


def test_it_has_an_example(name):
    doc = getattr(widgets, name).__doc__
    assert ">>> " in doc and len(doc.splitlines()[0]) < 100
