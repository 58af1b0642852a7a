"""Settings that are written in two places agree."""

import re
import tomllib

from packaging.requirements import Requirement


def project(root):
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_binder_pins_every_dependency(root):
    lines = (root / "binder/requirements.txt").read_text().splitlines()
    pins = dict(line.split("==") for line in lines if line and not line.startswith("#"))
    needs = [*project(root)["dependencies"],    # MPI, too: ranks are started from a notebook's cell
             *project(root)["optional-dependencies"]["distributed"]]
    wanted = {need.name: need.specifier for need in map(Requirement, needs)}
    assert pins.keys() == wanted.keys()
    assert not {name: pin for name, pin in pins.items() if pin not in wanted[name]}


def test_the_workflow_starts_at_the_oldest_python(root):
    text = (root / ".github/workflows/check.yml").read_text()
    versions = re.search(r"python: \[(.*)\]", text)[1].replace('"', "").split(", ")
    assert versions == ["3.11", "3.12", "3.13", "3.14"]
    assert project(root)["requires-python"] == f">={versions[0]}"
    assert ".ci/run" in text
