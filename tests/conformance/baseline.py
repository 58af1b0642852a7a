"""The list of what must answer as PyTorch does: baseline.txt, one name a line."""

from pathlib import Path

FILE = Path(__file__).with_name("baseline.txt")


def listed():
    """Give the names in the list."""
    return FILE.read_text(encoding="utf-8").splitlines()


def write(found):
    """Write the list anew, all that passes; say what changed."""
    before, names = listed(), sorted(name for name, why in found.items() if not why)
    FILE.write_text("".join(f"{name}\n" for name in names), encoding="utf-8", newline="\n")
    removed = [f"removed: {name}" for name in before if name not in set(names)]
    return removed + [f"added: {name}" for name in names if name not in set(before)]


def fallen(found, names):
    """Give a line for each listed name that does not pass any more."""
    reasons = {name: found.get(name, "there is no such name any more") for name in names}
    return [f"{name}: {why}" for name, why in reasons.items() if why]


def unlisted(found, names):
    """Give the names that pass and are not in the list."""
    return sorted(name for name, why in found.items() if not why and name not in set(names))
