"""These tests fork processes, which Windows cannot."""

import sys

collect_ignore_glob = ["test_*.py"] if sys.platform == "win32" else []
