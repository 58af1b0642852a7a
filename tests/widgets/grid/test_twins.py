"""The still heat map stands as the page's does: one arithmetic, in two languages."""

import itertools

import numpy as np

from autograd_lab.widgets import grid

SIDES = (0, 1, 2, 3, 7, 24, 28, 40, 41, 64, 130, 512, 5000)
ROOMS = ((340, 240), (90, 90), (128, 128), (480, 360), (1068, 360), (31, 23))
TEXTS = (0, 6.7, 33.5, 60.3)


def test_both_fit_a_matrix_into_a_room_alike(node):
    questions = [
        [rows, columns, *room, {"text": text, "most": most}]
        for rows, columns in itertools.product(SIDES, SIDES)
        for room in ROOMS
        for text, most in ((TEXTS[(rows + columns) % 4], 26), (0, 18), (TEXTS[rows % 4], 40))
    ]
    answers = node("answers.mjs", {"fit": questions})["fit"]
    for (rows, columns, width, height, how), found in zip(questions, answers, strict=True):
        own = grid.fit(rows, columns, width, height, **how)._asdict()
        assert own == found, (rows, columns, width, height, how)


def test_both_average_blocks_and_find_places_alike(node):
    rng = np.random.default_rng(0)
    questions, expected = [], []
    for rows, columns, width in ((7, 10, 12), (300, 200, 128), (3, 5000, 340), (5, 4, 340)):
        values = rng.normal(size=(rows, columns))
        how = grid.fit(rows, columns, width, 128)
        boxes = [(0, 0, 1, 1), (rows - 1, columns - 1, 1, 1), (1, 2, 2, 2)]
        questions.append([values.ravel().tolist(), rows, columns, width, 128, boxes])
        table = grid.Drawn("", 0, 0, 0, 0, how)
        expected.append((grid.means(values, how.down, how.across), [table.box(*b) for b in boxes]))
    for (means, boxes), found in zip(expected, node("answers.mjs", {"look": questions})["look"]):
        np.testing.assert_allclose(found["means"], means.ravel(), atol=1e-12)
        np.testing.assert_allclose(found["boxes"], boxes)
