"""A run in a file: whole, without pickle, and opened again where it was."""

import json

import pytest
import safetensors.numpy

import autograd_lab as torch
from autograd_lab.serialization import LoadError
from autograd_lab.train import Steering, load_run, train_model, watch
from tests.train.programs import Program, nn


def trained(stop=None, run=None, program=None, epochs=6):
    program = program or Program("mlp", "Adam")
    batches = watch(program.loader, program.net, program.optimizer, epochs=epochs, run=run)
    for batch in batches:
        program.step(batch)
        if stop and batches.run.steps == stop:
            batches.run.note(right=0.5)
            batches.run.stop()
    return program, batches.run


def test_it_goes_on_in_another_process_as_if_nothing_had_been(tmp_path):
    straight, run = trained()
    _, stopped = trained(stop=13)
    assert stopped.steps == 14
    stopped.save(tmp_path / "run.safetensors")
    opened = load_run(tmp_path / "run.safetensors")
    assert (opened.state, opened.steps, opened.epoch) == ("ready", 14, 3)
    assert opened.history.losses == stopped.history.losses
    torch.manual_seed(99)
    fresh = Program("mlp", "Adam")
    torch.rand(17)
    program, again = trained(run=opened, program=fresh)
    assert again is opened and again.steps == 24 == run.steps and again.epoch == 6
    assert again.history.losses == run.history.losses
    assert program.state() == straight.state()
    assert not again.events
    again.go(3)
    assert again.steps == 3
    assert again.history.metrics["right"][0].tolist() == [13]


def test_branches_settings_and_events_are_in_the_file(tmp_path):
    _, run = trained()
    run.branch(8, name="fast", lr=0.5)
    run.name = "a study"
    path = str(tmp_path / "run.safetensors")
    run.save(path)
    opened = load_run(path)
    assert opened.name == "a study" and opened.compare() == run.compare()
    assert opened.events == run.events
    assert [b.settings for b in opened.branches] == [{}, {"lr": 0.5}]
    assert opened.branches[0].losses == run.branches[0].losses
    before = [*tmp_path.iterdir()]
    run.save(path)
    assert [*tmp_path.iterdir()] == before


def test_another_model_is_refused_in_words(tmp_path):
    _, run = trained()
    run.save(tmp_path / "run.safetensors")
    net = nn.Linear(2, 2)
    opened = load_run(tmp_path / "run.safetensors")
    with pytest.raises(ValueError, match=r"saved with parameters and buffers of the shapes"):
        for _ in watch([1], net, torch.optim.SGD(net.parameters()), run=opened):
            pass


def test_after_a_model_that_does_not_fit_the_right_one_still_goes_on(tmp_path):
    straight, _ = trained()
    trained(stop=13)[1].save(tmp_path / "run.safetensors")
    opened = load_run(tmp_path / "run.safetensors")
    net = nn.Linear(2, 2)
    with pytest.raises(ValueError, match="saved with parameters"):
        next(iter(watch([1], net, torch.optim.SGD(net.parameters()), run=opened)))
    program, again = trained(run=opened)
    assert again.steps == 24 and program.state() == straight.state()


def test_a_scheduler_is_saved_too(tmp_path):
    def go_on(stop=None, run=None):
        program = Program("mlp", "SGD")
        scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(program.optimizer, 20)
        batches = watch(program.loader, program.net, program.optimizer, epochs=4, run=run)
        for batch in batches:
            program.step(batch)
            scheduler.step()
            if batches.run.steps == stop:
                batches.run.stop()
        return program, batches.run

    straight, _ = go_on()
    _, run = go_on(stop=6)
    run.save(tmp_path / "run.safetensors")
    again, opened = go_on(run=load_run(tmp_path / "run.safetensors"))
    assert again.state() == straight.state() and not opened.events


def test_what_train_model_did_is_saved(tmp_path):
    program, run = Program(), Steering("in epochs")
    train_model(program.net, program.loader, optimizer=program.optimizer, epochs=2, steering=run,
                keep="5 MB", progress=False)  # fmt: skip
    run.save(tmp_path / "run.safetensors")
    assert load_run(tmp_path / "run.safetensors").history.losses == run.history.losses


def test_a_run_saved_in_the_past_goes_on_there(tmp_path):
    _, run = trained()
    run.go(3)
    run.save(tmp_path / "run.safetensors")
    opened, seen = load_run(tmp_path / "run.safetensors"), []
    program = Program("mlp", "Adam")
    for batch in watch(program.loader, program.net, program.optimizer, epochs=6, run=opened):
        seen.append(opened.steps)
        program.step(batch)
    assert seen == [*range(seen[0], 24)] and seen[0] <= 3
    assert opened.history.losses == run.history.losses and not opened.events


def test_steps_without_a_loss_are_saved_as_what_they_are(tmp_path):
    program = Program()
    batches = program.watched(2)
    for batch in batches:
        if batches.run.steps % 3:
            program.step(batch)
    run = batches.run
    run.save(tmp_path / "run.safetensors")
    opened = load_run(tmp_path / "run.safetensors")
    assert opened.history.missing.tolist() == [0, 3, 6]
    assert [*opened.history.numbers()] == [*run.history.numbers()]


HARMS = ["other", "cut", "kind", "text", "names", "types", "curve", "steps", "missing"]


@pytest.mark.parametrize("harm", HARMS)
def test_damaged_files_are_refused(tmp_path, harm):
    _, run = trained()
    path = tmp_path / "run.safetensors"
    run.save(path)
    with safetensors.safe_open(path, "numpy") as file:
        told = file.metadata()
    arrays = safetensors.numpy.load_file(path)
    if harm == "other":
        torch.save({"w": torch.ones(2)}, path)
    elif harm == "cut":
        path.write_bytes(path.read_bytes()[:-100])
    else:
        about = json.loads(told["run"])
        told["kind"] = "x" if harm == "kind" else told["kind"]
        if harm == "names":
            arrays = {f"{name}x": array for name, array in arrays.items()}
        if harm == "types":
            about = [about, "[" * 50]
        entries = {} if harm == "types" else {entry[0]: entry for entry in about["dict"]}
        if harm == "curve":
            entries["history"][1] = {"tuple": ["no curve", {"dict": []}]}
        if harm == "steps":
            entries["steps"][1] = 10**6
        if harm == "missing":
            entries["missing"][1] = {"list": [3, 1]}
        told["run"] = "[" * 5000 if harm == "text" else json.dumps(about)
        safetensors.numpy.save_file(arrays, path, told)
    with pytest.raises(LoadError):
        load_run(path)


def test_only_one_kind_of_file():
    with pytest.raises(ValueError, match=r"saved to a \.safetensors file, not to 'run.pkl'"):
        Steering().save("run.pkl")
