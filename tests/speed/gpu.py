"""All figures of a GPU with one command: ``python tests/speed/gpu.py``.

It says what there is and what is missing; runs the tests of the device on the real GPU; checks that
our own kernels and products run, and can be captured, and times each kernel against the operations
that it stands in for; then times training steps, turn about, in a process for each way: ours as it
is, replayed, and both with our own kernels; PyTorch as it is, and with CUDA graphs. Below each line
of times stands how many kernels a step starts, and how much faster our own kernels make it: where
that is never less than 1, they can become the default (``own_kernels`` in ``backends/cuda.py``).

``--pretend`` runs the same on the pretend GPU (its times mean nothing, its launches are exact).
``--only MLP`` takes some workloads, ``--no-tests`` leaves the tests out, ``--json FILE`` saves.
"""

import argparse
import functools
import importlib
import json
import os
import platform
import statistics
import subprocess
import sys
import time
import traceback
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.speed import workloads  # noqa: E402

MODES = "ours eager", "ours replayed", "own eager", "own replayed", "torch eager", "torch graphs"
TESTS = (
    "tests/ops/test_every_op.py::test_it_runs_on_the_gpu tests/optim/test_gpu.py "
    "tests/train/test_gpu.py tests/device/test_philox.py tests/device/test_graphs.py "
    "tests/device/test_precision.py tests/device/test_kernels.py tests/core/test_device.py "
    "tests/distributions/test_every_distribution.py::test_on_the_gpu "
    "tests/data/test_data.py::test_examples_on_a_gpu_stay_there "
    "tests/serialization/test_files.py::test_map_location"
).split()
ONLY = (  # the others need two GPUs, or the pretend one
    "not second_gpu and not there_is_a_gpu and not choosing_a_gpu and not block_on_a_gpu "
    "and not tf32_is and not switch"
)
WARM, ROUNDS, SECONDS = 5, 7, 0.3


def resnet(torch):
    """Make a step of ResNet-18, as it is drawn for pictures of 3 x 32 x 32."""
    nn, (x,), y = torch.nn, workloads.data(torch, (64, 3, 32, 32)), workloads.classes(torch, 10, 64)

    class Block(nn.Module):
        def __init__(self, inside, outside, stride):
            super().__init__()
            self.one = nn.Conv2d(inside, outside, 3, stride, 1, bias=False)
            self.two = nn.Conv2d(outside, outside, 3, 1, 1, bias=False)
            self.norm, self.norm2 = nn.BatchNorm2d(outside), nn.BatchNorm2d(outside)
            self.past = nn.Identity()
            if stride > 1 or inside != outside:
                past = nn.Conv2d(inside, outside, 1, stride, bias=False)
                self.past = nn.Sequential(past, nn.BatchNorm2d(outside))

        def forward(self, x):
            y = self.norm2(self.two(self.norm(self.one(x)).relu()))
            return (y + self.past(x)).relu()

    widths = [(64, 64, 1), (64, 64, 1), (64, 128, 2), (128, 128, 1), (128, 256, 2), (256, 256, 1),
              (256, 512, 2), (512, 512, 1)]  # fmt: skip
    net = nn.Sequential(
        nn.Conv2d(3, 64, 3, 1, 1, bias=False), nn.BatchNorm2d(64), nn.ReLU(),
        *[Block(*width) for width in widths], nn.AvgPool2d(4), nn.Flatten(), nn.Linear(512, 10),
    )  # fmt: skip
    loss = nn.CrossEntropyLoss()
    return workloads.training(torch, net, lambda net: loss(net(x), y), lr=0.01, momentum=0.9)


WORKLOADS = {  # name: the function, and the goal of a replay: its time / PyTorch's eager time
    "MLP, hinge loss": (workloads.points, 0.5), "MLP": (workloads.digits, 0.5),
    "LeNet": (workloads.lenet, 0.5), "wide convolutions": (workloads.wide_convolutions, 0.5),
    "BiLSTM tagger": (workloads.tagger, 0.5), "Transformer block": (workloads.transformer_block, 1),
    "ResNet-18": (resnet, 1),
}  # fmt: skip


# --- one library, in a process of its own


def training(torch, net, loss_of, optimizer="SGD", **options):
    """Make a step that does not wait for its loss: ``workloads.training`` for a GPU."""
    net = filled(torch, net)
    if torch.__name__ == "torch" and optimizer == "Adam" and torch.cuda.is_available():
        options["capturable"] = True  # without it a captured step counts no steps
    rule = getattr(torch.optim, optimizer)(net.parameters(), **options)

    def step():
        rule.zero_grad()
        loss = loss_of(net)
        loss.backward()
        rule.step()
        return loss

    return step


