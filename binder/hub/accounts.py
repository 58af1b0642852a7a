"""Give every account of a class a password before the doors open: see README.md beside this file.

    accounts.py ada grace > passwords.csv     # who has a password keeps it
    accounts.py --new ada                     # Ada has forgotten hers

It runs with the hub's Python, in the folder where the hub keeps its passwords. JupyterHub's
FirstUseAuthenticator lets whoever comes first choose an account's password: after this, nobody can.
"""

import argparse
import dbm
import re
import secrets
import sys
from pathlib import Path

import bcrypt

ONE_SERVER = Path("/opt/tljh/state")  # The Littlest JupyterHub's; else the folder we are in
# Such a name is an account's on every system, and a volume's and a pod's, without a change.
NAME = re.compile("[a-z][a-z0-9]{0,16}")


def main(arguments: list[str] | None = None) -> int:
    """Print a line ``name,password`` for everybody who got a password; return the exit code."""
    command = argparse.ArgumentParser(prog="accounts.py", description=__doc__.partition(":")[0])
    command.add_argument("names", nargs="+", metavar="NAME")
    command.add_argument("--new", action="store_true", help="also for those who have one already")
    options = command.parse_args(arguments)
    for name in options.names:
        if not NAME.fullmatch(name):
            print(f"accounts.py: {name!r} is not a name for an account: take up to 17 small "
                  "letters and digits, first a letter", file=sys.stderr)  # fmt: skip
            return 2
    file = str((ONE_SERVER if ONE_SERVER.is_dir() else Path()) / "passwords.dbm")
    given = give(file, options.names, options.new)
    for name, password in given.items():
        print(f"{name},{password}")
    for name in sorted(set(options.names) - set(given)):
        print(f"accounts.py: {name} has a password already, and keeps it (--new gives another)",
              file=sys.stderr)  # fmt: skip
    return 0


def give(file: str, names: list[str], new: bool) -> dict[str, str]:
    """Store a password for each name that has none (or for all); tell the passwords."""
    with dbm.open(file, "c", 0o600) as stored:
        given = {name: word() for name in names if new or name.encode() not in stored}
    # Hashes are slow on purpose: made before the file is opened, which the hub wants, too.
    hashes = {name: bcrypt.hashpw(given[name].encode(), bcrypt.gensalt()) for name in given}
    with dbm.open(file, "w") as stored:
        for name in hashes:
            stored[name] = hashes[name]
    return given


def word() -> str:
    """Make a password that can be read from paper, like ``kemu-tiva-rofo-dazi``."""
    syllables = [secrets.choice("bdfghkmnprstvz") + secrets.choice("aeiou") for _ in range(8)]
    return "-".join(a + b for a, b in zip(syllables[::2], syllables[1::2], strict=True))


if __name__ == "__main__":
    sys.exit(main())
