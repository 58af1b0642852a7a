"""What an error tells a learner: names, shapes, the line, and changes that really work."""

import re
from types import SimpleNamespace

import pytest

import autograd_lab as torch
import autograd_lab.nn.functional as F
from autograd_lab import nn
from autograd_lab.mistake_picture import picture, show_mistakes

x, w, y = torch.randn(32, 10), torch.randn(20, 10), torch.randn(32)
images, labels = torch.randn(4, 16, 5, 5), torch.randint(0, 10, (32, 1))
pixels, grey = torch.randn(2, 8, 8, 3), torch.arange(8, dtype=torch.uint8).reshape(2, 4)
layer, small, convolution = nn.Linear(400, 120), nn.Linear(64 * 6 * 6, 120), nn.Conv2d(3, 4, 3)

chosen, chances, truth = labels[:, 0], torch.rand(32, 1), torch.ones(32)

NO_MEAN = "mean(): could not infer output dtype"
MISTAKES = {  # what is written: PyTorch's words, and what must be among the suggestions
    "x @ w": ("mat1 and mat2 shapes cannot be multiplied (32x10 and 20x10)", "x @ w.T"),
    "layer(images)": ("mat1 and mat2 shapes cannot be multiplied", "layer(images.flatten(1))"),
    "small(images)": (
        "mat1 and mat2 shapes cannot be multiplied",
        "nn.Linear(400, 120) called with images.flatten(1)",
    ),
    "x * y": ("The size of tensor a (10) must match the size of tensor b (32)", "x * y[:, None]"),
    "convolution(pixels)": (
        "Given groups=1, weight of size [4, 3, 3, 3], expected input[2, 8, 8, 3] to have 3 "
        "channels, but got 8 channels instead", "convolution(pixels.permute(0, 3, 1, 2))",
    ),
    "F.cross_entropy(x, labels)": (
        "0D or 1D target tensor expected, multi-target not supported",
        "F.cross_entropy(x, labels.squeeze(1))",
    ),
    "F.cross_entropy(x, labels[:, 0].float())": (
        "expected target dtype to be Long or Byte, but got Float",
        "F.cross_entropy(x, labels[:, 0].float().long())",
    ),
    "nn.MSELoss()(x, y)": (
        "The size of tensor a (10) must match the size of tensor b (32) at non-singleton "
        "dimension 1",
        "nn.MSELoss()(x, y[:, None])",
    ),
    "x.reshape(32, 11)": ("shape '[32, 11]' is invalid for input of size 320",
                          "x.reshape(32, -1)"),
    "images.view(-1, 16 * 4 * 4)": ("shape '[-1, 256]' is invalid for input of size 1600",
                                    "images.flatten(1)"),
    "x.view(32, 11)": ("shape '[32, 11]' is invalid for input of size 320", "x.view(32, -1)"),
    "x.gather(1, chosen)": (
        "Index tensor must have the same number of dimensions as input tensor",
        "x.gather(1, chosen[:, None])",
    ),
    "nn.BCELoss()(chances, truth)": (
        "Using a target size (torch.Size([32])) that is different to the input size "
        "(torch.Size([32, 1])) is deprecated", "nn.BCELoss()(chances, truth[:, None])",
    ),
    "F.binary_cross_entropy_with_logits(chances, truth)": (
        "Target size (torch.Size([32])) must be the same as input size (torch.Size([32, 1]))",
        "F.binary_cross_entropy_with_logits(chances, truth[:, None])",
    ),
    "grey[grey > 3].mean(0)": (NO_MEAN, "grey[grey > 3].float().mean(0)"),
    "(grey * 2).mean(0)": (NO_MEAN, "(grey * 2).float().mean(0)"),
    "torch.mean(grey[0], 0)": (NO_MEAN, "torch.mean(grey[0].float(), 0)"),
    "x.double() @ w.T": ("expected m1 and m2 to have the same dtype", "x.double() @ w.T.double()"),
}  # fmt: skip


def error_of(written):
    with pytest.raises((RuntimeError, IndexError, TypeError, ValueError)) as caught:
        eval(compile(written, "<learner>", "eval"), globals())
    return caught.value


def note_of(written):
    (note,) = error_of(written).__notes__
    return note


@pytest.fixture(autouse=True)
def source(monkeypatch):
    """Let the learner's line be found, as it is in a cell."""
    import linecache

    def getline(file, line, variables=None):
        return source.line if file == "<learner>" else ""

    monkeypatch.setattr(linecache, "getline", getline)


