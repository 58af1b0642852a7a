"""Read the surface of an installed CuPy into surface.json: names, parameters, what waits.

Run it where ``pip install cupy-cuda13x`` has been done; no GPU is needed::

    python tests/fake_cupy/refresh.py
"""

import importlib
import inspect
import json
import re
from pathlib import Path

HERE = Path(__file__).parent
MODULES = ["", "random", "linalg", "fft", "lib.stride_tricks", "cuda", "cuda.runtime"]
WAITS = re.compile(r"synchronize the device")


def parameters(thing) -> str | None:
    """Write the parameters of a function as ``(a, axis, *, out)``: names, without defaults."""
    try:
        listed = inspect.signature(thing).parameters.values()
    except (TypeError, ValueError):
        return from_docstring(thing)
    written, starred = [], False
    for one in listed:
        if one.kind is one.VAR_POSITIONAL:
            starred = True
        elif one.kind is one.KEYWORD_ONLY and not starred:
            written.append("*")
            starred = True
        prefix = {one.VAR_POSITIONAL: "*", one.VAR_KEYWORD: "**"}.get(one.kind, "")
        written.append(prefix + one.name)
    return f"({', '.join(written)})"


def from_docstring(thing) -> str | None:
    """Find the parameters of a compiled function in the first line of its docstring."""
    line = (thing.__doc__ or "").split("\n")[0]
    found = re.match(r"[\w.]+\((.*)\)( ->.*)?$", line)
    if not found:
        return None
    names = [re.sub(r"=.*", "", part).split()[-1] for part in re.split(r",\s*", found[1]) if part]
    return f"({', '.join(names)})"


def entry(thing) -> str:
    """Describe one public thing in one word, or by its parameters."""
    if type(thing).__name__ in ("ufunc", "_GUFunc"):
        return "ufunc" if type(thing).__name__ == "ufunc" else "gufunc"
    if inspect.ismodule(thing):
        return "module"
    if inspect.isclass(thing):
        return "type"
    if callable(thing):
        return "function" + (parameters(thing) or "(*args, **kwargs)")
    return "value"


def public(module, cupy) -> dict[str, str]:
    """Describe the public names of a module, leaving out what it merely imported."""
    names = {}
    for name in sorted(dir(module)):
        thing = getattr(module, name)
        if name.startswith("_") or name == "annotations":
            continue
        if inspect.ismodule(thing) and not thing.__name__.startswith(cupy.__name__):
            continue
        names[name] = entry(thing)
    return names


def methods(cls) -> dict[str, str]:
    """Describe the methods and attributes of a class, ``self`` left out."""
    found = {}
    for name in sorted(set(dir(cls)) - set(dir(object)) | {"__eq__", "__repr__"}):
        thing = getattr(cls, name)
        if name.startswith("_") and not name.endswith("__"):
            continue
        if callable(thing) and not name.startswith("__"):
            text = parameters(thing) or "(*args, **kwargs)"
            found[name] = "function" + re.sub(r"^\(self(, )?", "(", text)
        else:
            found[name] = "special" if name.startswith("__") else "value"
    return found


def waiting(module) -> list[str]:
    """List the functions whose documentation says that they wait for the GPU."""
    return [
        name
        for name in sorted(dir(module))
        if not name.startswith("_")
        and callable(getattr(module, name))
        and WAITS.search(" ".join((getattr(module, name).__doc__ or "").split()))
    ]


def read() -> dict:
    """Read the whole surface of the CuPy that is installed here."""
    cupy = importlib.import_module("cupy")
    modules = {name: importlib.import_module(f"cupy.{name}".rstrip(".")) for name in MODULES}
    generator = importlib.import_module("cupy.random._generator_api").Generator
    classes = {
        "ndarray": cupy.ndarray,
        "ufunc": cupy.ufunc,
        "random.RandomState": cupy.random.RandomState,
        "random.Generator": generator,
        "cuda.Device": cupy.cuda.Device,
        "cuda.Stream": cupy.cuda.Stream,
        "cuda.Event": cupy.cuda.Event,
        "cuda.MemoryPool": cupy.cuda.MemoryPool,
    }
    surface = {name: public(module, cupy) for name, module in modules.items()}
    surface["cupyx"] = public(importlib.import_module("cupyx"), cupy)
    return {
        "cupy": cupy.__version__,
        "modules": surface,
        "classes": {name: methods(cls) for name, cls in classes.items()},
        "waits": {name: waiting(module) for name, module in modules.items() if waiting(module)},
    }


if __name__ == "__main__":
    text = json.dumps(read(), indent=1, sort_keys=True)
    (HERE / "surface.json").write_text(text + "\n", encoding="utf-8")
