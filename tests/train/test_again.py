"""A loop that is over is run again from its source, as long as that is still what ran."""

import ast
import importlib.util
import linecache

import pytest

import autograd_lab as torch
from autograd_lab.train import watch

SOURCE = """
import autograd_lab as torch
from autograd_lab.train import watch

net, seen = torch.nn.Linear(1, 1), []
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
for i, x in enumerate(batches := watch([torch.ones(1), torch.zeros(1)] * 3, net, optimizer)):
    optimizer.zero_grad()
    if i % 2:
        seen.append("odd")
    seen.append(i)
    (net(x) ** 2).mean().backward()
    optimizer.step()
run = batches.run
"""
IN_A_FUNCTION = "\n".join(
    line if number < 4 else f"    {line}" if number > 4 else f"def learn():\n    {line}"
    for number, line in enumerate(SOURCE.split("\n")[:-1])
) + "\n    return locals()\nglobals().update(learn())\n"  # fmt: skip
EDITS = {
    "a number": ("** 2", "** 3"), "a kind of number": ("% 2", "% 2.0"),
    "a name": ("i % 2", "x % 2"), "a line above": ("import watch\n", "import watch\n\n\n"),
    "a line less": ("    seen.append(i)\n", ""),
    "only a margin": ("    seen.append(i)", "        seen.append(i)"),
    "a step less": ("if i % 2", "if i in {2}"), "the loop": ("for i, x in", "for x, i in"),
    "half a line": ("optimizer.zero_grad()", "optimizer.zero_grad("),
    "everything": (SOURCE, "x = 1\n"),
}  # fmt: skip
HARMLESS = {
    "nothing": ("", ""), "a remark": ("if i % 2:", "if i % 2:  # every other"),
    "what follows": ("run = batches.run", "run = batches.run; more = 1"),
    "what was before": ("lr=0.1", "lr=0.5"),
}


def ran(path, source):
    """Run a learner's file; give its variables."""
    path.write_text(source)
    spec = importlib.util.spec_from_file_location("learner", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.run.traveller.shelf.drop_after(0)  # so that there is something to repeat
    return module


def edited(path, edit):
    path.write_text(path.read_text().replace(*edit, 1))
    linecache.checkcache(str(path))


@pytest.mark.parametrize("what", EDITS)
def test_a_loop_that_was_edited_since_is_not_run(tmp_path, what):
    learner = ran(tmp_path / "learner.py", SOURCE)
    edited(tmp_path / "learner.py", EDITS[what])
    seen = list(learner.seen)
    learner.run.go(3)
    assert learner.run.steps == 0 and learner.seen == seen
    assert learner.run.events[-1].text == (
        "only the state after step 0 can be reached, not 3: the loop cannot be run again: its "
        "source was edited since it ran"
    )
    with pytest.raises(RuntimeError, match=r"no branch can begin at step 3: .* was edited since"):
        learner.run.branch(3, lr=0.5)


@pytest.mark.parametrize("source", [SOURCE, IN_A_FUNCTION], ids=["at the top", "in a function"])
@pytest.mark.parametrize("what", HARMLESS)
def test_what_is_edited_elsewhere_does_no_harm(tmp_path, what, source):
    learner = ran(tmp_path / "learner.py", source)
    losses = list(learner.run.history.losses)
    edited(tmp_path / "learner.py", HARMLESS[what])
    learner.run.go(3)
    assert learner.run.steps == 3 and len(learner.seen) > 9 and not learner.run.events
    assert list(learner.run.history.losses) == losses


def test_a_function_that_was_edited_is_not_run(tmp_path):
    learner = ran(tmp_path / "learner.py", IN_A_FUNCTION)
    edited(tmp_path / "learner.py", EDITS["a number"])
    learner.run.go(3)
    assert "was edited since it ran" in learner.run.events[-1].text


def test_what_was_typed_at_a_prompt_is_run_again(capsys):
    loop = "for _ in (batches := watch([1.0, 2.0, 3.0], net, optimizer)):\n    1 + 1\n"
    net = torch.nn.Linear(1, 1)
    names = {"watch": watch, "net": net, "optimizer": torch.optim.SGD(net.parameters())}
    linecache.cache["<prompt>"] = (len(loop), None, loop.splitlines(True), "<prompt>")
    exec(compile(loop, "<prompt>", "single"), names)
    run = names["batches"].run
    run.traveller.shelf.drop_after(0)
    run.go(2)
    assert run.steps == 2 and not run.events
    assert capsys.readouterr().out == "2\n" * 3


def test_a_cell_is_run_as_ipython_does_statement_by_statement(tmp_path):
    cell = tmp_path / "cell.py"
    cell.write_text(SOURCE)
    names = {}
    for statement in ast.parse(SOURCE).body:
        exec(compile(ast.Module([statement], []), str(cell), "exec"), names)
    run = names["run"]
    run.traveller.shelf.drop_after(0)
    run.go(3)
    assert run.steps == 3 and not run.events


def test_a_loop_without_source_is_not_run():
    net = torch.nn.Linear(1, 1)
    names = {"watch": watch, "net": net, "optimizer": torch.optim.SGD(net.parameters())}
    exec("for _ in (batches := watch([1.0, 2.0], net, optimizer)): pass", names)
    run = names["batches"].run
    run.traveller.shelf.drop_after(0)
    run.go(2)
    assert run.events[-1].text.endswith("cannot be run again: its source is not known")


def test_batches_that_no_for_takes_are_not_run_again():
    net = torch.nn.Linear(1, 1)
    batches = watch([1.0, 2.0], net, torch.optim.SGD(net.parameters()))
    taken = list(batches)  # no ``for``
    assert taken == [1.0, 2.0]
    batches.run.traveller.shelf.drop_after(0)
    batches.run.go(2)
    assert batches.run.events[-1].text.endswith("its source is not known")
