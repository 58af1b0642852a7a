"""Write a chapter as one page to be read anywhere: no kernel, no server, no network.

nbconvert makes the page; what it would fetch from the net is left out or replaced. Formulas are
drawn here, pictures say what they show, and the page forbids itself to load anything. On a screen
it is light or dark as the reader's system is.
"""

import json
import os
import re
import tempfile
from html import escape, unescape
from pathlib import Path

from jinja2 import pass_context
from nbconvert.exporters import HTMLExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbconvert.preprocessors import CellExecutionError

from ..chapters import FolderError, chapters, meant
from .formulas import drawn

PAGE = "application/vnd.autograd-lab.page"      # a widget as a page of its own, if one was kept
LIVE = "application/vnd.jupyter.widget-view+json"
SHOWN = "image/svg+xml", "image/png", "text/plain"
SECONDS = 180
TEMPLATE = """
{%- extends 'lab/index.html.j2' -%}
{%- block html_head_js -%}<meta http-equiv="Content-Security-Policy"
      content="{{ resources.agl_policy }}">
{%- endblock -%}
{%- block jupyter_widgets -%}{%- endblock -%}
{%- block html_head_js_mathjax -%}{%- endblock -%}
{%- block html_head_js_mermaidjs -%}{%- endblock -%}
{%- block html_head_css -%}
{{ resources.include_css("static/theme-dark.css")
   | replace("<style", '<style media="screen and (prefers-color-scheme: dark)"', 1) }}
<style>{{ resources.agl_style }}</style>
{%- endblock -%}
{%- block body_header -%}{{ super() }}{{ resources.agl_note }}{%- endblock -%}
{%- block data_svg scoped -%}
<div class="jp-RenderedSVG jp-OutputArea-output {{ extra_class }}">{{ output | agl_picture }}</div>
{%- endblock -%}
{%- block data_png scoped -%}
<div class="jp-RenderedImage jp-OutputArea-output {{ extra_class }}">{{ output | agl_image }}</div>
{%- endblock -%}
"""
STYLE = """
@media screen { :root { color-scheme: light dark; } }
:root { --jp-mirror-editor-comment-color: light-dark(#346b6b, #7cc0c0); }
body.jp-Notebook { max-width: 1080px; margin: 0 auto; }
body .jp-Cell .jp-InputArea .jp-InputPrompt, body .jp-Cell .jp-OutputPrompt {
  color: light-dark(#5f6368, #b0b6bc) !important; opacity: 1 !important;
}
.jp-Cell .jp-RenderedMarkdown a[href] { text-decoration: underline; }
svg.formula { overflow: visible; }
.display { display: block; margin: 1em 0; text-align: center; font-size: 115%; }
.rows { display: inline-grid; gap: .25em; vertical-align: middle; }
iframe.alone { width: 100%; height: 640px; border: 1px solid #8888; resize: vertical; }
.jp-OutputArea-output .highlight pre {
  font: var(--jp-code-font-size)/var(--jp-code-line-height) var(--jp-code-font-family);
}
.jp-RenderedSVG img { max-width: 100%; height: auto; }
.note {
  margin: 0 0 0 calc(var(--jp-cell-prompt-width) + 22px); color: light-dark(#5f6368, #b0b6bc);
  font: 13px/1.5 system-ui, sans-serif;
}
@media print, (max-width: 820px) {
  body.jp-Notebook pre { white-space: pre-wrap; overflow-wrap: anywhere; }
}
@media print {
  details::details-content { content-visibility: visible; block-size: auto; }
  .jp-RenderedSVG, .jp-RenderedImage { break-inside: avoid; }
  h1, h2, h3, summary { break-after: avoid; }
  .jp-RenderedHTML table { zoom: .85; }
}
"""
STILL = ("Pictures stand still on this page. Where the text says press, drag or type, open the "
         "chapter in Jupyter.")
PLAYED = "Walks can be played on this page; all other pictures stand still."
CLOSED = "default-src 'none'; style-src 'unsafe-inline'; img-src data: blob:; font-src data:"