@pytest.mark.parametrize("written", MISTAKES)
@pytest.mark.filterwarnings("ignore:Using a target size")
def test_says_what_would_work(written):
    source.line = written
    error = error_of(written)
    words, repair = MISTAKES[written]
    assert str(error).startswith(words)
    assert repair in [change for change, _ in error.mistake.works]
    assert f"<learner>, line 1:  {written}" in error.__notes__[0]


@pytest.mark.parametrize("written", MISTAKES)
@pytest.mark.filterwarnings("ignore:Using a target size")
def test_every_suggestion_works_as_it_is_written(written):
    source.line = written
    for change, result in error_of(written).mistake.works:
        called = re.fullmatch(r"nn\.Linear\((.*)\) called with (.*)", change)
        change = f"nn.Linear({called[1]})({called[2]})" if called else change
        shape = eval(change, globals()).shape
        assert result in ("", str(tuple(shape)) if shape else "a number")


def test_nothing_is_suggested_where_nothing_works():
    source.line = "x + torch.ones(7, 3)"
    error = error_of(source.line)
    assert error.mistake.works == () and "What works" not in error.__notes__[0]
    assert [name for name, _, _ in error.mistake.operands] == ["x", "torch.ones(7, 3)"]


def test_tells_two_uses_of_one_name_apart():
    a = pixels[0, 0]
    source.line = "a @ a"
    with pytest.raises(RuntimeError) as caught:
        eval(compile("a @ a", "<learner>", "eval"), {"a": a})
    assert [change for change, _ in caught.value.mistake.works] == ["a.T @ a", "a @ a.T"]


def test_names_a_layers_parameter():
    source.line = "layer(images)"
    assert names_of(source.line) == ["images", "layer.weight", "layer.bias"]


def names_of(written):
    return [name for name, _, _ in error_of(written).mistake.operands]


class Net(nn.Module):
    """A learner's model: what goes wrong does so in ``forward``, a line of theirs."""

    def __init__(self):
        super().__init__()
        self.l2 = nn.Linear(6, 2)
        self.parts = nn.Sequential(nn.Flatten(), nn.Linear(7, 2))

    def forward(self, t, part="l2"):
        return getattr(self, part)(t)


net, stack = Net(), nn.Sequential(nn.Linear(10, 5), nn.ReLU(), nn.Linear(6, 2))


def test_a_layer_is_called_as_the_learner_calls_it():
    assert names_of("net(x)")[1:] == ["l2.weight", "l2.bias"]
    assert names_of("net(x, 'parts')") == ["input of parts.1", "parts.1.weight", "parts.1.bias"]
    assert names_of("stack(x)") == ["input of stack.2", "stack.2.weight", "stack.2.bias"]
    assert names_of("nn.Linear(7, 2)(x)")[1:] == ["Linear.weight", "Linear.bias"]


# --- backward


learned = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)


def test_backward_of_several_numbers_says_from_what_it_starts():
    source.line = "(learned * 2).backward()"
    error = error_of(source.line)
    assert str(error) == "grad can be implicitly created only for scalar outputs"
    told = error.mistake
    assert told.operands == (("learned * 2", (3,), "float32"),)
    assert [change for change, _ in told.works] == [
        "(learned * 2).mean().backward()", "(learned * 2).sum().backward()",
        "(learned * 2).backward(torch.ones_like(learned * 2))",
    ]  # fmt: skip
    for change, _ in told.works:
        eval(change, globals())
    learned.grad = None
    assert "backward() starts from one number" in error.__notes__[0] and "tried" not in told.text()
    assert picture(told).count("al-size al-clash") == 1


def test_backward_a_second_time_shows_what_is_gone():
    torch.remember_lines()
    loss = (learned * learned).tanh().sum()
    torch.remember_lines(False)
    loss.backward()
    learned.grad = None
    source.line = "loss.backward()"
    with pytest.raises(RuntimeError, match="a second time") as caught:
        eval(compile(source.line, "<learner>", "eval"), {"loss": loss, "w": learned})
    told = caught.value.mistake
    assert [(name, kept) for name, kept, _ in told.operands] == [
        ("tanh", ("its result",)), ("mul", ("w",))]  # fmt: skip
    assert [change for change, _ in told.works] == ["loss.backward(retain_graph=True)"]
    drawn = picture(told)
    assert drawn.count("al-size al-clash") == 2 and "lets them go" in drawn
    assert "mul   w  gone" in caught.value.__notes__[0]