def filled(torch, net):
    """Fill in the same numbers in both libraries; batch norms keep their ones and zeros."""
    kept = [m for m in net.modules() if isinstance(m, torch.nn.BatchNorm2d)]
    before = [(m.weight.detach().clone(), m.bias.detach().clone()) for m in kept]
    net = workloads.filled(torch, net)
    with torch.no_grad():
        for m, (weight, bias) in zip(kept, before):
            m.weight.copy_(weight), m.bias.copy_(bias)
    return net


def replayed(torch, step):
    """Capture a step, as both libraries do it, after it has run a few times on a side stream."""
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(WARM):
            step()
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        loss = step()

    def again():
        graph.replay()
        return loss

    return again, graph


class Worker:
    """Answer the questions of the main process: about one library, one question a line."""

    def __init__(self, library, pretend):
        self.torch, self.step = importlib.import_module(library), None
        self.pretend, self.graph = pretend, None
        self.device = "cpu" if pretend and library == "torch" else "cuda"
        if library == "torch":
            self.torch.backends.cudnn.allow_tf32 = False  # float32 is float32 in both
        workloads.training = training

    def facts(self):
        """Tell versions and the GPU's name."""
        torch = self.torch
        told = {"version": getattr(torch, "__version__", "here"), "cuda": torch.cuda.is_available()}
        if told["cuda"]:
            told["gpu"] = torch.cuda.get_device_name()
        return told

    def make(self, name, way):
        """Make a workload's step, eager or replayed; tell its first losses."""
        torch = self.torch
        if way.startswith("own"):
            torch.backends.cuda.own_kernels = True
        with torch.device(self.device):
            step = WORKLOADS[name][0](torch)
            losses = [step().item() for _ in range(WARM)]
            self.graph = None
            if not way.endswith("eager"):
                step, self.graph = replayed(torch, step)
            self.step = step
        return losses

    def launches(self):
        """Count the kernels of a step: all that the pretend GPU starts, else those captured."""
        if self.torch.__name__ == "torch" or self.pretend == (self.graph is not None):
            return None
        if self.graph is not None:
            from autograd_lab.cuda.graphs import KERNEL

            return len(KERNEL.findall(self.graph.dot()))
        from tests.fake_cupy import counting

        with self.torch.device(self.device), counting() as cost:
            self.step()
        return cost.launches

    def wait(self):
        """Wait until the GPU has done what it was given."""
        if self.device == "cuda":
            self.torch.cuda.synchronize()

    def time(self, count):
        """Time so many steps, given one after the other: seconds for one."""
        with self.torch.device(self.device):
            self.wait()
            begin = time.perf_counter()
            for _ in range(count):
                self.step()
            self.wait()
        return (time.perf_counter() - begin) / count

    def memory(self):
        """Tell how much of the GPU's memory tensors hold."""
        return self.torch.cuda.memory_allocated()

    def own(self):
        """Check what only a real GPU can prove: our products and kernels, also captured."""
        from autograd_lab.backends import cuda as switches

        torch, told = self.torch, {}
        checks = ("products captured", own_products), ("kernels", own_kernels)
        each = functools.partial(each_kernel, small=self.pretend)
        for name, check in (*checks, ("each", each)):
            try:
                told[name] = check(torch, switches)
            except Exception as error:
                told[name] = f"{type(error).__name__}: {error}"
        return told


def own_products(torch, switches):
    """Capture a product by our own call of cuBLAS, and replay it."""
    a, b = torch.randn(64, 48, device="cuda"), torch.randn(48, 32, device="cuda")
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        y = a @ b
    a.copy_(torch.randn(64, 48))
    graph.replay()
    return "right" if torch.allclose(y.cpu(), a.cpu() @ b.cpu(), atol=1e-4) else "WRONG"


def own_kernels(torch, switches):
    """Draw by our own Philox kernel what the processor draws, and time both roads."""
    told = {}
    for switch in (False, True):
        switches.own_kernels = switch
        torch.manual_seed(3)
        here = torch.rand(1_000_001)
        torch.manual_seed(3)
        if not torch.equal(torch.rand(1_000_001, device="cuda").cpu(), here):
            return f"WRONG numbers with own_kernels={switch}"
        torch.cuda.synchronize()
        begin = time.perf_counter()
        for _ in range(10):
            torch.rand(1_000_000, device="cuda")
        torch.cuda.synchronize()
        told[f"own_kernels={switch}"] = f"{1e5 * (time.perf_counter() - begin):.0f} us"
    switches.own_kernels = False
    return f"right; 1,000,000 numbers: {told}"


