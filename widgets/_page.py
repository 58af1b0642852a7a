"""Write a widget as one page that needs no kernel, no server and no network.

The page holds what the widget shows as data, the same modules that run in a notebook, and a host of
a few lines that stands where the kernel was. Nothing is loaded and nothing can be: the page forbids
it to itself by its content-security policy.
"""

import json
from base64 import b64encode
from hashlib import sha256
from html import escape

HOST = """
const bytes = (text) => new DataView(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);
const { code, state } = JSON.parse(document.getElementById("widget").textContent,
  (key, value) => value?.$bytes === undefined ? value : bytes(value.$bytes));
const heard = {};
const model = {
  get: (name) => state[name],
  set: (name, value) => {
    state[name] = value;
    for (const hear of [...heard["change:" + name] ?? []]) hear();
  },
  on: (event, hear) => { (heard[event] ??= new Set()).add(hear); },
  off: (event, hear) => { heard[event]?.delete(hear); },
  save_changes() {},
  send() { throw new Error("this page has no kernel"); },
};
const address = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
const { default: widget } = await import(address);
const el = document.getElementById("here");
el.replaceChildren();
await widget.initialize?.({ model });
await widget.render({ model, el });
"""

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none';
 script-src 'sha256-{hash}' blob:; style-src 'unsafe-inline'; img-src data: blob:">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>
body {{
  margin: 0 auto; padding: 16px; max-width: 1600px; box-sizing: border-box;
  font: 13px/1.45 system-ui, "DejaVu Sans", sans-serif; background: light-dark(#fff, #111418);
}}
#here > svg {{ max-width: 100%; height: auto; }}
</style>
</head>
<body>
<main id="here" aria-label="{title}">{picture}</main>
<script type="application/json" id="widget">{data}</script>
<script type="module">{host}</script>
</body>
</html>
"""


def page(code: str, state: dict, title: str, picture: str = "") -> str:
    """Return a page that shows a widget: ``code`` from `pack`, ``state`` its traits.

    >>> page("export default {}", {"name": "</script>"}, "<b>").count("</script>")
    2
    """
    text = json.dumps({"code": code, "state": state}, default=_bytes, allow_nan=False)
    return PAGE.format(
        hash=b64encode(sha256(HOST.encode()).digest()).decode(), title=escape(title),
        picture=picture, data=text.replace("<", "\\u003c"), host=HOST,
    )  # fmt: skip


def _bytes(value):
    if isinstance(value, (bytes, bytearray, memoryview)):
        return {"$bytes": b64encode(bytes(value)).decode()}
    raise TypeError(f"a page cannot hold a {type(value).__name__}")