def test_other_errors_of_backward_stay_as_they_are():
    loss = learned.sum()
    with pytest.raises(TypeError, match="can be either Tensors or None"):
        loss.backward(3)
    with pytest.raises(RuntimeError, match="Mismatch in shape") as caught:
        (learned * 2).backward(torch.ones(5))
    assert not hasattr(caught.value, "mistake")


def test_big_tensors_are_not_tried(monkeypatch):
    from autograd_lab import mistakes

    monkeypatch.setattr(mistakes, "LIMIT", 100)
    source.line = "x @ w"
    assert error_of("x @ w").mistake.works == ()


def test_trying_leaves_no_trace():
    """What is tried is neither recorded nor told to anybody, and changes no gradient."""
    source.line = "a @ a"
    a = torch.randn(3, 4, requires_grad=True)
    seen = []
    see = torch.watching.watch_operations(lambda node, result, args: seen.append(node))
    with see, pytest.raises(RuntimeError):
        a @ a
    assert not seen and a.grad is None


def test_trying_writes_nowhere():
    """Some operations write into their operands: trying them is done on copies."""
    norm, table = nn.BatchNorm1d(10), torch.full((4, 3), 5.0)
    for written in ("norm(x.double())", "F.embedding(torch.ones(2), table, max_norm=1.0)"):
        source.line = written
        with pytest.raises(RuntimeError) as caught:
            eval(compile(written, "<learner>", "eval"), globals() | locals())
        assert caught.value.mistake.works
    assert not norm.running_mean.any() and (table == 5.0).all()


UNFIT = {  # a model: its input, and what is told
    nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Linear(4 * 6 * 6, 10)):
        (torch.ones(2, 1, 8, 8), "nn.Flatten() before model.2"),
    nn.Sequential(nn.Conv2d(1, 4, 3), nn.Linear(99, 10)):
        (torch.ones(2, 1, 8, 8), "nn.Flatten() and nn.Linear(144, 10) in place of model.1"),
    nn.Sequential(nn.Conv2d(1, 4, 3), nn.Flatten(), nn.Linear(4 * 6 * 6, 10)):
        (torch.ones(1, 8, 8), "model(image[None])"),
}  # fmt: skip


@pytest.mark.parametrize("model", UNFIT, ids=["no flatten", "no flatten, other size", "one image"])
def test_what_a_model_lacks_before_a_linear_layer_is_told(model):
    image, told = UNFIT[model]
    source.line = "model(image)"
    with pytest.raises(RuntimeError, match="mat1 and mat2 shapes cannot be multiplied") as caught:
        eval(compile("model(image)", "<learner>", "eval"), {"model": model, "image": image})
    assert caught.value.mistake.works == ((told, ""),)


def test_inside_a_model_the_layer_is_named_and_nothing_is_promised():
    """Only one layer was tried: of the whole model nothing is known."""
    model = nn.Sequential(nn.Linear(25, 10), nn.Linear(12, 3))
    source.line = "model(x)"
    with pytest.raises(RuntimeError) as caught:
        eval(compile("model(x)", "<learner>", "eval"), {"model": model, "x": torch.ones(2, 1, 25)})
    mistake = caught.value.mistake
    assert mistake.works == () and mistake.operands[0][0] == "input of model.1"


@pytest.mark.parametrize("written", [
    "x[40]", "x[0, 0, 0]", "x.sum(3)", "torch.cat([x, w.T])", "torch.cat([x, y])",
    "x.transpose(1, 2)",
])  # fmt: skip
def test_guesses_nothing_where_nobody_knows_what_is_meant(written):
    source.line = written
    mistake = getattr(error_of(written), "mistake", None)
    assert mistake is None or not mistake.works


def test_an_assignment_does_not_show_the_value_under_the_name_of_the_target():
    source.line = "x[0, 0] = torch.ones(2)"
    a = torch.randn(2, 3)
    with pytest.raises(RuntimeError) as caught:
        exec(compile("x[0, 0] = torch.ones(2)", "<learner>", "exec"), {"x": a, "torch": torch})
    mistake = getattr(caught.value, "mistake", None)
    assert mistake is None or "x" not in [name for name, _, _ in mistake.operands]


def test_trying_ends_when_it_takes_long(monkeypatch):
    from autograd_lab import mistakes

    monkeypatch.setattr(mistakes, "PATIENCE", 0.0)
    source.line = "x @ w"
    assert error_of("x @ w").mistake.works == ()


