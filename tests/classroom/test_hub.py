"""A class on JupyterHub: each learner gets her own chapters, and her share of the machine."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request

import pytest
import yaml
from traitlets.config import LazyConfigValue, PyFileConfigLoader

from autograd_lab import cli
from autograd_lab.classroom import hub
from tests.house.test_binder import pip
from tests.widgets.lab import BROWSERS, Notebook

HUB = ("jupyterhub>=5,<7", "jupyterhub-idle-culler", "configurable-http-proxy",
       "jupyterhub-firstuseauthenticator")
CONFIG = """
c.JupyterHub.services = [{{"name": "own", "api_token": "a-token-of-its-own"}}]
c.JupyterHub.load_roles = [{{"name": "own", "scopes": ["admin:users"], "services": ["own"]}}]
load_subconfig({shared!r})
c.JupyterHub.bind_url = "http://127.0.0.1:{port}"
c.JupyterHub.hub_port = {hub}
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{proxy}"
c.JupyterHub.db_url = "sqlite://"
for name, settings in {accounts!r}.items():
    c[name].update(settings)
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = {homes!r} + "/{{username}}"
c.Spawner.args = ["--allow-root", "--no-browser", "--LabApp.expose_app_in_browser=True"]
c.Spawner.environment.update({{"PYTHONPATH": {path!r}}})
c.LocalProcessSpawner.interrupt_timeout = c.LocalProcessSpawner.term_timeout = 1
"""


class Replaced(Exception):
    """Stand for the moment in which the process becomes another."""


@pytest.fixture
def became(monkeypatch, tmp_path):
    """Let a learner of her own home start her server; it is noted, not started."""
    found = []

    def note(*call):
        found.append(call)
        raise Replaced

    monkeypatch.setattr(hub.os, "execve", note)
    monkeypatch.setattr(hub.shutil, "which", lambda name, path: f"/there/{name}")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(hub, "CONTAINER", tmp_path / "no container")
    for name in hub.THREADS:
        monkeypatch.delenv(name, raising=False)
    return found


def test_the_server_gets_chapters_and_a_share_of_the_cores(became, tmp_path, monkeypatch):
    monkeypatch.setenv("CPU_LIMIT", "2.5")
    with pytest.raises(Replaced):
        cli.main(["hub", "--port=1"])
    (server, command, environment), = became
    assert command == [server, "--port=1"] and server == "/there/jupyterhub-singleuser"
    assert {environment[name] for name in hub.THREADS} == {"2"}
    assert "jupyter" in environment["JUPYTER_CONFIG_PATH"]
    assert (tmp_path / "autograd-lab-chapters/00_start.ipynb").exists()


@pytest.mark.parametrize(
    ("limit", "group", "count"),
    [
        ("2.5", "max 100000", "2"), ("", "350000 100000", "3"), ("4", "150000 100000", "1"),
        ("0.5", "400000 100000", "1"), ("", "max 100000", None), ("much", "?", None),
        ("", None, None), ("inf", "max 100000", None), ("inf", "150000 100000", "1"),
        ("nan", "150000 100000", "1"),
    ],
)
def test_the_smaller_of_the_hubs_limit_and_the_containers_counts(tmp_path, limit, group, count):
    if group is not None:
        (tmp_path / "cpu.max").write_text(group + "\n")
    found = hub.threads({"CPU_LIMIT": limit}, tmp_path / "cpu.max")
    assert found == ({} if count is None else dict.fromkeys(hub.THREADS, count))


def test_the_chart_s_values(root):
    values = yaml.safe_load((root / "binder/hub/values.yaml").read_text(encoding="utf-8"))
    learner = values["singleuser"]
    assert learner["cmd"] == ["autograd-lab", "hub"]
    folder, chapter = learner["defaultUrl"].rsplit("/", 1)
    assert folder == "/lab/tree/autograd-lab-chapters" and (root / "notebooks" / chapter).exists()
    assert learner["memory"]["limit"] == "1G" and learner["cpu"]["limit"] >= 1
    assert "extraVolumes" not in learner["storage"] and values["proxy"]["https"]["enabled"]
    # a file that nobody has filled in lets nobody in
    assert values["hub"]["config"] == {
        "JupyterHub": {"authenticator_class": "firstuseauthenticator.FirstUseAuthenticator"},
        "FirstUseAuthenticator": {"create_users": False}, "Authenticator": {"admin_users": []},
    }  # fmt: skip


def test_the_volume_is_what_learners_mount_and_the_job_fills(root):
    hub_files = root / "binder/hub"
    claim, job = yaml.safe_load_all((hub_files / "data-volume.yaml").read_text(encoding="utf-8"))
    values = yaml.safe_load((hub_files / "data-values.yaml").read_text(encoding="utf-8"))
    learner = values["singleuser"]
    (volume,), (mount,) = (learner["storage"][key] for key in ("extraVolumes", "extraVolumeMounts"))
    filled = job["spec"]["template"]["spec"]
    name = claim["metadata"]["name"]
    assert re.fullmatch("[a-z0-9-]+", name) and claim["spec"]["accessModes"] == ["ReadWriteMany"]
    assert volume["persistentVolumeClaim"] == {"claimName": name, "readOnly": True}
    assert filled["volumes"][0]["persistentVolumeClaim"] == {"claimName": name}
    assert learner["extraEnv"]["AUTOGRAD_LAB_DATA"] == mount["mountPath"] and mount["readOnly"]
    (fetch,) = filled["containers"]
    assert fetch["env"] == [{"name": "AUTOGRAD_LAB_DATA", "value": mount["mountPath"]}]
    assert fetch["volumeMounts"][0]["mountPath"] == mount["mountPath"]
    assert (root / fetch["args"][-1]).is_file()


def sheet(root):
    """The rows of the capacity sheet's two tables: a chapter's, and a class's."""
    text = (root / "binder/hub/README.md").read_text(encoding="utf-8")
    a_class = r"^\| (\d+)" + r" \| (\d+) GB" * 3 + r" \| (\d+) \|$"
    return re.findall(r"^\| (\d\d_\w+) \| (\d+) \| (\d+) \|$", text, re.M), re.findall(
        a_class, text, re.M)


