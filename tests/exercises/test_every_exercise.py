"""Every exercise: the solution earns all, the starter nothing, each mistake its own name."""

import copy
import inspect
import itertools
import json
import math
import re

import pytest

import autograd_lab as torch
from autograd_lab.exercises import Exercise, checking, every, find, grade, judge, mistake
from autograd_lab.exercises.checking import FRESH
from autograd_lab.exercises.comparing import distance, plain, same
from autograd_lab.exercises.exercise import CHAPTERS
from autograd_lab.exercises.feedback import to_html, to_text
from autograd_lab.exercises.naming import PROOFS, VISIBLE, outcome_of
from autograd_lab.exercises.progress import read, states

NAMES = every()
MISTAKES = [(name, wrong) for name in NAMES for wrong in find(name).mistakes()]


def answer(exercise, function):
    """What a learner would hand in: a function, or a dict of numbers."""
    return function() if exercise.kind == "numbers" else function


@pytest.fixture(params=NAMES)
def exercise(request):
    return find(request.param)


def test_six_a_chapter():
    assert [len(every(chapter)) for chapter in CHAPTERS] == [6] * 5
    for chapter, module in CHAPTERS.items():
        assert all(find(name).__module__.endswith(module) for name in every(chapter))


def test_the_solution_earns_all(exercise):
    verdict = judge(exercise, answer(exercise, exercise.solution))
    assert verdict.state == "right", verdict
    grade(exercise.name, answer(exercise, exercise.solution))


def test_the_starter_earns_nothing(exercise):
    verdict = judge(exercise, answer(exercise, exercise.starter))
    assert verdict.state == "not attempted"
    for blank in (None, ..., answer(exercise, exercise.starter)):
        with pytest.raises(AssertionError, match="Not attempted"):
            grade(exercise.name, blank)


def test_is_complete(exercise):
    assert len(exercise.hints) == 3 and len(set(exercise.hints)) == 3
    assert len(exercise.mistakes()) >= 2
    assert inspect.getdoc(exercise) and exercise.after
    for wrong in exercise.mistakes().values():
        assert len(wrong.misconception) > 15 and len(wrong.hint) > 15
        assert not wrong.misconception.endswith(".") and wrong.hint.endswith((".", "?", "`"))


def test_the_starter_is_what_a_learner_sees(exercise):
    code = exercise.code()
    compile(code, exercise.name, "exec")
    assert exercise.variable() in code.splitlines()[0] and "staticmethod" not in code
    compile(exercise.code("solution"), exercise.name, "exec")


@pytest.mark.parametrize(("name", "wrong"), MISTAKES)
def test_a_mistake_has_its_own_name(name, wrong):
    exercise = find(name)
    verdict = judge(exercise, answer(exercise, exercise.mistakes()[wrong]))
    assert (verdict.state, verdict.mistake) == ("wrong", wrong), verdict
    assert verdict.hint == exercise.mistakes()[wrong].hint
    if exercise.kind == "function":
        row = verdict.example
        assert row is not None, "no small case shows it"
        assert not same(row.wanted, row.got.value)
        assert sum(getattr(leaf, "size", 0) for leaf in map(plain, row.case)) <= 40
    drawn, said = to_html(verdict), to_text(verdict)
    assert "Not yet" in drawn and "Not yet" in said and "≠" in drawn
    assert verdict.hint in said


def columns(exercise):
    """What the solution and each mistake give in each case."""
    functions = {"solution": exercise.solution, **exercise.mistakes()}
    if exercise.kind == "numbers":
        return {name: list(f().values()) for name, f in functions.items()}
    cases = exercise.cases()
    found = {name: [outcome_of(exercise, f, case) for case in cases]
             for name, f in functions.items()}
    return {name: [value if error is None else error for value, error in rows]
            for name, rows in found.items()}