def test_slow_trials_share_one_budget(monkeypatch):
    """Each trial takes 0.6 of what all may take: after the second nobody waits for a third."""
    from autograd_lab import mistakes

    tried, error = [], RuntimeError("mat1 and mat2")
    clock = SimpleNamespace(perf_counter=lambda: len(tried) * mistakes.PATIENCE * 0.6)
    monkeypatch.setattr(mistakes, "time", clock)

    def attempt(xs):
        tried.append(xs)
        raise RuntimeError("nor does this help")

    mistakes.note(error, "mm", ("x", "w"), [x, w], attempt)
    assert len(tried) == 2 and error.mistake.works == ()


def test_an_error_is_explained_once():
    source.line = "layer(images)"
    assert len(error_of("nn.Sequential(layer)(images)").__notes__) == 1


FAILING = {
    "x @ w": "mat1 and mat2", "torch.broadcast_tensors(x, y)": "The size of tensor a",
    "(learned * 2).backward()": "grad can be implicitly created only",
}  # fmt: skip


@pytest.mark.parametrize("written", FAILING)
def test_a_failing_explanation_never_hides_the_error(monkeypatch, written):
    from autograd_lab import mistakes

    monkeypatch.setattr(mistakes, "_frames", lambda: 1 / 0)
    source.line = written
    error = error_of(written)
    assert str(error).startswith(FAILING[written]) and not hasattr(error, "mistake")


def test_the_learners_variables_are_not_touched_to_find_the_library():
    class Touchy:
        def __getattr__(self, name):
            touched.append(name)
            return [1]

    touched = []
    source.line = "loss.backward()"
    with pytest.raises(RuntimeError, match="only for scalar outputs") as caught:
        eval(
            compile(source.line, "<learner>", "eval"),
            {"df": SimpleNamespace(Tensor=[1]), "model": Touchy(), "lab": torch,
             "loss": learned * 2},
        )  # fmt: skip
    assert caught.value.mistake.works[-1][0] == "loss.backward(lab.ones_like(loss))"
    assert touched == []


def test_the_picture_marks_what_clashes():
    source.line = "layer(images)"
    drawn = picture(error_of("layer(images)").mistake)
    assert re.findall(r"al-size al-clash'>(\d+)<", drawn) == ["5", "400"]
    assert "Linear.bias" not in drawn and "layer(images.flatten(1))" in drawn


def test_a_notebook_draws_it_below_the_cell(monkeypatch):
    from IPython.testing.globalipapp import start_ipython
    from IPython.utils.capture import capture_output

    shell = start_ipython()
    if shell is None:
        from IPython import get_ipython

        shell = get_ipython()
    show_mistakes()
    show_mistakes()  # asking twice draws once
    source.line = "a @ a"
    with capture_output() as shown:
        shell.run_cell("import autograd_lab as torch; a = torch.ones(3, 4); a @ a")
    pages = [out.data.get("text/html", "") for out in shown.outputs]
    assert sum("al-mistake" in page for page in pages) == 1, (shown.outputs, shown.stdout)
    assert "a @ a" in shown.stdout and "matmul.forward" not in shown.stdout  # theirs, not ours
    source.line = "torch.nn.functional.mse_loss(None, a)"
    with capture_output() as shown:
        shell.run_cell(source.line)
    assert "must be Tensor" in shown.stdout and "tensors_only" not in shown.stdout
    with capture_output() as shown:  # an AttributeError that nobody explains may be our own
        shell.run_cell("torch.nn.Linear(3, 4).fc3")
    assert "no attribute 'fc3'" in shown.stdout and "module.py" in shown.stdout
    with capture_output() as shown:
        shell.run_cell("def deep(): deep()\ndeep()")
    assert "RecursionError" in shown.stdout
    with capture_output() as shown:
        shell.run_cell("1 / 0")
    assert not any("al-mistake" in out.data.get("text/html", "") for out in shown.outputs)
    for _ in range(2):  # and it can be taken off again, which is no error when it is off
        show_mistakes(on=False)
    with capture_output() as shown:
        shell.run_cell("a @ a")
    assert not any("al-mistake" in out.data.get("text/html", "") for out in shown.outputs)
    assert "What works here" in shown.stdout and "matmul.forward" in shown.stdout


def run(lines, **known):
    """Run a learner's program, as a module would; give the error of its last line."""
    with pytest.raises(RuntimeError, match="a second time") as caught:
        exec(compile(lines, "<learner>", "exec"), {"torch": torch, "nn": nn, **known})
    return caught.value.mistake