def test_the_capacity_sheet_knows_every_chapter(root):
    listed = [name for name, *_ in sheet(root)[0]]
    assert listed == sorted(path.stem for path in (root / "notebooks").glob("[0-9]*.ipynb"))


def test_the_capacity_sheet_adds_up(root):
    """What is counted for a class is what its chapters were measured to need."""
    chapters, classes = sheet(root)
    kernels = sorted((int(memory) for _, memory, _ in chapters), reverse=True)
    values = yaml.safe_load((root / "binder/hub/values.yaml").read_text(encoding="utf-8"))
    share = {kind: values["singleuser"][kind]["guarantee"] for kind in ("memory", "cpu")}
    assert [int(row[0]) for row in classes] == [10, 30, 50]
    for learners, *memory, cores in [map(int, row) for row in classes]:
        for opened, said in zip((1, 3, 6), memory):
            needed = 2 + learners * (130 + sum(kernels[:opened])) / 1000
            assert needed <= said < needed + 2.5, (learners, opened)
        # Kubernetes finds room for all of them, and for what it runs itself
        guarantee = int(share["memory"].removesuffix("M"))
        assert 130 + sum(kernels[:3]) <= guarantee <= (memory[1] - 2) * 1000 / learners
        assert learners * share["cpu"] <= cores - 1


OWN_BEFORE = """
c.JupyterHub.services = [{"name": "own"}]
c.JupyterHub.load_roles = [{"name": "idle-culler"}]
c.Spawner.environment = {"OWN": "1"}
"""
OWN_AFTER = """
c.JupyterHub.services.append({"name": "own"})
c.JupyterHub.load_roles.append({"name": "idle-culler"})
c.Spawner.environment.update({"OWN": "1"})
"""


