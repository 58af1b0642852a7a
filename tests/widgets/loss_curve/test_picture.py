"""The still picture: well formed whatever the names, the same every time, true to the page."""

import math
import random
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd_lab.widgets import _paper
from autograd_lab.widgets.loss_curve import chart, picture
from autograd_lab.widgets.loss_curve.series import Journal, Series

SVG = "{http://www.w3.org/2000/svg}"


def run(**curves):
    journal = Journal()
    for name, values in curves.items():
        for step, value in enumerate(values):
            journal.add({name: value}, step=step)
    return journal


def words(svg):
    return [element.text for element in ET.fromstring(svg).iter(SVG + "text")]


HOSTILE = [
    "<script>alert(1)</script>", '"/><image href="http://x.example/"/>', "a&b]]>", "\x00\x1b[31m",
    "\ud800", "\u202egnp.exe", "x" * 5000, "损失", "📉", "", " ", "%s{}`${1}`",
]  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_only_words(name):
    journal = run(**{name: [1.0, math.nan, 3.0]})
    journal.mark(name, step=1)
    svg = picture.draw(journal)
    svg.encode("utf-8")
    tree = ET.fromstring(svg)
    assert {e.tag.removeprefix(SVG) for e in tree.iter()} <= {
        "svg", "title", "desc", "rect", "path", "text", "circle"
    }  # fmt: skip
    assert not re.search(r"(href|on\w+|style)=", re.sub(r">[^<]*<|\"[^\"]*\"", "><", svg))
    assert len(svg) < 10_000


@settings(max_examples=200, deadline=None)
@given(
    st.dictionaries(st.text(max_size=8), st.lists(st.floats(), max_size=30), max_size=8),
    st.booleans(),
    st.sampled_from([0.0, 0.9]),
)
def test_any_numbers_make_a_well_formed_picture(curves, log, smoothing):
    svg = picture.draw(run(**curves), log, smoothing)
    ET.fromstring(svg)
    assert not re.search(r'd="[^"]*(nan|inf)', svg)


def test_the_picture_is_the_same_every_time_and_needs_nothing_else():
    curves = {"loss": np.geomspace(3, 0.1, 400).tolist(), "val": [3.0, 0.5]}
    svg = picture.draw(run(**curves))
    assert svg == picture.draw(run(**curves))
    assert svg.count("http") == 1                       # only the name of SVG itself
    assert "var(" not in svg
    assert "<style" not in svg


def test_it_says_what_it_shows():
    svg = picture.draw(run(loss=[4.0, 0.5, 1.0], accuracy=[0.1, 0.9, 0.8]))
    said = "LossCurve: 3 steps, loss 1 (min 0.5), accuracy 0.8 (max 0.9)"
    assert ET.fromstring(svg).get("aria-label") == said
    assert ET.fromstring(svg).find(SVG + "title").text == said
    assert {"loss", "accuracy", "1", "0.8", "min 0.5", "max 0.9", "step 2"} <= set(words(svg))


def test_an_empty_curve_says_what_will_come():
    assert words(picture.draw(Journal())) == ["waiting for the first loss"]
    assert words(picture.draw(run(loss=[1.0]), hidden=["loss"])) == ["every series is hidden"]


@pytest.mark.parametrize(("steps", "ticks"), [
    (2, [1]), (3, [1, 2]), (7, [1, 2, 3, 4, 5, 6]), (13, [2, 4, 6, 8, 10]),
    (1000, [200, 400, 600, 800]),
])  # fmt: skip
def test_the_ticks_are_whole_steps_evenly_apart(steps, ticks):
    journal = Journal()
    for step in range(1, steps + 1):
        journal.add({"loss": 100.0 * step}, step)
    drawn = picture.draw(journal, False, 0.0, [])
    assert re.findall(r'text-anchor="middle"[^>]*>([^<]+)<', drawn) == [str(tick) for tick in ticks]