def test_two_losses_with_a_part_in_common_name_each_other():
    told = run("""
y = (w * 2).tanh()
a, b = y.sum(), (y ** 2).sum()
a.backward()
b.backward()
""", w=torch.ones(3, requires_grad=True))  # fmt: skip
    changes = [change for change, _ in told.works]
    assert changes == ["(a + b).backward()", "a.backward(retain_graph=True)"]
    for mended in changes:  # each is carried out
        w = torch.ones(3, requires_grad=True)
        y = (w * 2).tanh()
        a, b = y.sum(), (y**2).sum()
        eval(mended, {"a": a, "b": b})
        if "retain" in mended:
            b.backward()
        assert w.grad is not None
    assert ("pow", ("a",), "gone") not in told.operands  # that was not used up before


@pytest.mark.parametrize(
    ("make", "step"),
    [
        ("rnn = nn.RNN(2, 3)", "o, h = rnn(torch.ones(4, 1, 2), h)"),
        ("U = nn.Linear(3, 3)", "o = h = torch.tanh(U(h) + 1)"),
        ("cell = nn.GRUCell(2, 3)", "o = h = cell(torch.ones(1, 2), h)"),
        ("rnn = nn.LSTM(2, 3)", "o, (h, c) = rnn(torch.ones(4, 1, 2), (h, h))"),
    ],
    ids=["rnn", "by hand", "gru cell", "lstm"],
)
def test_a_state_carried_from_step_to_step_is_to_be_cut_off(make, step):
    program = f"""
{make}
h = torch.zeros({"1, 1, 3" if "rnn" in make else "1, 3"})
for _ in range(3):
    CUT
    {step}
    (o ** 2).mean().backward()
"""
    told = run(program.replace("CUT", "pass"))
    assert told.works[0][0] == "h = h.detach()" and "step before" in told.why
    exec(program.replace("CUT", told.works[0][0]), {"torch": torch, "nn": nn})


def test_the_same_loss_twice_is_told_to_keep_its_graph():
    told = run("loss = (w * w).sum()\nfor _ in range(2):\n    loss.backward()\n",
               w=torch.ones(3, requires_grad=True))  # fmt: skip
    assert [change for change, _ in told.works] == ["loss.backward(retain_graph=True)"]


class Forgetful(nn.Module):
    """A learner's model without a return."""

    def forward(self, t):
        t * 2


forgetful, nothing, numbers, loss_fn = Forgetful(), None, [1, 2], nn.MSELoss()
pieces = [torch.ones(2), torch.ones(2)]


@pytest.mark.parametrize(
    ("written", "named"),
    [
        ("F.mse_loss(forgetful(x), x)", "forgetful(x)"), ("loss_fn(nothing, x)", "nothing"),
        ("loss_fn(x, nothing)", "nothing"), ("F.cross_entropy(nothing, chosen)", "nothing"),
        ("F.binary_cross_entropy_with_logits(x, nothing)", "nothing"),
        ("torch.relu(nothing)", "nothing"), ("torch.mm(x, nothing)", "nothing"),
        ("nn.Sequential(forgetful, nn.Linear(10, 1))(x)", "the input of Linear("),
    ],
)  # fmt: skip
def test_nothing_given_asks_for_the_return(written, named):
    source.line = written
    with pytest.raises((AttributeError, TypeError)) as caught:
        eval(compile(written, "<learner>", "eval"), globals())
    mistake = caught.value.mistake
    assert mistake.why.startswith(named) and "end with return?" in mistake.why
    assert not mistake.works and f"<learner>, line 1:  {written}" in caught.value.__notes__[0]


LISTS = {
    "torch.bincount(numbers)": "torch.bincount(torch.tensor(numbers))",
    "torch.exp(3.0)": "torch.exp(torch.tensor(3.0))",
    "torch.mean(pieces)": "torch.mean(torch.stack(pieces))",
    "torch.mv(torch.ones(2, 2), [1., 2.])": "torch.mv(torch.ones(2, 2), torch.tensor([1., 2.]))",
    "F.mse_loss(pieces[0], [1., 2.])": "F.mse_loss(pieces[0], torch.tensor([1., 2.]))",
    "learned.dot([3., 4., 5.])": "learned.dot(torch.tensor([3., 4., 5.]))",
}


@pytest.mark.parametrize("written", LISTS)
def test_a_list_becomes_a_tensor_where_that_works(written):
    source.line = written
    with pytest.raises((AttributeError, TypeError)) as caught:
        eval(compile(written, "<learner>", "eval"), globals())
    works = [change for change, _ in caught.value.mistake.works]
    assert LISTS[written] in works and len(caught.value.__notes__) == 1
    for change in works:
        eval(change, globals())


