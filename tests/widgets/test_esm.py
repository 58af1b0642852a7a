import json
import re
import subprocess

import pytest

from autograd_lab.widgets import _esm
from autograd_lab.widgets._esm import modules, pack, shared, style
from tests.conftest import ROOT


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(_esm, "HERE", tmp_path)
    (tmp_path / "kit.css").write_text("")
    (tmp_path / "alive.js").write_text("")
    (tmp_path / "one").mkdir()
    return tmp_path


def write(folder, **files):
    for name, text in files.items():
        (folder / name.replace("__", "/").replace("_js", ".js")).write_text(text)


def files_in(text):
    """What the browser will unpack, read by a JavaScript engine."""
    script = text[: text.index("const url =")] + (
        "unpacked().then((files) => process.stdout.write(JSON.stringify(files)));"
    )
    ran = subprocess.run(["node", "-"], input=script, capture_output=True, text=True, check=True)
    return json.loads(ran.stdout)


def test_holds_every_module_once(folder):
    write(
        folder, kit_js="export const k = 1;\n",
        one__a_js='import { k } from "../kit.js";\nexport const a = k;\n',
        one__index_js='import { a } from "./a.js";\nimport {\n  k,\n} from "../kit.js";\n',
    )  # fmt: skip
    files = files_in(pack(folder / "one" / "index.js"))
    assert sorted(files) == ["alive.js", "kit.js", "one/a.js", "one/index.js", "style.css"]
    assert 'import { a } from "agl:one/a.js"' in files["one/index.js"][1]
    assert '} from "agl:kit.js"' in files["one/index.js"][1]


def test_text_survives(folder):
    nasty = 'const a = `b ${1 + 1} \\n \\\\ </script> "quoted"`; // \u2028 é 中 `\n'
    write(folder, one__index_js=nasty)
    assert files_in(pack(folder / "one" / "index.js"))["one/index.js"][1] == nasty


def test_looks_like_an_import_but_is_none(folder):
    text = '// see import x from "./gone.js"\nconst s = \'from "./gone.js"\';\n'
    write(folder, one__index_js=text)
    assert files_in(pack(folder / "one" / "index.js"))["one/index.js"][1] == text


def test_key_changes_with_what_is_imported(folder):
    write(folder, kit_js="export const k = 1;\n", one__index_js='import { k } from "../kit.js";\n')
    before = files_in(pack(folder / "one" / "index.js"))
    write(folder, kit_js="export const k = 2;\n")
    after = files_in(pack(folder / "one" / "index.js"))
    assert before["one/index.js"][0] != after["one/index.js"][0]
    assert before["one/index.js"][1] == after["one/index.js"][1]


def test_refuses_a_cycle(folder):
    write(
        folder, one__index_js='import "./a.js";\n', one__a_js='export * from "./b.js";\n',
        one__b_js='import { a } from "./a.js";\n',
    )  # fmt: skip
    with pytest.raises(ImportError, match=re.escape("one/a.js -> one/b.js -> one/a.js")):
        pack(folder / "one" / "index.js")


def test_refuses_files_outside(folder):
    write(folder, one__index_js='import "../../secret.js";\n')
    with pytest.raises(ImportError, match="only files under"):
        pack(folder / "one" / "index.js")


def test_missing_file_is_named(folder):
    write(folder, one__index_js='import "./gone.js";\n')
    with pytest.raises(FileNotFoundError, match="gone"):
        pack(folder / "one" / "index.js")


def test_the_style_travels_with_the_modules(folder):
    write(folder, one__index_js="export default {};\n")
    (folder / "kit.css").write_text(".agl { color: red; }\n")
    (folder / "own.css").write_text(".own { top: 0; }\n")
    files = files_in(pack(folder / "one" / "index.js", folder / "own.css"))
    assert files["style.css"] == style(folder / "own.css")


def test_loads_nothing_from_elsewhere():
    text = str(modules(_esm.HERE / "graph_view" / "index.js")) + style()
    hosts = re.findall(r"https?://[^\s\"'`)]+", text)
    assert {*hosts} <= {"http://www.w3.org/2000/svg"}
    assert "data:" not in text


def test_the_same_files_give_the_same_text():
    entry = _esm.HERE / "graph_view" / "index.js"
    assert pack(entry) == pack(entry)


def test_style_keeps_rules_and_drops_comments(folder):
    (folder / "kit.css").write_text("/* kit */\n.a { color: red; }\n")
    (folder / "own.css").write_text(".b {\n  top: 0; /* here */\n}\n")
    assert style(folder / "own.css") == "\n.a { color: red; }\n.b {\ntop: 0;\n}\n"


def test_code_is_sent_once_and_again_when_it_was_closed():
    one = shared("export default {}")
    assert shared("export default {}") is one
    assert shared("export default { }") is not one
    one.close()
    again = shared("export default {}")
    assert again is not one
    assert again.text == one.text


def test_no_style_sheet_is_overruled_by_the_kit_that_the_next_widget_brings():
    kit = set(re.findall(r"(--agl-[\w-]+):", (ROOT / "widgets/kit.css").read_text("utf-8")))
    anew = [selector.strip().splitlines()[-1] for file in (ROOT / "widgets").glob("*/*.css")
            for selector, body in re.findall(r"([^{}]+){([^{}]*)", file.read_text("utf-8"))
            if kit & set(re.findall(r"(--agl-[\w-]+):", body))]  # fmt: skip
    assert anew and all(selector.startswith(".agl.") for selector in anew), anew