def test_mistakes_are_told_apart(exercise):
    """Pairs differ in three cases at least, and by far more than what counts as equal."""
    table = columns(exercise)
    for a, b in itertools.combinations(table, 2):
        apart = [distance(x, y) for x, y in zip(table[a], table[b])
                 if not isinstance(x, Exception) and not isinstance(y, Exception)
                 and not same(x, y)]
        broken = sum(isinstance(x, Exception) != isinstance(y, Exception)
                     for x, y in zip(table[a], table[b]))
        clear = sum(d == math.inf or d > 1e-3 for d in apart)
        assert clear + broken >= PROOFS, (a, b)


def test_cases_are_the_same_everywhere(exercise):
    assert repr(exercise.cases()) == repr(exercise.cases())
    small = exercise.small_cases(40)
    assert exercise.kind == "numbers" or any(small)


def first_changed(value, change):
    """Change one number of a result, as a slip of the pen would."""
    if isinstance(value, tuple | list):
        return type(value)([first_changed(value[0], change), *value[1:]])
    if isinstance(value, torch.Tensor):
        value = value.detach().clone().double()
        if value.numel():
            value.view(-1)[0] = change(value.view(-1)[0])
        return value
    return change(value) if type(value) in (int, float) else "?"


PLAIN = {
    "nothing": lambda solution: lambda *args: None,
    "a constant": lambda solution: lambda *args: 7.25,
    "a text": lambda solution: lambda *args: "42",
    "its first argument": lambda solution: lambda *args: args[0],
    "a random number": lambda solution: lambda *args: torch.rand(2, 2) * 100,
    "an error": lambda solution: lambda *args: 1 / 0,
    "a function": lambda solution: lambda *args: print,
    "one number off": lambda solution: lambda *args: first_changed(
        solution(*args), lambda v: v + 1.5),
    "a third more": lambda solution: lambda *args: first_changed(
        solution(*args), lambda v: v * 1.37 + 0.11),
    "wrapped": lambda solution: lambda *args: {"result": solution(*args)},
}  # fmt: skip


TRAINING = {"ch3.five_lines", "ch3.snapshot"}  # what they do counts, not what they return


@pytest.mark.parametrize("kind", PLAIN)
@pytest.mark.parametrize("name", [name for name in NAMES if name not in TRAINING])
def test_a_plain_wrong_answer_is_never_named(name, kind):
    exercise = find(name)
    if exercise.kind == "numbers":
        wrong = dict.fromkeys(exercise.solution(), 7.25)
    else:
        wrong = PLAIN[kind](exercise.solution)
    verdict = judge(exercise, wrong)
    assert (verdict.state, verdict.mistake) == ("wrong", ""), verdict
    assert "Not yet" in to_text(verdict)