def test_a_list_that_does_not_fit_is_not_made_a_tensor():
    source.line = "torch.mm(x, numbers)"
    with pytest.raises(TypeError) as caught:
        eval(compile(source.line, "<learner>", "eval"), globals())
    assert not caught.value.mistake.works


def test_tensors_of_a_list_have_names_of_their_own():
    source.line = "torch.stack(pieces)"
    pieces = [torch.ones(2), torch.ones(3)]

    def named(written):
        source.line = written
        with pytest.raises(RuntimeError) as caught:
            eval(compile(written, "<learner>", "eval"), {"torch": torch, "pieces": pieces, "x": x})
        return [name for name, _, _ in caught.value.mistake.operands]

    assert named("torch.stack(pieces)") == ["pieces[0]", "pieces[1]"]
    assert named("torch.cat([x, torch.ones(3)], 1)") == ["x", "torch.ones(3)"]
    with pytest.raises(IndexError) as caught:
        eval(compile("torch.cat(pieces + [x], 1)", "<learner>", "eval"), globals() | locals())
    assert "its xs[1]" in [name for name, _, _ in caught.value.mistake.operands]


def test_an_assignment_shows_the_place_and_the_value():
    source.line = "x[0, :2] = torch.ones(3)"
    with pytest.raises(RuntimeError) as caught:
        exec(compile(source.line, "<learner>", "exec"), {"x": x.clone(), "torch": torch})
    assert caught.value.mistake.operands == (
        ("x[0, :2]", (2,), ""), ("the value", (3,), "float32"),
    )  # fmt: skip


def test_a_layers_buffers_have_their_names():
    model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4))
    source.line = "model(x)"
    with pytest.raises(ValueError, match="Expected more than 1 value per channel") as caught:
        eval(compile("model(x)", "<learner>", "eval"), {"model": model, "x": torch.ones(1, 3)})
    names = [name for name, _, _ in caught.value.mistake.operands]
    assert names[:3] == ["input of model.1", "model.1.running_mean", "model.1.running_var"]
    assert "eval()" in str(caught.value)
    model.eval()(torch.ones(1, 3))


@pytest.mark.parametrize(
    ("layer", "state", "told"),
    [
        (nn.LSTM(3, 4), torch.zeros(1, 2, 4), "(h, c)"),
        (nn.LSTM(3, 4, 2), torch.zeros(2, 2, 4), "(h, c)"),
        (nn.LSTMCell(3, 4), torch.zeros(2, 4), "(h, c)"),
        (nn.GRU(3, 4), (torch.zeros(1, 2, 4),) * 2, "one tensor"),
        (nn.GRUCell(3, 4), (torch.zeros(2, 4),) * 2, "one tensor"),
    ],
    ids=["lstm", "two layers", "lstm cell", "gru", "gru cell"],
)
def test_a_wrong_kind_of_state_is_told_which_it_should_be(layer, state, told):
    rows = torch.ones(2, 3) if "Cell" in str(layer) else torch.ones(5, 2, 3)
    with pytest.raises(Exception, match=re.escape(told)):
        layer(rows, state)
    layer(rows, (state, state) if isinstance(state, torch.Tensor) else state[0])


def in_a_function(program):
    lines = "".join(f"    {line}\n" for line in program.strip().splitlines())
    return f"def train():\n{lines}train()\n"


@pytest.mark.parametrize("wrap", [in_a_function, str], ids=["in a function", "at the top"])
@pytest.mark.parametrize(
    ("program", "cure"),
    [
        ("""
rnn = nn.RNN(2, 3)
sgd = torch.optim.SGD(rnn.parameters(), lr=0.1)
h = torch.zeros(1, 1, 3)
for _ in range(3):
    CUT
    o, h = rnn(torch.ones(4, 1, 2), h)
    loss = (o ** 2).mean()
    loss.backward()
    sgd.step()
""", "h = h.detach()"),
        ("""
model = Keeping()
for _ in range(3):
    CUT
    model(torch.ones(4, 1, 2)).mean().backward()
""", "model.h = model.h.detach()"),
    ],
    ids=["a variable", "an attribute"],
)  # fmt: skip
def test_the_cure_is_the_same_inside_a_function(program, cure, wrap):
    program = wrap(program)
    assert run(program.replace("CUT", "pass"), Keeping=Keeping).works[0][0] == cure
    exec(program.replace("CUT", cure), {"torch": torch, "nn": nn, "Keeping": Keeping})