def test_a_series_that_breaks_says_where():
    svg = picture.draw(run(loss=[1.0] * 137 + [math.nan] * 9))
    assert "NaN from step 137 on" in words(svg)
    line = max(re.findall(r'd="(M[^"]*)"', svg), key=len)
    assert line.count("M") == 1
    svg = picture.draw(run(loss=[1.0, math.inf, 1.0, 2.0], val=[2.0] * 4))
    assert "loss: ∞ at step 1" in words(svg)


def test_a_logarithmic_axis_tells_what_it_cannot_show():
    svg = picture.draw(run(loss=[1.0, 0.0, -1.0, 10.0, 0.1]), log=True)
    assert "loss (log scale)" in words(svg)
    assert "2 values ≤ 0 not on a log scale" in words(svg)


def test_several_names_are_told_apart_and_none_stands_for_all():
    long = "learning rate of the head"[:24]
    svg = picture.draw(run(**{long: [1.0, 2.0], "weight decay": [0.5, 0.1]}))
    assert words(svg).count(long) == 1, "at the end of its line, whole, and not at the axis"
    assert "loss (log scale)" in words(
        picture.draw(run(**{"lr 0.1 loss": [1.0, 2.0], "lr 0.2 loss": [3.0]}), log=True)
    )


def test_a_branch_that_runs_away_leaves_the_picture_and_the_others_keep_it():
    calm = np.geomspace(2, 0.1, 100).tolist()
    wild = [*calm[:40], *np.geomspace(1, 1e7, 60).tolist()]
    journal = run(loss=wild)
    journal.begin("main").extend(40, calm[40:])
    parts = "".join(picture.drawn(journal, False, 0, (), 640, 320, others={"main"}))
    said = words(f'<svg xmlns="{SVG[1:-1]}">{parts}</svg>')
    assert "loss leaves the picture at step 43" in said
    assert "2" in said and "1.0e7" in said, "the axis is main's; the last value is told"
    journal.mark("branch", step=43)
    journal.begin("hot").extend(40, wild[40:])
    parts = "".join(picture.drawn(journal, False, 0, (), 640, 320, others={"main", "hot"}))
    placed = re.findall(r'y="([0-9.]+)"[^>]*>(branch|2 curves leave the picture)<', parts)
    assert len(placed) == 2 and abs(float(placed[0][0]) - float(placed[1][0])) > 12
    assert "leaves" not in picture.draw(journal, log=True) + picture.draw(journal)
    journal = run(loss=[0.1, 0.2], penalty_loss=[50.0, 60.0], acc=[1.0, 99.0])
    assert "leaves" not in picture.draw(journal), "another size from the start is none"


def test_marks_are_written_where_they_are():
    journal = run(loss=[1.0] * 100)
    journal.mark("lr halved", step=50)
    assert "lr halved" in words(picture.draw(journal))


def test_a_long_run_stays_a_small_picture_and_keeps_its_peak():
    values = np.random.default_rng(0).normal(1, 0.1, 30_000)
    values[12_345] = 9.0
    svg = picture.draw(run(loss=values.tolist()))
    assert len(svg) < 60_000
    ys = [float(y) for y in re.findall(r"[ML][\d.]+ ([\d.]+)", svg)]
    plot = picture.Plot([((0, Series("loss")), np.array([range(30_000), values]))], False, 640, 320)
    assert round(float(plot.y(9.0)), 1) in ys


def test_smoothing_keeps_the_measured_line_behind():
    sharp = picture.draw(run(loss=[1.0, 2.0] * 50))
    soft = picture.draw(run(loss=[1.0, 2.0] * 50), smoothing=0.9)
    line = re.search(r'd="(M[^"]{200,})"', sharp)[1]
    assert f'd="{line}" fill="none" stroke="{picture.COLOURS[0]}"' in soft
    assert 'stroke-opacity=".28"' in soft


def test_colours_are_readable_on_the_paper():
    def light(colour):
        parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
        parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    for colour in [*picture.COLOURS, _paper.INK, _paper.SOFT, _paper.RED]:
        assert 1.05 / (light(colour) + 0.05) >= 4.5, colour


