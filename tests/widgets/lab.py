"""A real JupyterLab in a real Chromium, for tests.

    with Lab(tmp_path) as lab:
        notebook = lab.open(["print(1)", "1 / 0"])
        notebook.run_all()
        notebook.page.locator(".agl").wait_for()
        assert notebook.trouble == []

`trouble` gathers console errors, page errors, requests that left the machine; `received` counts
the characters that came over websockets.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Page, sync_playwright
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from autograd_lab.cli import SETTINGS

READY = """(status) => {
  const kernel = window.jupyterapp?.shell?.currentWidget?.sessionContext?.session?.kernel;
  return kernel?.connectionStatus === "connected" && kernel.status === status;
}"""
# The last messages between page and kernel: what a report needs when one was lost.
OVERHEAR = """() => {
  const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
  const heard = window.overheard = [];
  kernel.anyMessage.connect((_, { msg, direction }) => {
    const { header, parent_header: parent, channel, content } = msg;
    const about = [channel, header.msg_type, content.execution_state ?? content.status ?? ""];
    if (parent?.msg_type) about.push("to", parent.msg_type, parent.msg_id.slice(0, 8));
    else about.push(header.msg_id.slice(0, 8));
    const at = (performance.now() / 1000).toFixed(2);
    heard.push(`${at} ${direction === "send" ? "->" : "<-"} ${about.join(" ")}`);
    if (heard.length > 60) heard.shift();
  });
}"""
# An empty cell that nobody sees: the kernel must take it, answer, and say that it is idle.
ANSWERS = """async (seconds) => {
  const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
  const ask = { code: "", silent: true, store_history: false };
  const late = new Promise((go) => setTimeout(go, seconds * 1000, false));
  return await Promise.race([kernel.requestExecute(ask).done.then(() => true, () => false), late]);
}"""
RESTART = """async () => {
  await window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart();
}"""
STATE = """() => {
  const panel = window.jupyterapp?.shell?.currentWidget;
  const kernel = panel?.sessionContext?.session?.kernel;
  return {
    kernel: kernel ? `${kernel.status}, ${kernel.connectionStatus}` : "none",
    address: location.pathname + location.search,
    ran: window.ran,
    dialog: document.querySelector(".jp-Dialog")?.innerText ?? "",
    cells: (panel?.content?.widgets ?? []).map((cell) => [
      cell.node.querySelector(".jp-InputPrompt")?.textContent ?? "",
      cell.node.querySelector(".jp-Cell-outputArea")?.innerText ?? ""]),
    overheard: window.overheard ?? [],
  };
}"""
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
# ipykernel 7.4.0 loses clicks while a cell runs; what we do about it is tested on it, too:
# pip install --no-deps --target .venv/ipykernel740 ipykernel==7.4.0
OTHER_KERNEL = Path(sys.prefix, "ipykernel740")
# JupyterLab says so of a kernel that ends while its debugger still asks: no fault of the lab.
DEBUGGER = "Could not restore the debugger state: Canceled future"
NO_NEWS = {"fetchNews": "false", "checkForUpdates": False}


class Lab:
    """Start JupyterLab on a free port in ``folder``; open notebooks in Chromium."""

    play, playing = None, 0

    module, app, tree = "jupyterlab", "LabApp", "lab/tree"

    def __init__(self, folder: Path):
        self.folder = Path(folder)

    def __enter__(self):
        browsers = filter(None, map(shutil.which, BROWSERS))
        chromium = next(browsers, None) or pytest.skip("no Chromium: apt-get install chromium")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        settings = self.folder / ".settings/@jupyterlab/apputils-extension"
        settings.mkdir(parents=True)
        (settings / "notification.jupyterlab-settings").write_text(json.dumps(NO_NEWS))
        self._offer_other_kernel()
        places = ("CONFIG_DIR", "DATA_DIR", "RUNTIME_DIR")
        env = {f"JUPYTER_{place}": str(self.folder / f".{place.lower()}") for place in places}
        env = {**os.environ, **env, "JUPYTERLAB_SETTINGS_DIR": str(self.folder / ".settings"),
               "JUPYTER_CONFIG_PATH": str(SETTINGS)}  # fmt: skip
        options = [
            "--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1",
            f"--ServerApp.port={port}", "--IdentityProvider.token=",
            f"--ServerApp.root_dir={self.folder}", f"--{self.app}.expose_app_in_browser=True",
        ]  # fmt: skip
        self.log = open(self.folder / "lab.log", "w")
        self.server = subprocess.Popen(
            [sys.executable, "-m", self.module, *options],
            env=env, stdout=self.log, stderr=subprocess.STDOUT,
        )  # fmt: skip
        self._wait_for_server()
        if not Lab.playing:  # one Playwright serves all applications of a process
            self.play = sync_playwright().start()
        Lab.playing += 1
        self.play = Lab.play = self.play or Lab.play
        self.browser = self.play.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        self.context = self.browser.new_context()  # one cache for all pages
        return self

    def _offer_other_kernel(self):
        spec = self.folder / ".data_dir/kernels/ipykernel740"
        spec.mkdir(parents=True)
        command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        env = {"PYTHONPATH": os.pathsep.join([str(OTHER_KERNEL), *sys.path[1:]])}
        kernel = {"argv": command, "display_name": "7.4.0", "language": "python", "env": env}
        (spec / "kernel.json").write_text(json.dumps(kernel))

    def _wait_for_server(self):
        for _ in range(240):
            try:
                return urllib.request.urlopen(self.url + "/api").close()
            except OSError:
                time.sleep(0.25)
        raise TimeoutError((self.folder / "lab.log").read_text())

    def open(self, cells: list[str], width: int = 1200, kernel="python3") -> "Notebook":
        """Open a notebook made of ``cells`` and wait for its kernel."""
        if kernel == "ipykernel740" and not OTHER_KERNEL.exists():
            pytest.skip(f"no ipykernel 7.4.0 in {OTHER_KERNEL.name}/: .ci/run says how")
        book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
        book.metadata.kernelspec = {"name": kernel, "display_name": kernel}
        file = self.folder / f"book{len(list(self.folder.glob('*.ipynb')))}.ipynb"
        nbformat.write(book, file)
        return self.show(file, width)

    def show(self, file: Path, width: int = 1200) -> "Notebook":
        """Open a file of our folder in a new page."""
        page = self.context.new_page()
        page.set_viewport_size({"width": width, "height": 1000})
        return Notebook(page, f"{self.url}/{self.tree}/{file.name}?reset", file)

    def __exit__(self, *error):
        self.browser.close()
        Lab.playing -= 1
        if not Lab.playing:
            Lab.play.stop()
            Lab.play = None
        self.server.terminate()
        self.server.wait(20)
        self.log.close()


class NotebookSeven(Lab):
    """The same with Notebook 7, which shows one notebook and nothing else."""

    module, app, tree = "notebook", "JupyterNotebookApp", "notebooks"


class Notebook:
    """One open notebook: run it, look at it, ask what went wrong."""

    def __init__(self, page: Page, url: str, file: Path):
        self.page, self.url, self.file, self.trouble, self.received = page, url, file, [], 0
        host = "//" + url.split("/")[2]
        own = ("http:" + host, "ws:" + host, "blob:", "data:")
        page.on("request", lambda r: r.url.startswith(own) or self._note("left", r.url))
        page.on("console", lambda m: m.type == "error" and self._complain(m.text))
        page.on("pageerror", lambda e: self._note("page error", e))
        page.on("websocket", lambda ws: ws.on("framereceived", self._count))
        self.load()

    def load(self):
        """Load the page, now or again, and wait for its kernel."""
        # A kernel that has not imported the lab yet may miss a request, and then all (listening.py
        # says why): a page that is loaded anew wakes it.
        for left in (2, 1, 0):
            self.page.goto(self.url)
            self.page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=60_000)
            if self._answered():
                break
            if not left:
                raise TimeoutError(self.report("The kernel of this page does not answer"))

    def _answered(self):
        """Wait for the kernel, and ask it: idle is what it says of others, too."""
        try:
            self.page.wait_for_function(READY, arg="idle", timeout=20_000)
        except PlaywrightTimeout:
            return False
        self.page.evaluate(OVERHEAR)
        if not self.page.evaluate(ANSWERS, 15):
            print(self.report("A fresh kernel is idle but silent: the page is loaded again"))
            return False
        return True

    def wake(self):
        """Restart a kernel that does not answer: a test may have left it at work."""
        if self.page.evaluate(ANSWERS, 20):
            return
        print(self.report("The kernel of this page is still at work: it is restarted"))
        self.page.evaluate(RESTART)
        self.load()

    def report(self, what: str) -> str:
        """Say all that helps to understand why nothing happens."""
        found = self.page.evaluate(STATE)
        cells = [f"  {k} {prompt.strip()} {text.strip()[-300:]!r}"
                 for k, (prompt, text) in enumerate(found.pop("cells"))]  # fmt: skip
        overheard = [f"  {line}" for line in found.pop("overheard")]
        log = (self.file.parent / "lab.log").read_text(errors="replace").splitlines()
        return "\n".join([
            what, *(f"{name}: {value}" for name, value in found.items()), "cells:", *cells,
            "messages:", *overheard, "trouble:", *self.trouble, "lab.log:", *log[-25:],
        ])  # fmt: skip

    def _complain(self, text):
        if not text.startswith(DEBUGGER):
            self._note("console", text)

    def _note(self, kind, what):
        self.trouble.append(f"{kind}: {str(what)[:300]}")

    def _count(self, payload):
        self.received += len(payload)

    def fill(self, *cells: str) -> "Notebook":
        """Begin anew with other cells in the same page and kernel: much quicker than `open`."""
        self.page.evaluate(
            """(cells) => {
              const book = window.jupyterapp.shell.currentWidget.content.model.sharedModel;
              const code = (source) => ({ cell_type: "code", source, metadata: {}, outputs: [] });
              book.deleteCellRange(0, book.cells.length);
              book.insertCells(0, cells.map(code)); }""",
            cells,
        )
        return self

    def command(self, name: str, **options):
        """Run one of JupyterLab's commands and wait for its promise."""
        run = "async ([name, options]) => { await jupyterapp.commands.execute(name, options) }"
        self.page.evaluate(run, [name, options])

    def run_all(self, seconds: float = 120):
        """Run every cell and wait for the last."""
        self._start("notebook:run-all-cells")
        self.wait(seconds)

    def run(self, index: int, wait: bool = True, seconds: float = 120):
        """Run one cell by its place, from 0; with ``wait=False``, return while it runs."""
        self.page.evaluate(
            """(i) => { const book = window.jupyterapp.shell.currentWidget.content;
            book.activeCellIndex = i; book.deselectAll(); }""",
            index,
        )
        self._start("notebook:run-cell")
        if wait:
            self.wait(seconds)

    def _start(self, command):
        self.page.evaluate(
            """(command) => { window.ran = false;
            const done = () => { window.ran = true };
            window.jupyterapp.commands.execute(command).then(done, done); }""",
            command,
        )

    def wait(self, seconds: float = 120):
        """Wait until what was started has ended and the kernel is idle."""
        try:
            self.page.wait_for_function("() => window.ran !== false", timeout=seconds * 1000)
            self.page.wait_for_function(READY, arg="idle", timeout=seconds * 1000)
        except PlaywrightTimeout:
            raise TimeoutError(self.report(f"Nothing ended within {seconds} s")) from None

    def theme(self, dark: bool):
        """Switch JupyterLab's theme."""
        name = "JupyterLab Dark" if dark else "JupyterLab Light"
        self.command("apputils:change-theme", theme=name)
        light = str(not dark).lower()
        self.page.wait_for_selector(f"body[data-jp-theme-light='{light}']", state="attached")
        paper = """(dark) => { const probe = document.body.appendChild(document.createElement("i"));
          probe.style.color = "var(--jp-layout-color0)";
          const red = Number(getComputedStyle(probe).color.match(/\\d+/)[0]);
          probe.remove();
          return dark ? red < 128 : red > 127; }"""
        self.page.wait_for_function(paper, arg=dark)
        self.page.wait_for_selector("#jupyterlab-splash", state="detached")

    def save(self) -> dict:
        """Save the notebook and return what is on disk."""
        self.command("docmanager:save")
        return json.loads(self.file.read_text())

    def close(self):
        """Stop the kernel and close the page."""
        self.page.evaluate("""async () => {
          const { sessionContext } = window.jupyterapp.shell.currentWidget;
          try { await sessionContext.shutdown() } catch {} }""")
        self.page.close()