def test_two_losses_inside_a_function_name_each_other():
    told = run(in_a_function("""
y = (torch.ones(3, requires_grad=True) * 2).tanh()
a, b = y.sum(), (y ** 2).sum()
a.backward()
b.backward()
"""))
    assert told.works[0][0] == "(a + b).backward()"


class Keeping(nn.Module):
    """A learner's model that carries its state from call to call."""

    def __init__(self):
        super().__init__()
        self.rnn, self.h = nn.RNN(2, 3), torch.zeros(1, 1, 3)

    def forward(self, t):
        o, self.h = self.rnn(t, self.h)
        return o


def test_where_the_cause_is_not_seen_nothing_is_promised():
    told = run("""
def step(kept):
    (kept[0] ** 2).sum().backward()
kept = [(torch.ones(3, requires_grad=True) * 2).tanh()]
step(kept)
step(kept)
""")  # fmt: skip
    assert not told.works and "detach()" in told.why and "retain_graph=True" in told.why


def test_a_look_at_the_variables_keeps_no_graph_alive():
    import gc
    import weakref

    def train():
        big = torch.ones(3, requires_grad=True).tanh()
        seen, loss = weakref.ref(big.node), big.sum()
        loss.backward()
        try:
            loss.backward()
        except RuntimeError:
            pass
        del big, loss
        gc.collect()
        return seen()

    assert train() is None


SETTING = """
net, inputs, classes = nn.Linear(3, 2), torch.ones(4, 3), torch.ones(4).long()
plain, frozen = torch.ones(3), nn.Linear(3, 2).requires_grad_(False)
"""
CUT = {  # what a learner wrote before loss.backward(): what is told, and how it is mended
    "loss = net(inputs).detach().sum()": ("detach() gives", ".detach()", ""),
    "found = net(inputs).argmax(1)\nloss = (found - classes).float().sum()":
        ("found = net(inputs).argmax(1) cuts", ".argmax(1)", ".sum(1)"),
    "loss = torch.tensor(net(inputs).sum().item())":
        ("tensor() copies", "torch.tensor(net(inputs).sum().item())", "net(inputs).sum()"),
    "with torch.no_grad():\n    out = net(inputs)\nloss = F.cross_entropy(out, classes)":
        ("out = net(inputs) stands under torch.no_grad()", "no_grad()", "enable_grad()"),
    "loss = (net(inputs).argmax(1) == classes).float().mean()": ("comparison has no", "", None),
    "loss = frozen(inputs).sum()\ndel net":
        ("Every parameter of frozen has", "loss =", "frozen.requires_grad_(True)\nloss ="),
    "loss = (plain * 2).sum()\ndel net, frozen":
        ("Nothing here asks", "loss =", "plain.requires_grad_(True)\nloss ="),
    "loss = inputs.sum()": ("loss was not made from anything that learns", "inputs.sum()",
                            "net(inputs).sum()"),
    "loss = F.cross_entropy(inputs, classes.long())":
        ("loss was not made from anything", "inputs,", "net(inputs),"),
}  # fmt: skip


@pytest.mark.parametrize("wrap", [in_a_function, str], ids=["in a function", "at the top"])
@pytest.mark.parametrize("written", CUT)
def test_where_no_gradient_comes_back_the_cut_is_named(written, wrap, monkeypatch):
    import linecache

    told, wrong, right = CUT[written]

    def step(written):
        program = wrap(SETTING.strip() + "\n" + written + "\nloss.backward()\n")
        monkeypatch.setattr(linecache, "getlines", lambda *_: program.splitlines(keepends=True))
        monkeypatch.setattr(linecache, "getline", lambda _, n, *__: program.splitlines()[n - 1])
        exec(compile(program, "<learner>", "exec"), {"torch": torch, "nn": nn, "F": F})

    with pytest.raises(RuntimeError, match="element 0 of tensors does not require") as caught:
        step(written)
    assert told in caught.value.mistake.why
    if right is not None:
        step(written.replace(wrong, right))


def test_without_the_text_it_is_told_what_may_cut():
    with pytest.raises(RuntimeError, match="element 0 of tensors does not require") as caught:
        exec("w.detach().sum().backward()", {"w": learned})
    assert "such as w" in caught.value.mistake.why
    with torch.no_grad(), pytest.raises(RuntimeError) as caught:
        exec("w.sum().backward()", {"w": learned})
    assert "switched off" in caught.value.mistake.why