def export(chapter: str, out: str = "", live: bool = False) -> list[Path]:
    """Write a chapter as HTML; give the files. ``chapter`` is a notebook's file, a number or "all".

    What the notebook keeps is shown as it is. With ``live`` it is run anew, and walks made by
    ``step(...)`` can be stepped through in the page.
    """
    found = _found(chapter)
    target = Path(out) if out else Path()
    one = len(found) == 1 and (not out or target.suffix.lower() in {".html", ".htm"})
    if not one:
        target.mkdir(parents=True, exist_ok=True)
    written = []
    for name, content in found.items():
        file = target if one and out else target / f"{name}.html"
        html = page(content, name, live, set(found))
        file.write_text(html, encoding="utf-8")
        written.append(file)
    return written


def _found(chapter):
    """Give the notebooks that are meant, name to content."""
    file = Path(chapter)
    if chapter.endswith(".ipynb"):
        if not file.is_file():
            raise FolderError(f"There is no notebook {chapter}.")
        return {file.stem: file.read_bytes()}
    if not chapter:
        raise FolderError("There is no chapter ''.")
    known = chapters()
    return {name.removesuffix(".ipynb"): known[name] for name in meant(chapter, known)}


def page(notebook: bytes, title: str, live: bool = False, others: set | None = None) -> str:
    """Make the page of a notebook; links go to the pages of ``others``."""
    exporter = Still(others or set(), live)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder, f"{title}.ipynb")      # its name becomes the title
        place.write_text(json.dumps(_settled(notebook)), encoding="utf-8")
        before = os.environ.get("LAB_PAGES"), os.environ.get("LAB_HEADLESS")
        os.environ.update(LAB_PAGES="1", LAB_HEADLESS="1")      # for the kernel, if one is started
        try:
            html, _ = exporter.from_filename(str(place))
        except CellExecutionError as problem:
            words = f"{problem.ename}: {problem.evalue}".splitlines()[0]
            raise FolderError(f"A cell of {title} fails: {words}") from None
        except TimeoutError:
            raise FolderError(f"A cell of {title} takes more than {SECONDS} seconds.") from None
        finally:
            for name, value in zip(("LAB_PAGES", "LAB_HEADLESS"), before):
                os.environ.pop(name) if value is None else os.environ.update({name: value})
    return html


def _note(data, pages):
    """Say at the top what the pictures of the page cannot do, if it has any."""
    if not any("image/svg+xml" in found for found in data):
        return ""
    return f'<p class="note">{PLAYED if pages else STILL}</p>'


def _settled(notebook):
    """Read a notebook, name it by its heading, and leave out live widgets: no kernel knows them."""
    try:
        read = json.loads(notebook)
        text = "".join("".join(cell["source"]) + "\n" for cell in read["cells"][:3])
        if heading := re.search(r"^# (.+)$", text, re.M):
            read["metadata"]["title"] = heading[1].replace("`", "")
        read["metadata"].pop("widgets", None)
        for output in (output for cell in read["cells"] for output in cell.get("outputs", ())):
            data = output.get("data", {})
            data.pop(PAGE, None)    # its scripts would run: only a page of our own run may
            if not all(isinstance(data.get(kind, ""), str | list) for kind in SHOWN):
                raise TypeError
            if len(data) > 1:
                data.pop(LIVE, None)
                data.pop("application/javascript", None)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise FolderError("This is no notebook that can be read.") from None
    return read