@pytest.mark.parametrize(("before", "after"), [(OWN_BEFORE, ""), ("", OWN_AFTER)])
def test_a_hubs_own_services_and_roles_stay(root, tmp_path, monkeypatch, before, after):
    monkeypatch.setenv("LAB_DATA", "/data")
    load = f"load_subconfig({str(root / 'binder/hub/jupyterhub_config.py')!r})"
    (tmp_path / "config.py").write_text("\n".join(["c = get_config()", before, load, after]))
    found = PyFileConfigLoader("config.py", str(tmp_path)).load_config()

    def value(of, name, empty):
        held = of[name]
        return held.get_value(empty) if isinstance(held, LazyConfigValue) else held

    for kind, own in [("services", "own"), ("load_roles", "idle-culler")]:
        names = {each["name"] for each in value(found["JupyterHub"], kind, [])}
        assert names == {own, "autograd-lab-culler"}
    assert value(found["Spawner"], "environment", {}) == {"OWN": "1", "AUTOGRAD_LAB_DATA": "/data"}


def test_the_server_starts_though_the_chapters_cannot_be_copied(became, tmp_path, capsys):
    (tmp_path / "autograd-lab-chapters").write_text("a file where the folder would be")
    with pytest.raises(Replaced):
        cli.main(["hub"])
    assert "autograd-lab-chapters" in capsys.readouterr().err


def test_the_server_starts_though_jupyters_folder_cannot_be_used(became, tmp_path, monkeypatch,
                                                                 capsys):
    (tmp_path / "blocked").write_text("a file where the folder would be")
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "blocked"))
    with pytest.raises(Replaced):
        cli.main(["hub"])
    assert "blocked" in capsys.readouterr().err


def test_a_missing_server_is_told(became, monkeypatch, capsys):
    monkeypatch.setattr(hub.shutil, "which", lambda name, path: None)
    assert cli.main(["hub"]) == 2
    assert "pip install jupyterhub" in capsys.readouterr().err and became == []


def free_ports(n):
    with_ports = [socket.create_server(("127.0.0.1", 0)) for _ in range(n)]
    ports = [each.getsockname()[1] for each in with_ports]
    for each in with_ports:
        each.close()
    return ports


@pytest.fixture(scope="module")
def hub_folder(tmp_path_factory):
    """A folder with JupyterHub installed in hub/."""
    folder = tmp_path_factory.mktemp("hub")
    done = pip("install", "-q", "--no-compile", "--target", folder / "hub", *HUB)
    if done.returncode:
        pytest.skip(f"JupyterHub cannot be had: {done.stderr.strip()[-300:]}")
    return folder


def accounts(root, folder, *arguments):
    """Run accounts.py with the hub's Python in the hub's folder; give {name: password}."""
    done = subprocess.run(
        [sys.executable, str(root / "binder/hub/accounts.py"), *arguments], cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder / "hub")}, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return dict(line.split(",") for line in done.stdout.splitlines()), done.stderr


@pytest.mark.e2e
def test_who_has_a_password_keeps_it(root, hub_folder, tmp_path):
    (tmp_path / "hub").symlink_to(hub_folder / "hub")
    first, _ = accounts(root, tmp_path, "ada", "grace")
    assert set(first) == {"ada", "grace"} and first["ada"] != first["grace"]
    more, said = accounts(root, tmp_path, "ada", "linus")
    assert set(more) == {"linus"} and "ada has a password already" in said
    new, _ = accounts(root, tmp_path, "--new", "ada")
    assert set(new) == {"ada"} and new["ada"] != first["ada"]
    with pytest.raises(AssertionError, match="'Ada' is not a name for an account"):
        accounts(root, tmp_path, "Ada")