p, yes, scores = torch.rand(3), torch.ones(3).long(), torch.ones(4, 3)
hot, right_ones = F.one_hot(torch.tensor([0, 1, 2, 0])), torch.tensor([0, 1, 2, 0])
TARGETS = {
    "F.binary_cross_entropy(p, yes)": "F.binary_cross_entropy(p, yes.float())",
    "nn.BCEWithLogitsLoss()(p, yes)": "nn.BCEWithLogitsLoss()(p, yes.float())",
    "F.cross_entropy(scores, hot)": "F.cross_entropy(scores, hot.argmax(1))",
    "nn.CrossEntropyLoss()(scores, hot)": "nn.CrossEntropyLoss()(scores, hot.float())",
}


@pytest.mark.parametrize("written", TARGETS)
def test_a_target_of_another_kind_is_converted(written):
    source.line = written
    works = [change for change, _ in error_of(written).mistake.works]
    assert TARGETS[written] in works
    for change in works:
        assert eval(change, globals()).ndim == 0


def test_only_a_target_with_one_class_in_each_row_is_taken_for_one_hot():
    many = torch.tensor([[1, 1, 0], [0, 0, 1], [0, 0, 1], [0, 0, 1]])
    source.line = "F.cross_entropy(scores, many)"
    with pytest.raises(RuntimeError, match="class probabilities") as caught:
        eval(compile(source.line, "<learner>", "eval"), globals() | {"many": many})
    assert not any("argmax" in change for change, _ in caught.value.mistake.works)


class Square(torch.autograd.Function):
    """A learner's Function."""

    @staticmethod
    def forward(ctx, t):
        return t * t


REPAIRS = {  # a mistake that no trial can mend: what is told, and what works
    "F.cross_entropy(right_ones, scores)": ("swap the two", "F.cross_entropy(scores, right_ones)"),
    "nn.CrossEntropyLoss(scores, right_ones)":
        ("nn.CrossEntropyLoss()(input, target)", "nn.CrossEntropyLoss()(scores, right_ones)"),
    "nn.MSELoss(scores, scores)": ("nn.MSELoss()(input, target)", "nn.MSELoss()(scores, scores)"),
    "Square()(scores)": ("Square.apply(x)", "Square.apply(scores)"),
    "torch.optim.SGD(layer)": ("parameters()", "torch.optim.SGD(layer.parameters())"),
    "torch.optim.SGD([])": ("nn.ModuleList([...])",
                            "torch.optim.SGD(nn.ModuleList([layer]).parameters())"),
    "nn.Linear(2, 1, bias=False).load_state_dict({'module.weight': torch.ones(1, 2)})":
        ("{k.removeprefix('module.'): v for k, v in state_dict.items()}",
         "nn.Linear(2, 1, bias=False).load_state_dict({'weight': torch.ones(1, 2)})"),
}  # fmt: skip


@pytest.mark.parametrize("written", REPAIRS)
def test_the_commonest_mistakes_have_their_cure_in_the_message(written):
    told, right = REPAIRS[written]
    with pytest.raises((RuntimeError, ValueError, TypeError), match=re.escape(told)):
        eval(written, globals())
    eval(right, globals())


def test_whole_scores_that_are_not_swapped_are_not_told_to_be():
    with pytest.raises(NotImplementedError) as caught:
        F.cross_entropy(scores.long(), right_ones)
    assert "swap" not in str(caught.value)


def test_a_leaf_is_written_to_under_no_grad():
    w = torch.ones(3, requires_grad=True)
    with pytest.raises(RuntimeError, match=re.escape("with torch.no_grad():")):
        w += 1
    with pytest.raises(RuntimeError, match=re.escape("with torch.no_grad():")):
        w[0] = 1
    with torch.no_grad():
        w += 1
        w[0] = 1


PRIVATE = [
    "nn.MaxPool2d()", "nn.BatchNorm2d()", "nn.Conv2d()", "nn.ConvTranspose1d()", "nn.ReLU6(1, 2)",
    "nn.LSTM()", "nn.Linear(1, 1).state_dict(foo=2)", "torch.add(x, y=3)", "torch.randn(2, dtyp=1)",
]  # fmt: skip


@pytest.mark.parametrize("written", PRIVATE)
def test_no_message_tells_a_private_name(written):
    with pytest.raises(TypeError) as caught:
        eval(written, globals())
    name = written.split("(")[0].split(".")[-1] if "state_dict" not in written else "Module"
    assert str(caught.value).startswith(name), caught.value


def test_a_learners_own_class_keeps_its_name():
    class _Base(nn.Module):
        def __init__(self, size):
            super().__init__()

    class Mine(_Base):
        pass

    with pytest.raises(TypeError, match=r"_Base\.__init__"):
        Mine()
