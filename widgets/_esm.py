"""Hand a widget's modules to the browser as one text, without a bundler.

anywidget sends ``_esm`` as a single string, so ``import "../kit.js"`` would find nothing. `pack`
puts every module that a widget imports into that one string, with a few lines in front that turn
each of them into a blob: URL, once a page: ten widgets share one ``kit.js``. The files stay plain
modules that a learner reads and that node runs as they are.
"""

import re
from hashlib import sha256
from pathlib import Path

HERE = Path(__file__).parent

# `import x from "./a.js"`, `export { x } from "./a.js"` or `import "./a.js"` at a line's start.
IMPORT = re.compile(
    r"""^(\s*(?:import|export)\b(?:[^;"'`]*?\bfrom)?\s*)(["'])(\.{1,2}/[^"'\n]+)\2""", re.MULTILINE
)

LOADER = """\
const files = {%s};
const urls = globalThis.__autogradLab ??= {};
const url = (name) => {
  const [key, text] = files[name];
  return urls[key] ??= URL.createObjectURL(new Blob(
    [text.replace(/"agl:([^"]+)"/g, (_, other) => `"${url(other)}"`),
     `\\n//# sourceURL=autograd_lab/${name}`], { type: "text/javascript" }));
};
const widget = import(url("%s")).then((module) => module.default);
export default {
  initialize: async (host) => (await widget).initialize?.(host),
  render: async (host) => (await widget).render(host),
};
"""


def pack(entry: Path) -> str:
    """Return one module that holds ``entry`` and all it imports.

    >>> text = pack(HERE / "graph_view" / "index.js")
    >>> "autograd_lab/${name}" in text, '"kit.js": [' in text
    (True, True)
    """
    entry, modules = Path(entry).resolve(), {}
    _collect(entry, modules, ())
    files = ",\n".join(
        f'"{name}": ["{key}", `{_quoted(text)}`]' for name, (key, text) in modules.items()
    )
    return LOADER % (files, _name(entry))


def style(*files: Path) -> str:
    """Return the shared style sheet followed by ``files``, as one text."""
    return "\n".join(Path(f).read_text(encoding="utf-8") for f in (HERE / "kit.css", *files))


def _collect(path: Path, modules: dict, above: tuple) -> str:
    """Put ``path`` and what it imports into ``modules``; return its key."""
    name = _name(path)
    if name in above:
        raise ImportError("import cycle: " + " -> ".join((*above, name)))
    if name not in modules:
        keys = []

        def resolve(found):
            other = (path.parent / found[3]).resolve()
            keys.append(_collect(other, modules, (*above, name)))
            return f'{found[1]}"agl:{_name(other)}"'

        text = IMPORT.sub(resolve, path.read_text(encoding="utf-8"))
        # The key covers the imports too: a module is new when anything below it is new.
        modules[name] = (sha256("\0".join((text, *keys)).encode()).hexdigest()[:16], text)
    return modules[name][0]


def _name(path: Path) -> str:
    """Name a module by its place in this folder, and refuse files outside it."""
    try:
        return path.relative_to(HERE.resolve()).as_posix()
    except ValueError:
        raise ImportError(f"{path.name}: a widget imports only files under {HERE.name}/") from None


def _quoted(text: str) -> str:
    """Escape what would end or change a JavaScript template string."""
    return text.replace("\\", "\\\\").replace("`", "\\`").replace("${", "\\${")
