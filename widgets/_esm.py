"""Hand a widget's modules to the browser as one text, without a bundler.

anywidget sends ``_esm`` as a single string, so ``import "../kit.js"`` would find nothing. `pack`
puts every module that a widget imports into that one string, and its style sheet, with a few lines
in front that turn each of them into a blob: URL, once a page: ten widgets share one ``kit.js``. The
files stay plain modules that a learner reads and that node runs as they are. ``alive.js`` is in
every pack: it says when the kernel is gone.

That string would travel with every widget. So it is the text of a model of its own, `Code`, and a
widget's ``_esm`` is only `FETCH`, which takes it from there.
"""

import gzip
import json
import re
from base64 import b64encode
from hashlib import sha256
from pathlib import Path

import traitlets
from ipywidgets import Widget

HERE = Path(__file__).parent

# `import x from "./a.js"`, `export { x } from "./a.js"` or `import "./a.js"` at a line's start.
IMPORT = re.compile(
    r"""^(\s*(?:import|export)\b(?:[^;"'`]*?\bfrom)?\s*)(["'])(\.{1,2}/[^"'\n]+)\2""", re.MULTILINE
)

LOADER = """\
// The modules are packed below; your browser's developer tools show them as autograd_lab/*.js.
const packed = "%s";
const urls = globalThis.__autogradLab ??= {};
const unpacked = async () => {
  const bytes = Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).json();
};
const url = (files, name) => {
  const [key, text] = files[name];
  return urls[key] ??= URL.createObjectURL(new Blob(
    [text.replace(/"agl:([^"]+)"/g, (_, other) => `"${url(files, other)}"`),
     `\\n//# sourceURL=autograd_lab/${name}`], { type: "text/javascript" }));
};
// A key pressed in a widget is not meant for the notebook around it, where "x" cuts the cell.
const own = (event) => {
  const chord = event.ctrlKey || event.metaKey || event.altKey || /^F\\d/.test(event.key);
  if (!chord && !(event.shiftKey && event.key === "Enter")) event.stopPropagation();
};
// Notebook 7 takes keys before the widget hears them, unless the element itself says no.
const ask = (event) => {
  if (document.body.dataset.notebook) event.target.dataset.lmSuppressShortcuts = "true";
};
const files = unpacked();
const widget = files.then((files) => import(url(files, "%s"))).then((it) => it.default);
const alive = files.then((files) => import(url(files, "alive.js")));
export default {
  initialize: async (host) => {
    const stops = [(await alive).watch(host), await (await widget).initialize?.(host)];
    return () => stops.forEach((stop) => stop?.());
  },
  render: async (host) => {
    const sheet = host.el.appendChild(document.createElement("style"));
    sheet.textContent = (await files)["style.css"];
    const stops = [(await alive).tell(host), await (await widget).render(host)];
    host.el.addEventListener("keydown", own);
    host.el.addEventListener("focusin", ask);
    return () => {
      stops.forEach((stop) => stop?.());
      host.el.replaceChildren();               // JupyterLab keeps `el` for long
      host.el.removeEventListener("keydown", own);
      host.el.removeEventListener("focusin", ask);
    };
  },
};
"""

FETCH = """\
const found = async ({ model }) => {
  const id = model.get("code").slice("IPY_MODEL_".length);
  for (let left = 100; ; left--) {
    try { return await model.widget_manager.get_model(id); } catch (error) {
      if (!left) throw error;                  // a page that opens loads its models in any order
      await new Promise((wake) => setTimeout(wake, 50));
    }
  }
};
const widget = async (host) => {
  const code = await found(host);
  const blob = () => new Blob([code.get("text")], { type: "text/javascript" });
  return (await (code.autogradLab ??= import(URL.createObjectURL(blob())))).default;
};
let begun;                                     // each widget has this module for itself
export default {
  initialize: async (host) => {
    begun = widget(host).then((it) => it.initialize(host));
    begun.then(() => host.model.send({ begun: true })).catch(() => {});
    // Who has not begun after 2 s is deaf for good, says anywidget; a busy machine is slower.
    await Promise.race([begun, new Promise((go) => setTimeout(go, 1500))]);
    return () => begun.then((stop) => stop?.(), () => {});
  },
  render: async (host) => {
    await begun;
    return (await widget(host)).render(host);
  },
};
"""


class Code(Widget):
    """The modules of a kind of widget, sent to a page once, however many widgets need them."""

    text = traitlets.Unicode().tag(sync=True)


_codes = {}


def shared(text: str) -> Code:
    """Return the one `Code` that holds ``text``; a new one if that was closed."""
    if text not in _codes or _codes[text].comm is None:
        _codes[text] = Code(text=text)
    return _codes[text]


def pack(entry: Path, *sheets: Path) -> str:
    """Return one module that holds ``entry``, all it imports and its style, compressed.

    >>> "autograd_lab/${name}" in pack(HERE / "graph_view" / "index.js")
    True
    """
    entry = Path(entry).resolve()
    found = modules(entry) | modules(HERE / "alive.js") | {"style.css": style(*sheets)}
    files = json.dumps(found, ensure_ascii=False).encode()
    return LOADER % (b64encode(gzip.compress(files, mtime=0)).decode(), _name(entry))


def modules(entry: Path) -> dict:
    """Return {name: (key, text)} of ``entry`` and all it imports, each once.

    >>> list(modules(HERE / "kit.js"))
    ['kit.js']
    """
    found = {}
    _collect(Path(entry).resolve(), found, ())
    return found


def style(*files: Path) -> str:
    """Return the shared style sheet followed by ``files``, as one text without comments."""
    sheets = [Path(file).read_text(encoding="utf-8") for file in (HERE / "kit.css", *files)]
    return re.sub(r"\s*\n\s*", "\n", re.sub(r"/\*.*?\*/", "", "\n".join(sheets), flags=re.DOTALL))


def _collect(path: Path, found: dict, above: tuple) -> str:
    """Put ``path`` and what it imports into ``found``; return its key."""
    name = _name(path)
    if name in above:
        raise ImportError("import cycle: " + " -> ".join((*above, name)))
    if name not in found:
        keys = []

        def resolve(match):
            other = (path.parent / match[3]).resolve()
            keys.append(_collect(other, found, (*above, name)))
            return f'{match[1]}"agl:{_name(other)}"'

        text = IMPORT.sub(resolve, path.read_text(encoding="utf-8"))
        # The key covers the imports too: a module is new when anything below it is new.
        found[name] = (sha256("\0".join((text, *keys)).encode()).hexdigest()[:16], text)
    return found[name][0]


def _name(path: Path) -> str:
    """Name a module by its place in this folder, and refuse files outside it."""
    try:
        return path.relative_to(HERE.resolve()).as_posix()
    except ValueError:
        raise ImportError(f"{path.name}: a widget imports only files under {HERE.name}/") from None