def test_a_curve_inside_the_axis_of_the_others_does_not_leave():
    curves = {"loss": [2.0, 1.5, 1.0], "val_loss": [2.0, 30.0, 60.0], "accuracy": [10.0, 9.0, 90.0]}
    assert "leave" not in picture.draw(run(**curves))
    assert gone(list(curves), False, *curves.values()) == []
    assert gone(list(curves), False, curves["loss"], [2.0, 30.0, 600.0], [0.1, 0.5, 0.9]) == [
        "val_loss", 1.0, 1
    ]  # fmt: skip


def gone(names, log, *curves):
    """Which curves leave the picture, where, and whether upwards."""
    curves = [((slot, Series(name)), np.array([range(len(values)), values]))
              for slot, (name, values) in enumerate(zip(names, curves))]
    found = picture.Plot(curves, log, 640, 320).gone.items()
    return [told for series, (step, up) in found for told in (series.name, step, int(up))]


def some(dice, n):
    special = [0.0, -1.0, math.nan, math.inf, -math.inf, 1.0]
    scale = 10 ** dice.uniform(-6, 6)
    return [dice.choice(special) if dice.random() < 0.1 else dice.gauss(0, 1) * scale
            for _ in range(n)]


def asked(dice):
    """Make one question of each kind: name, arguments, and Python's own answer."""
    values = some(dice, dice.randint(1, 30))
    steps = np.cumsum([dice.choice([0.5, 1, 10]) for _ in values]).tolist()
    points, low = np.array([steps, values]), dice.gauss(0, 1) * 10 ** dice.uniform(-4, 4)
    high, weight = low + 10 ** dice.uniform(-3, 4), dice.choice([0.0, 0.5, 0.99])
    down, up = sorted(10 ** dice.uniform(-6, 6) for _ in "ab")
    log, value, pace = dice.random() < 0.5, values[0], dice.choice([0.5, 1.0, 10.0])
    k = dice.randint(0, 5)
    other = [(values[0] if dice.random() < 0.5 else 1.0), *some(dice, dice.randint(1, 9))]
    losses = ["loss", "val_loss", dice.choice(["accuracy", "penalty loss"])]
    names = dice.choices(["loss", "val_loss", "Train Loss", "lr", "accuracy", ""], k=1 + log)
    return [
        (["number", value, 3], _paper.number(value)),
        (["ticks", low, high, 5], chart.ticks(low, high, 5)),
        (["logTicks", down, up, 5], chart.log_ticks(down, up, 5)),
        (["labels", chart.ticks(low, high, 5)], chart.labels(chart.ticks(low, high, 5))),
        (["span", values, log], list(chart.span(values, log))),
        (["staying", [0, *values], [k, *other]], chart.staying([
            np.array([range(len(values)), values]),
            np.array([range(k, k + len(other)), other])])),
        (["gone", losses, log, values, other, values], gone(losses, log, values, other, values)),
        (["smooth", steps, values, weight, pace],
         chart.smooth(points, weight, pace)[1].tolist()),
        (["broken", steps, values], (chart.broken(points) or (0, None))[1]),
        (["counted", steps[-1]], chart.counted(steps[-1])),
        (["caption", names, log], chart.caption(names, log)),
        (["spread", sorted(abs(v) for v in values if math.isfinite(v)), 20, 0, 100],
         chart.spread(sorted(abs(v) for v in values if math.isfinite(v)), 20, 0, 100)),
    ]  # fmt: skip


def spelled(x):
    """Write numbers that JSON lacks as JavaScript does."""
    if isinstance(x, list):
        return [spelled(y) for y in x]
    if isinstance(x, float) and not math.isfinite(x):
        return "NaN" if x != x else "Infinity" if x > 0 else "-Infinity"
    return x


def close(a, b):
    if isinstance(a, list):
        return len(a) == len(b) and all(map(close, a, b))
    if isinstance(a, str) or a is None or isinstance(b, str):
        return a == b
    return math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-12)


def test_python_and_the_page_give_the_same_answers(node):
    dice = random.Random(7)
    pairs = [pair for _ in range(300) for pair in asked(dice)]
    theirs = node("answers.mjs", [spelled(question) for question, _ in pairs])
    for (question, mine), answer in zip(pairs, theirs, strict=True):
        assert close(spelled(mine), answer), question