def lines(step, more=0):
    """Five lines with another fifth, or more rounds."""
    def answer(model, loss_fn, optimizer, x, y, steps):
        for _ in range(steps + more):
            loss = loss_fn(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            step(model, optimizer)
    return answer


def twice(model, optimizer):
    optimizer.step()
    optimizer.step()


def zeroed(model, optimizer):
    for weight in model.parameters():
        weight.data.zero_()


def uphill(model, optimizer):
    for weight in model.parameters():
        weight.data += 0.05 * weight.grad


def kept(weights=True, memory=True):
    """A snapshot that gives back zeros, or what it keeps only once."""
    def answer(model, optimizer):
        before = [weight.detach().clone() for weight in model.parameters()]
        momentum = [copy.deepcopy(optimizer.state[weight]) for weight in model.parameters()]

        def restore():
            for weight, old, state in zip(model.parameters(), before, momentum):
                weight.data.copy_(old if weights else old * 0)
                optimizer.state[weight] = state if memory else {}  # handed out, not copied
        return restore
    return answer


WRONG = [
    ("ch3.five_lines", lines(twice)),
    ("ch3.five_lines", lines(zeroed)),
    ("ch3.five_lines", lines(uphill)),
    ("ch3.five_lines", lines(lambda model, optimizer: optimizer.step(), more=1)),
    ("ch3.five_lines", lambda *args: 1 / 0),
    ("ch3.snapshot", kept()),
    ("ch3.snapshot", kept(weights=False)),
    ("ch3.snapshot", lambda model, optimizer: None),
    ("ch3.snapshot", lambda model, optimizer: lambda: 1 / 0),
    ("ch3.snapshot", lambda model, optimizer: lambda: optimizer.zero_grad(
        ) or zeroed(model, optimizer)),
    ("ch2.order", lambda loss: [n for n in sorted_by_depth(loss) if n.inputs]),
    ("ch2.order", lambda loss: [*sorted_by_depth(loss), sorted_by_depth(loss)[-1]]),
    ("ch2.sabotage", lambda g, h, x: (
        g * (1 - x.tanh() ** 2), g * 3 * x**2, h[:, None].expand(len(h), len(h)))),
    ("ch4.count", lambda inputs, outputs, kernel, size: (
        outputs * (inputs * kernel**2 + 1),
        outputs * size**2 * (inputs * size**2 + 1) + (outputs * size > 64))),
    ("ch4.prune", lambda weight, share: pruned(weight, int(share * weight.numel()))),
    ("ch4.prune", lambda weight, share: pruned(weight, math.ceil(share * weight.numel()))),
    ("ch5.feature", lambda word, known: (
        word.lower() if word.lower() in known else "-" + word[-3:])),
    ("ch1.standardise", lambda x: x / x.std(0, correction=0)),
    ("ch1.standardise", lambda x: (x - x.mean(0)) * x.std(0, correction=0)),
    ("ch1.standardise", lambda x: (x - x.mean(0)) / x.abs().amax(0)),
    ("ch1.standardise", lambda x: (x - x.median(0).values) / x.std(0, correction=0)),
    ("ch1.standardise", lambda x: (x.mean(0) - x) / x.std(0, correction=0)),
    ("ch1.distances", lambda a, b: (a[:, None] - b[None]).abs().amax(-1)),
    ("ch1.distances", lambda a, b: ((a[:, None] + b[None]) ** 2).sum(-1).sqrt()),
    ("ch1.distances", lambda a, b: a @ b.T),
    ("ch1.one_hot", lambda labels, classes: torch.eye(classes)),
    ("ch1.one_hot", lambda labels, classes: torch.zeros(len(labels), classes)),
    ("ch1.one_hot", lambda labels, classes: (labels[:, None] <= torch.arange(classes)).float()),
    ("ch1.is_view", lambda x, way: True),
    ("ch1.is_view", lambda x, way: False),
    ("ch1.is_view", lambda x, way: way(x) is x),
    ("ch1.batch_matmul", lambda a, b: (a[:, :, :, None] * b[:, None]).sum(1)),
    ("ch1.batch_matmul", lambda a, b: a.mT @ b.mT),
    ("ch2.mul_backward", lambda g, a, b: (g * b, (g * a).sum())),
    ("ch2.mul_backward", lambda g, a, b: (g, g.sum(0))),
    ("ch2.mul_backward", lambda g, a, b: (g * a, (g * a).sum(0))),
    ("ch2.nudge", lambda f, x, h: torch.stack([f(x)] * len(x))),
    ("ch2.newton", lambda f, x: x),
    ("ch2.newton", lambda f, x: x - f(x)),
    ("ch3.mean_squares", lambda prediction, target: (prediction**2).mean()),
    ("ch3.largest_rate", lambda x: 0.1),
    ("ch3.largest_rate", lambda x: 2 / (x**2).sum()),
    ("ch3.weight_decay", lambda w, grad, lr, decay: w * decay - lr * grad),
    ("ch4.size", lambda n, kernel, stride, padding: n),
    ("ch4.size", lambda n, kernel, stride, padding: (n + 2 * padding - kernel) / stride + 1.3),
    ("ch4.size", lambda n, kernel, stride, padding: n // stride),
    ("ch4.edges", lambda image: image[:, 1:]),
    ("ch4.correlate", lambda image, kernel: image),
    ("ch4.count", lambda inputs, outputs, kernel, size: (outputs * kernel**2, size**2)),
    ("ch4.to_batch", lambda pictures: pictures.permute(3, 0, 1, 2) / 255),
    ("ch4.prune", lambda weight, share: weight * (weight.abs() > share)),
    ("ch5.lstm_step", lambda gates, c: (c.tanh(), c)),
    ("ch5.masked_loss", lambda loss, mask: loss[:, 0].mean()),
    ("ch5.masked_loss", lambda loss, mask: (loss * mask).sum() / (mask.sum() + 1)),
    ("ch5.reverse", lambda words, lengths: words.roll(1, 1)),
    ("ch5.span_f1", lambda gold, guess: float(gold == guess)),
    ("ch5.feature", lambda word, known: word[-3:]),
    ("ch5.feature", lambda word, known: "unknown"),
    ("ch5.clip", lambda grads, limit: list(grads)),
    ("ch5.clip", lambda grads, limit: [g * 0 for g in grads]),
    ("ch5.clip", lambda grads, limit: [g / limit for g in grads]),
]


@pytest.mark.parametrize("place", range(len(WRONG)))
def test_a_wrong_answer_of_ones_own_is_never_named(place):
    name, wrong = WRONG[place]
    verdict = judge(find(name), wrong)
    assert (verdict.state, verdict.mistake) == ("wrong", ""), verdict
    if verdict.example is not None:
        assert ("raise" in verdict.text) == (verdict.example.got.error is not None), verdict


@pytest.mark.parametrize(("rule", "said"), [
    (lambda h, x: h.expand_as(x), "size of the tensor ({1}) must match the existing size ({0})"),
    (lambda h, x: h[:, None].expand(len(h), len(h)),
     "is a tensor of shape ({0}, {0}), where a tensor of shape ({0}, {1}) is needed"),
])  # fmt: skip
def test_the_sentence_and_the_picture_are_of_one_case(rule, said):
    """On square tables both rules give a result of the right shape: that case would not show it."""
    def answer(g, h, x):
        return g * (1 - x.tanh() ** 2), g * 3 * x**2, rule(h, x)

    verdict = judge(find("ch2.sabotage"), answer)
    rows, columns = verdict.example.case[2].shape
    assert rows != columns and said.format(rows, columns) in verdict.text
    if verdict.example.got.error is not None:
        assert "yours raises  RuntimeError\n" in to_text(verdict)      # the sentence said the rest


RIGHT = [
    ("ch1.standardise", lambda x: (x - x.mean(0)) / (x.std(0, correction=0) + 1e-8)),
    ("ch1.standardise", lambda x: ((x.float() - x.float().mean(0)) / x.float().std(0, False))),
    ("ch1.standardise", lambda x: (x.numpy() - x.numpy().mean(0)) / x.numpy().std(0)),
    ("ch1.standardise", lambda x: ((x - x.mean(0)) / x.var(0, correction=0).sqrt()).tolist()),
    ("ch1.distances", lambda a, b: torch.cdist(a, b)),
    ("ch1.one_hot", lambda labels, classes: torch.eye(classes)[labels]),
    ("ch1.one_hot", lambda labels, classes: labels[:, None] == torch.arange(classes)),
    ("ch1.is_view", lambda x, way: way(x)._base is not None or way(x) is x),
    ("ch1.batch_matmul", lambda a, b: a @ b),
    ("ch2.mul_backward", lambda g, a, b: [g * b, torch.einsum("nk,nk->k", g, a)]),
    ("ch2.order", lambda loss: sorted_by_depth(loss)),
    ("ch3.largest_rate", lambda x: (2 / torch.linalg.svdvals(x)[0] ** 2 * len(x) / 2).item()),
    ("ch4.correlate", lambda image, kernel: torch.conv2d(
        image[None, None], kernel[None, None])[0, 0]),
    ("ch4.size", lambda n, kernel, stride, padding: len(
        range(-padding, n + padding - kernel + 1, stride))),
    ("ch5.masked_loss", lambda loss, mask: loss[mask.bool()].mean()),
    ("ch5.clip", lambda grads, limit: tuple(
        g * min(1, limit / torch.cat([g.flatten() for g in grads]).norm().item()) for g in grads)),
]  # fmt: skip


def pruned(weight, count):
    flat = weight.flatten().clone()
    flat[flat.abs().argsort()[:count]] = 0
    return flat.reshape(weight.shape)


def sorted_by_depth(loss):
    """By the longest way from the loss: another right order."""
    depth = {}

    def go(node, steps):
        if steps > depth.get(node, -1):
            depth[node] = steps
            for source in node.inputs:
                go(source, steps + 1)

    go(loss, 0)
    return sorted(depth, key=depth.get)


@pytest.mark.parametrize("place", range(len(RIGHT)))
def test_another_right_way_is_right(place):
    name, right = RIGHT[place]
    verdict = judge(find(name), right)
    assert verdict.state == "right", verdict


DISGUISED = [
    ("ch3.five_lines", "unmoved", lines(lambda model, optimizer: None)),
    ("ch3.snapshot", "memory_only", lambda model, optimizer: shared(
        model, model.state_dict(), optimizer, copy.deepcopy(optimizer.state_dict()))),
    ("ch3.snapshot", "memory_shared", lambda model, optimizer: shared(
        model, copy.deepcopy(model.state_dict()), optimizer, optimizer.state_dict())),
    ("ch3.snapshot", "not_copied", lambda model, optimizer: shared(
        model, model.state_dict(), optimizer, optimizer.state_dict())),
    ("ch1.standardise", "axis", lambda x: ((x.T - x.T.mean(0)) / x.T.std(0, correction=0)).T),
    ("ch1.standardise", "ddof", lambda x: (
        x.numpy() - x.numpy().mean(0)) / x.numpy().std(0, ddof=1)),
    ("ch1.standardise", "globally", lambda x: (x.float() - x.float().mean()) / x.float().std(
        correction=0)),
    ("ch1.distances", "turned", lambda a, b: torch.cdist(b, a)),
    ("ch1.distances", "taxi", lambda a, b: torch.cdist(a, b, p=1)),
    ("ch2.mul_backward", "no_sum", lambda g, a, b: (b * g, a * g)),
    ("ch3.mean_squares", "pairs", lambda p, t: (p - t).pow(2).mean().item()),
    ("ch4.correlate", "flipped", lambda image, kernel: torch.conv2d(
        image[None, None], kernel.flip(0).flip(1)[None, None])[0, 0]),
    ("ch4.edges", "below", lambda image: image.diff(dim=0)),
    ("ch5.masked_loss", "summed", lambda loss, mask: (loss * mask).sum() / mask.max()),
    ("ch5.masked_loss", "all_places", lambda loss, mask: loss.mul(mask).sum() / loss.numel()),
    ("ch5.reverse", "padding_first", lambda words, lengths: words[:, ::1].fliplr()),
]  # fmt: skip


def shared(model, weights, optimizer, memory):
    """What to do in restore(), with what was kept, copied or not."""
    return lambda: (model.load_state_dict(weights), optimizer.load_state_dict(memory))


@pytest.mark.parametrize("place", range(len(DISGUISED)))
def test_the_same_mistake_in_other_words(place):
    name, wanted, wrong = DISGUISED[place]
    assert judge(find(name), wrong).mistake == wanted


def test_a_mistake_too_near_the_truth_is_not_named():
    """A mistake that hardly differs has no proof, and a right answer stays right."""
    class Near(Exercise):
        """Return x."""

        name = "test.near"
        starter = staticmethod(lambda x: ...)
        solution = staticmethod(lambda x: x)
        case = staticmethod(lambda draw: [draw.floats(3)])
        off = staticmethod(mistake("you were off by a hair", "Look.")(lambda x: x * (1 + 1e-9)))

    assert judge(Near, lambda x: x * (1 + 1e-9)).state == "right"
    assert judge(Near, lambda x: x * 1.0001).mistake == ""


def made(name, *wrong):
    """An exercise of its own, to return x, with these mistakes."""
    parts = {"name": name, "starter": staticmethod(lambda x: ...),
             "solution": staticmethod(lambda x: x),
             "case": staticmethod(lambda draw: [draw.floats(3)]),
             "edges": staticmethod(lambda: [[torch.zeros(3)], [torch.zeros(2)]])}
    named = {f"wrong{i}": staticmethod(mistake("you did that", "Do not.")(f))
             for i, f in enumerate(wrong)}
    return type("Made", (Exercise,), {**parts, **named})


def at_zero(x):
    return x + 1 if not x.any() else x


def test_two_cases_are_no_proof():
    assert judge(made("test.two", at_zero), at_zero).mistake == ""
    assert judge(made("test.more", lambda x: x + 1), lambda x: 1 + x).mistake == "wrong0"


def test_an_answer_that_changes_its_mind_is_not_named():
    calls = []

    def fickle(x):
        calls.append(x)
        return x + 1 if len(calls) <= 18 + FRESH else x + 2

    verdict = judge(made("test.fickle", lambda x: x + 1), fickle)
    assert verdict.mistake == "" and "two calls" in verdict.text


def by_heart(exercise):
    """An answer that knows the usual cases, and nothing else."""
    known = {repr(case): exercise.solution(*case) for case in exercise.cases()}
    return lambda *case: known.get(repr([*case]), 0)


def test_who_knows_the_usual_cases_by_heart_meets_new_ones():
    exercise = find("ch1.standardise")
    verdict = judge(exercise, by_heart(exercise))
    assert verdict.state == "wrong" and "usual cases are right" in to_text(verdict)
    seed = int(re.search(r"drawn\((\d+)\)", to_text(verdict)).group(1))
    again = exercise.drawn(seed)
    assert by_heart(exercise)(*again) == 0 and repr(again) == repr(exercise.drawn(seed))
    with pytest.raises(AssertionError, match="this one is new"):
        grade("ch1.standardise", by_heart(exercise))


def test_a_new_case_that_hangs_on_the_last_digits_is_not_asked():
    class Edge(Exercise):
        """Return whether x is what only float64 can hold."""

        name = "test.edge"
        solution = staticmethod(lambda x: x.sum() == 0.1)
        case = staticmethod(lambda draw: [torch.tensor([0.1], dtype=torch.float64)])

    assert list(checking._fresh(Edge)) == []
    assert len(list(checking._fresh(find("ch1.standardise")))) == FRESH


def test_of_two_that_are_alike_none_is_named():
    twins = made("test.twins", lambda x: x + 1, lambda x: 1 + x)
    assert judge(twins, lambda x: x + 1).mistake == ""
    nearly = made("test.nearly", lambda x: x + 1, lambda x: x + 1 + (not x.any()))
    assert judge(nearly, lambda x: x + 1).mistake == ""


def test_constants_are_what_the_tests_believe():
    assert PROOFS == 3 and VISIBLE > 0.01


def test_states_remember_what_was_right(tmp_path):
    file = tmp_path / "one.jsonl"
    events = [{"at": "2026-01-01T00:00Z", "run": "a", "n": n, "exercise": "e", "state": state}
              for n, state in enumerate(["wrong", "right", "wrong"])]
    file.write_text("\n".join(map(json.dumps, events)))
    assert states(read(file)) == {"e": "right"}


def test_every_name_is_a_word(exercise):
    assert re.fullmatch(r"ch\d\.[a-z][a-z0-9_]+", exercise.name)
