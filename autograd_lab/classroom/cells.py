"""The cells of a notebook that an exercise or a question becomes, as plain dicts.

In the text of a chapter they are two fenced blocks::

    ```{exercise} ch1.standardise
    ```

    ```{predict} ch1.sum
    `x` is (4, 3). Which shape has `x.sum(0)`?
    - (4,)
    - [x] (3,)
    ```

A block stands at the margin. An exercise becomes its prompt, its starter, the widget in which it is
played if it has one, and its check; a question becomes its text and a cell in which to choose, and
the cell after it shows the answer by ``predicted.reveal(lambda: ...)``. The [x] never reaches the
notebook: only a seal of it does.

A code cell that solves one of the chapter's exercises has the tag ``gives-away``. Whoever opens the
chapter sees it; in an assignment it runs unseen.
"""

import inspect
import re
from collections.abc import Iterator

from ..exercises.exercise import Exercise, every, find
from ..exercises.predicting import seal

BLOCK = re.compile(r"^```\{(exercise|predict)\} *(\S+) *\n(.*?)^```[ ]*$", re.M | re.S)
OPTION = re.compile(r"^[-*] +(\[x\] +)?(.+)$", re.M)
BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
WIDTH = 88


class ChapterError(ValueError):
    """Say what in the text of a chapter cannot be made into cells."""


def cell(kind: str, source: str, **lab) -> dict:
    """Make a cell; ``lab`` says what it is for."""
    made = {"cell_type": kind, "metadata": {"lab": lab} if lab else {}, "source": source}
    return made if kind == "markdown" else {**made, "outputs": [], "execution_count": None}


def expand(text: str) -> Iterator[dict]:
    r"""Cut a markdown cell at its blocks, and make of each block the cells that it stands for.

    >>> [made["cell_type"] for made in expand("Try.\n\n```{exercise} ch1.one_hot\n```")]
    ['markdown', 'markdown', 'code', 'code']
    """
    end = 0
    for block in BLOCK.finditer(text):
        if text[end:block.start()].strip():
            yield cell("markdown", text[end:block.start()].strip())
        kind, name, inside = block.groups()
        yield from exercise_cells(name) if kind == "exercise" else question_cells(name, inside)
        end = block.end()
    rest = text[end:].strip()
    if re.search(r"^ *```\{(exercise|predict)\}", rest, re.M):
        raise ChapterError(f"this block is not closed, or not at the margin:\n{rest[:200]}")
    if rest:
        yield cell("markdown", rest)


def exercise_cells(name: str) -> list[dict]:
    """Make the cells of an exercise as a learner gets them: prompt, starter, check."""
    exercise = find(name)
    chapter = name.partition(".")[0]
    number = [*every(chapter)].index(name) + 1 if name in every(chapter) else ""
    title = exercise.variable().replace("_", " ")
    prompt = f"### Exercise {number} · {title}\n\n{inspect.getdoc(exercise)}"
    given = f'("{name}", {exercise.variable()})'
    played = f"from autograd_lab.widgets import {exercise.widget}\n\n{exercise.widget}{given}"
    return [
        cell("markdown", prompt, exercise=name, part="prompt"),
        cell("code", exercise.code("starter"), exercise=name, part="starter"),
        *([cell("code", played, exercise=name, part="play")] if exercise.widget else []),
        cell("code", f"check{given}", exercise=name, part="check"),
    ]


def question_cells(name: str, inside: str) -> list[dict]:
    """Make the cells of a question: its text, and a place for the choice."""
    options = [(bool(mark), option.strip()) for mark, option in OPTION.findall(inside)]
    question = OPTION.sub("", inside).strip()
    right = [option for mark, option in options if mark]
    texts = [option for _, option in options]
    if not question or len(options) < 2 or len(right) > 1 or len(set(texts)) < len(texts):
        raise ChapterError(f"{name}: a question needs a text, two options or more, at most one [x]")
    ending = f', right="{seal(name, right[0])}"' if right else ""
    listed = ", ".join(map(_quoted, texts))
    code = f'predicted = predict("{name}", [{listed}]{ending})'
    if len(code) > WIDTH:
        lines = "".join(f"    {_quoted(text)},\n" for text in texts)
        code = f'predicted = predict("{name}", [\n{lines}]{ending})'
    letters = [f'"{letter}"' for letter in "abcdefghijklmnopqrstuvwxyz"[: len(options)]]
    code += f"\npredicted.choose(...)    # {', '.join(letters[:-1])} or {letters[-1]}"
    return [cell("markdown", f"**Predict.** {question}", question=name),
            cell("code", code, question=name)]


def _quoted(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def solved(exercise: type[Exercise]) -> str:
    """Write a solution so that nbgrader can cut it out again, and leave the starter.

    >>> print(solved(find("ch1.one_hot")))
    def one_hot(labels, classes):
        ### BEGIN SOLUTION
        return (labels[:, None] == torch.arange(classes)).float()
        ### END SOLUTION
    """
    starter, solution = exercise.code("starter"), exercise.code("solution")
    head, _, body = starter.rpartition("\n")
    if body.strip() == "..." and solution.startswith(head):
        inside = solution.removeprefix(head).strip("\n")
        margin = body[: len(body) - len(body.lstrip())]
        return f"{head}\n{margin}{BEGIN}\n{inside}\n{margin}{END}"
    return f"{starter}\n\n{BEGIN}\n{solution}\n{END}"