@pytest.fixture(scope="module")
def class_room(root, hub_folder):
    """A JupyterHub with our configuration; gives its address, its folder and the passwords."""
    folder = hub_folder
    port, api, proxy = free_ports(3)
    passwords, _ = accounts(root, folder, "ada", "grace")
    values = yaml.safe_load((root / "binder/hub/values.yaml").read_text(encoding="utf-8"))
    (folder / "homes").mkdir()
    shared = str(root / "binder/hub/jupyterhub_config.py")
    (folder / "config.py").write_text(CONFIG.format(
        shared=shared, port=port, hub=api, proxy=proxy, homes=str(folder / "homes"),
        path=str(folder / "hub"), accounts=values["hub"]["config"],
    ))  # fmt: skip
    search = os.pathsep.join([str(folder / "hub/bin"), os.environ["PATH"]])
    env = {**os.environ, "PYTHONPATH": str(folder / "hub"), "PATH": search,
           "LAB_ENVIRONMENT": sys.prefix, "LAB_DATA": str(folder / "data")}  # fmt: skip
    with open(folder / "hub.log", "w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "jupyterhub", "-f", str(folder / "config.py")],
            cwd=folder, env=env, stdout=log, stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            url = f"http://127.0.0.1:{port}"
            wait_for(url + "/hub/health", process, folder / "hub.log")
            add_accounts(url, [*passwords])
            yield url, folder, passwords
        finally:
            process.terminate()
            process.wait(30)


def add_accounts(url, names):
    """Do what the panel does with the names that a teacher pastes into it."""
    request = urllib.request.Request(
        url + "/hub/api/users", json.dumps({"usernames": names}).encode(),
        {"Authorization": "token a-token-of-its-own"},
    )  # fmt: skip
    with urllib.request.urlopen(request) as answer:
        assert answer.status == 201


def wait_for(url, process, log):
    for _ in range(240):
        try:
            return urllib.request.urlopen(url).close()
        except OSError:
            time.sleep(0.25)
        if process.poll() is not None:
            break
    raise TimeoutError(log.read_text()[-3000:])


@pytest.fixture(scope="module")
def chromium():
    """Start Chromium alone: the servers are the hub's."""
    from playwright.sync_api import sync_playwright

    browsers = filter(None, map(shutil.which, BROWSERS))
    program = next(browsers, None) or pytest.skip("no Chromium: apt-get install chromium")
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.mark.e2e
def test_two_learners_open_their_first_chapter(class_room, chromium):
    url, folder, passwords = class_room
    pages = {}
    for name in ("ada", "grace"):
        page = pages[name] = chromium.new_context().new_page()
        page.goto(url)
        for password in ("one of her own", passwords[name]):    # hers is what she was given
            page.get_by_label("Username").fill(name)
            page.get_by_label("Password").fill(password)
            page.get_by_role("button", name="Sign in").click()
    books = {name: open_chapter(page, url, name, folder) for name, page in pages.items()}
    for book in books.values():
        book.page.bring_to_front()
        book.run_all()
        book.page.locator(".jp-Notebook .agl").first.wait_for(state="attached")
        # the proxy in Python, which needs no Node.js, cannot agree on a form of messages
        assert [line for line in book.trouble if "Sec-WebSocket-Protocol" not in line] == []
        assert (book.file.parent / "05_sequence_tagging.ipynb").exists()
    servers = [environment_of(pid) for pid in os.listdir("/proc") if pid.isdecimal()]
    servers = [env for env in servers if env.get("JUPYTERHUB_USER") in pages]
    assert {env["JUPYTERHUB_USER"] for env in servers} == set(pages)
    for env in servers:
        assert env["OMP_NUM_THREADS"] == "1" and env["AUTOGRAD_LAB_DATA"] == str(folder / "data")


def open_chapter(page, url, name, folder):
    """Wait until the learner's server has started, and open what it opens by itself."""
    for _ in range(240):
        answer = page.request.get(url)  # with the learner's cookies
        if "/lab/tree/" in answer.url:
            break
        time.sleep(0.25)
    assert f"/user/{name}/lab/tree/autograd-lab-chapters/00_start.ipynb" in answer.url
    chapters = folder / "homes" / name / "autograd-lab-chapters"
    return Notebook(page, answer.url, chapters / "00_start.ipynb")


def environment_of(pid) -> dict:
    try:
        with open(f"/proc/{pid}/environ") as file:
            pairs = [line.split("=", 1) for line in file.read().split("\0") if "=" in line]
    except OSError:
        return {}
    return dict(pairs)