def tried(torch, small):
    """List what our own kernels do: the name, the operands' shapes, and a function of tensors."""
    F, nn = torch.nn.functional, torch.nn
    some = 8 if small else 64
    target = (torch.arange(some * 64) % 1000).to("cuda")
    words = (torch.arange(some * 16) * 7919 % 5000).to("cuda")
    lstm = nn.LSTM(128, 128).to("cuda")
    norm = nn.BatchNorm2d(64).to("cuda")
    return {
        "cross entropy": ([(some * 64, 1000)], lambda x: F.cross_entropy(x, target)),
        "softmax": ([(some * 64, 512)], lambda x: F.softmax(x, -1)),
        "layer norm": ([(some * 64, 512), (512,), (512,)],
                       lambda x, w, b: F.layer_norm(x, (512,), w, b)),
        "batch norm": ([(some, 64, 16, 16)], norm),
        "gelu": ([(some * 64, 1024)], F.gelu),
        "relu": ([(some * 64, 1024)], F.relu),
        "max pooling": ([(some, 32, 32, 32)], lambda x: F.max_pool2d(x, 2)),
        "mean pooling": ([(some, 32, 32, 32)], lambda x: F.avg_pool2d(x, 3, 2, 1)),
        "embedding": ([(5000, 128)], lambda w: F.embedding(words, w)),
        "convolution": ([(some, 32, 16, 16), (32, 32, 3, 3), (32,)],
                        lambda x, w, b: F.conv2d(x, w, b, padding=1)),
        "linear": ([(some * 64, 256), (256, 256), (256,)], F.linear),
        "LSTM": ([(20, some, 128)], lambda x: lstm(x)[0]),
    }  # fmt: skip


def each_kernel(torch, switches, small=False):
    """Time every kernel, forward and back, against plain CuPy; and compare what they give."""
    told = {}
    for name, (shapes, call) in tried(torch, small).items():
        operands = [x.to("cuda").requires_grad_() for x in workloads.data(torch, *shapes)]
        found, times = [], []
        for switch in (False, True):
            switches.own_kernels = switch
            for turn in range(1 if small else 12):
                if turn == 2:
                    torch.cuda.synchronize()
                    begin = time.perf_counter()
                y = call(*operands)
                g = torch.autograd.grad((y * y * y).sum(), operands)
            torch.cuda.synchronize()
            times.append(0 if small else 1e5 * (time.perf_counter() - begin))
            found.append([y.detach().cpu(), *[d.cpu() for d in g]])
        near = [abs(a - b).max().item() <= 2e-3 * abs(a).max().item() for a, b in zip(*found)]
        told[name] = f"{'right' if all(near) else 'WRONG'}, {times[0]:.0f} -> {times[1]:.0f} us"
    switches.own_kernels = False
    return told


def work(library, pretend):
    """Answer until the questions end."""
    if pretend and library != "torch":
        from autograd_lab.cuda import products
        from tests import fake_cupy
        from tests.fake_cupy import cublas

        fake_cupy.install()
        products.load = cublas.Library
        fake_cupy.state.DEVICES = 1
    worker = Worker(library, pretend)
    for line in sys.stdin:
        question, *args = json.loads(line)
        try:
            answer = getattr(worker, question)(*args)
        except Exception as error:
            text = f"{type(error).__name__}: {error}"
            answer = {"error": text[:600], "trace": traceback.format_exc()[-3000:]}
        print("@@" + json.dumps(answer), flush=True)


# --- the main process


class Process:
    """A library in a process of its own."""

    def __init__(self, library, pretend):
        command = [sys.executable, __file__, "--work", library, *(["--pretend"] if pretend else [])]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def ask(self, *question):
        """Ask, and wait for the answer."""
        try:
            self.process.stdin.write(json.dumps(question) + "\n")
            self.process.stdin.flush()
        except OSError:
            return {"error": "its process has ended"}
        for line in self.process.stdout:
            if line.startswith("@@"):
                return json.loads(line[2:])
        return {"error": f"its process ended with {self.process.wait()}"}

    def close(self):
        """Let it end."""
        self.process.stdin.close()
        self.process.wait()


def failed(answer):
    """Say whether an answer is an error."""
    return isinstance(answer, dict) and "error" in answer


