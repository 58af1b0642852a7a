"""Time a loop in a notebook's kernel, turn about: plain, watched, and watched with a monitor shown.

``python tests/speed/monitor.py`` (``--json`` for the test beside it; a number: so many rounds). All
processor time of the kernel counts, also that of the thread which sends its messages. What watching
costs is the median, over the rounds, of the time of a step over that of a plain one.
"""

import gc
import json
import statistics
import sys
from pathlib import Path
from time import process_time

FOLDER = Path(__file__).resolve().parent
NAMES = "MLP 784-128-64-10, 64 pictures", "LeNet, 100 pictures of 3 × 32 × 32"
ARMS = "plain", "watched", "shown"
ROUNDS, SECONDS, FIRST = 41, 0.5, 3


def in_kernel(rounds):
    """Measure, inside of a kernel: for each workload the seconds of a step, by round and arm."""
    from workloads import WORKLOADS

    import autograd_lab

    autograd_lab.set_num_threads(1)
    return {name: turns(WORKLOADS[name][0](autograd_lab), rounds) for name in NAMES}


def turns(step, rounds):
    """Take turns; the arms begin by turns, too, and train the same model."""
    from autograd_lab.train import watch
    from autograd_lab.train.steering import Steering
    from autograd_lab.widgets import Monitor

    watched, shown = Steering(), Steering()
    monitor = Monitor(shown)
    monitor.appear()
    monitor.look(on=True, deep=False)  # as a page says that somebody looks
    trained = {"model": step.model, "optimizer": step.optimizer}
    loops = {
        "plain": iter,
        "watched": lambda batches: watch(batches, **trained, run=watched),
        "shown": lambda batches: watch(batches, **trained, run=shown),
    }
    count = round(SECONDS / min(seconds(iter, step, 10) for _ in range(3)))
    for arm in ARMS:
        seconds(loops[arm], step, count)
    gc.collect()
    gc.freeze()
    found = []
    for number in range(rounds):
        order = ARMS[number % 3 :] + ARMS[: number % 3]
        times = {arm: seconds(loops[arm], step, count) for arm in order}
        found.append([times[arm] for arm in ARMS])
    return found


def seconds(loop, step, count) -> float:
    """Measure a step of a loop that has begun already: its beginning is paid once."""
    for number, _ in enumerate(loop(range(FIRST + count + 1))):
        if number == FIRST:
            begin = process_time()
        if number == FIRST + count:
            return (process_time() - begin) / count
        step()
    raise RuntimeError("the loop was stopped")


def measure(rounds=ROUNDS):
    """Start a kernel, and let it measure."""
    sys.path.insert(0, str(FOLDER))
    from jupyter_client.manager import start_new_kernel
    from table import environment

    told = []
    places = [str(FOLDER.parents[1]), str(FOLDER)]
    code = (
        f"import sys, json; sys.path[:0] = {places}; import monitor; "
        f"print(json.dumps(monitor.in_kernel({rounds})))"
    )
    manager, client = start_new_kernel(env=environment(), startup_timeout=120)

    def hear(message):
        told.append(message["content"].get("text", "") if message["msg_type"] == "stream" else "")

    try:
        reply = client.execute_interactive(code, output_hook=hear)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    if reply["content"]["status"] != "ok":
        raise RuntimeError("\n".join(reply["content"]["traceback"]))
    return json.loads("".join(told))


def figures(results) -> dict:
    """Give, of each workload, a plain step's time, and quartiles of what watching adds to it."""
    found = {}
    for name, rounds in results.items():
        plain = [times[0] for times in rounds]
        found[name] = {"step": statistics.median(plain), "rounds": len(rounds)}
        for place, arm in enumerate(ARMS[1:], 1):
            over = [times[place] / times[0] - 1 for times in rounds]
            found[name][arm] = statistics.quantiles(over, n=4)
    return found


def words(found) -> str:
    """Say in three lines a workload what watching costs.

    >>> print(words({"LeNet": {"step": 0.0421, "rounds": 9, "watched": [0, 0.004, 0.01],
    ...                        "shown": [0.001, 0.012, 0.02]}}))
    LeNet: 42.1 ms a step, 9 rounds
      watched  +0.40% (quartiles +0.00% and +1.00%)
      shown    +1.20% (quartiles +0.10% and +2.00%)
    """
    lines = []
    for name, of in found.items():
        lines.append(f"{name}: {of['step'] * 1e3:.3g} ms a step, {of['rounds']} rounds")
        for arm in ARMS[1:]:
            low, middle, high = of[arm]
            lines.append(f"  {arm:8} {middle:+.2%} (quartiles {low:+.2%} and {high:+.2%})")
    return "\n".join(lines)


if __name__ == "__main__":
    found = figures(measure(*[int(word) for word in sys.argv[1:] if word.isdigit()]))
    print(json.dumps(found) if "--json" in sys.argv else words(found))