class Still(HTMLExporter):
    """nbconvert's page of a notebook, without anything that it would fetch."""

    def __init__(self, others, live):
        self._others = others
        super().__init__(raw_template=TEMPLATE)
        self.sanitize_html = False
        self.register_filter("agl_picture", self._picture)
        self.register_filter("agl_image", _image)
        if live:
            self.register_preprocessor(_runner(), enabled=True)
        self.register_preprocessor(_guard, enabled=True)

    @pass_context
    def markdown2html(self, context, source):
        """Write a text as HTML, with formulas drawn and links to other chapters mended."""
        attachments = context.get("cell", {}).get("attachments", {})
        renderer = Renderer(self._others, escape=False, attachments=attachments,
                            anchor_link_text=self.anchor_link_text)
        return MarkdownWithMath(renderer=renderer).render(source)

    def _picture(self, output):
        """Show a saved picture, or the page of its widget where the run has kept one."""
        data = output["data"]
        alternative = escape(told(data["image/svg+xml"]) or data.get("text/plain", ""))
        if isinstance(inside := data.get(PAGE), str):
            return (f'<iframe class="alone" sandbox="allow-scripts" loading="lazy" '
                    f'title="{alternative}" srcdoc="{escape(inside)}"></iframe>')
        return f'<img alt="{alternative}" src="data:image/svg+xml;base64,{_coded(data)}">'


def _guard(notebook, resources):
    """Say what the page may do: show itself, and run the walks inside it that this run has made.

    It is said before anything is drawn: no text of the notebook can stand where the policy does.
    """
    data = [output.get("data", {}) for cell in notebook.cells for output in cell.get("outputs", ())]
    pages = [found[PAGE] for found in data if isinstance(found.get(PAGE), str)]
    hashes = {h for page in pages for h in re.findall(r"'sha256-[\w+/=]+'", page[:2000])}
    scripts = f"; script-src {' '.join(sorted(hashes))} blob:" if hashes else ""
    return notebook, {**resources, "agl_policy": CLOSED + scripts, "agl_style": STYLE,
                      "agl_note": _note(data, pages)}


def _coded(data):
    from base64 import b64encode

    return b64encode(data["image/svg+xml"].encode()).decode()


def _image(output):
    data = output["data"]
    size = output.get("metadata", {}).get("image/png", {})
    wide = f' width="{int(size["width"])}"' if str(size.get("width", "")).isdecimal() else ""
    alternative, coded = escape(data.get("text/plain", "")), escape(data["image/png"])
    return f'<img alt="{alternative}"{wide} src="data:image/png;base64,{coded}">'


def told(svg: str) -> str:
    """Read what a picture says of itself: its title, or its label.

    >>> told('<svg role="img" aria-label="a &amp; b"><path/></svg>')
    'a & b'
    """
    opening = svg[: svg.find(">") + 1]
    said = re.search(r"<title[^>]*>([^<]+)</title>", svg) or re.search(
        r'aria-label="([^"]+)"', opening)
    return unescape(said[1]).strip() if said else ""


def _runner():
    from nbconvert.preprocessors import ExecutePreprocessor

    return ExecutePreprocessor(timeout=SECONDS, kernel_name="python3", store_widget_state=False)


class Renderer(IPythonRenderer):
    """Markdown as nbconvert writes it, but formulas as pictures, and links that lead somewhere."""

    def __init__(self, others, **settings):
        super().__init__(**settings)
        self._others = others

    def inline_math(self, body):
        """Draw a formula in a line."""
        return drawn(body.strip())

    def block_math(self, body):
        """Draw a formula that stands alone."""
        return f'<span class="display">{drawn(body.strip())}</span>'

    def latex_environment(self, name, body):
        """Draw rows of formulas."""
        return self.block_math(f"\\begin{{{name}}}{body}\\end{{{name}}}")

    def multiline_math(self, text):
        """Draw what older readers of Markdown give in one piece."""
        return self.block_math(text.strip().removeprefix("$$").removesuffix("$$"))

    def link(self, text, url, title=None):
        """Link to another chapter's page if it is written, too; else only name it."""
        chapter, _, anchor = url.partition("#")
        if chapter.endswith(".ipynb") and "/" not in chapter:
            name = chapter.removesuffix(".ipynb")
            if name not in self._others or len(self._others) < 2:
                return f"<em>{text}</em>"
            url = f"{name}.html" + (f"#{anchor}" if anchor else "")
        return super().link(text, url, title)