def time_all(processes, name, rounds):
    """Time a workload in all modes, turn about."""
    found = {"losses": {}, "seconds": {mode: [] for mode in processes}, "missing": {}}
    found["launches"] = {}
    counts = {}
    for mode, process in processes.items():
        answer = process.ask("make", name, mode)
        first = answer if failed(answer) else process.ask("time", 3)
        if failed(first):
            found["missing"][mode] = first["error"]
            print(f"  {name}, {mode}: {first['error']}", flush=True)
            continue
        found["losses"][mode] = answer
        found["launches"][mode] = process.ask("launches")
        counts[mode] = max(3, min(2000, int(SECONDS / max(first, 1e-6))))
    for _ in range(rounds):
        for mode, count in counts.items():
            found["seconds"][mode].append(processes[mode].ask("time", count))
    return found


def row(name, found) -> str:
    """Write a line of the table."""
    median = {m: statistics.median(s) for m, s in found["seconds"].items() if s}
    base, cells = median.get("torch eager"), []
    for mode in MODES:
        if mode not in median:
            cells.append(f"{'-':>18}")
            continue
        ratio = f"({median[mode] / base:.2f})" if base else ""
        cells.append(f"{1e6 * median[mode]:>9.0f} us {ratio:>6}")
    losses = list(found["losses"].values())
    agree = all(
        abs(x - y) <= 1e-3 * max(1, abs(y)) for own in losses for x, y in zip(own, losses[-1])
    )
    return f"{name:20}" + "".join(cells) + ("  losses agree" if agree else "  LOSSES DIFFER")


def gain(found) -> str:
    """Write how many kernels a step starts without and with our own, and what that gains."""
    launches = [n for n in found["launches"].values() if isinstance(n, int)]
    said = [f"kernels a step: {' -> '.join(map(str, launches))}"] if launches else []
    for way in ("eager", "replayed"):
        plain, own = found["seconds"].get(f"ours {way}"), found["seconds"].get(f"own {way}")
        if plain and own:
            times = [a / b for a, b in zip(plain, own)]
            said.append(f"{way} {statistics.median(times):.2f} times as fast with our own")
    return f"{'':20}" + "; ".join(said)


def run_tests(pretend=False, tests=TESTS):
    """Run the tests of the device on the real GPU, or rehearse it; print, and give, the end."""
    env = os.environ | {"AUTOGRAD_LAB_DEVICE": "cuda"}
    command = [sys.executable, "-m", "pytest", *tests, "-q", "-k", ONLY, "--tb=line"]
    command += ["-p", "tests.fake_cupy.stand_in"] if pretend else []
    run = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)
    lines = (run.stdout + run.stderr).splitlines()[-60:]
    print("\n".join(lines), flush=True)
    return lines


def main():
    """Print all figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only"), parser.add_argument("--json"), parser.add_argument("--work")
    parser.add_argument("--pretend", action="store_true")
    parser.add_argument("--no-tests", action="store_true")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    given = parser.parse_args()
    if given.work:
        return work(given.work, given.pretend)
    print(f"{platform.platform()}, Python {platform.python_version()}")
    processes = {
        mode: Process("torch" if mode.startswith("torch") else "autograd_lab", given.pretend)
        for mode in MODES
    }
    facts = {mode: processes[mode].ask("facts") for mode in MODES}
    for mode in (MODES[0], MODES[-1]):
        print(f"{mode.split()[0]}: {facts[mode]}")
    if failed(facts[MODES[0]]) or not facts[MODES[0]]["cuda"]:
        print("ours: no GPU can be used. " + why_not())
    for mode in MODES:
        if failed(facts[mode]) or not (facts[mode]["cuda"] or given.pretend):
            print(f"left out: {mode} ({facts[mode].get('error', 'no CUDA there')})")
            processes.pop(mode).close()
    results = {}
    if MODES[0] in processes:
        results["own"] = processes[MODES[0]].ask("own")
        print(f"what only a real GPU can prove: {results['own']}", flush=True)
        if not given.no_tests:
            run_tests(given.pretend)
    print(f"{'':20}" + "".join(f"{mode:>18}" for mode in MODES) + "  (x torch eager)")
    for name in WORKLOADS:
        if processes and (not given.only or given.only in name):
            results[name] = time_all(processes, name, given.rounds)
            print(row(name, results[name]), gain(results[name]), sep="\n", flush=True)
    for process in processes.values():
        process.close()
    if given.json:
        Path(given.json).write_text(json.dumps({"facts": facts} | results), encoding="utf-8")
    return 0


def why_not() -> str:
    """Give the sentence that says what to do."""
    try:
        from autograd_lab import cuda

        cuda.init()
    except RuntimeError as error:
        return str(error)
    return ""


if __name__ == "__main__":
    sys.exit(main())
