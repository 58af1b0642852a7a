"""What axe-core, an accessibility checker, finds wrong with a part of a page."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

GRAVE = ("serious", "critical")


def serious(page: Page, selector: str) -> list:
    """List the serious findings in the elements that a selector names, one line each."""
    found = Axe().run(page, context=selector).response["violations"]
    return [
        f"{finding['id']}: {finding['help']}: {node['html'][:200]}"
        for finding in found
        if finding["impact"] in GRAVE
        for node in finding["nodes"]
    ]
