"""axe-core looks at a page for people who cannot see, or not well. It comes by npm, for tests only (package.json)."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import Page

from tests.support.skips import skip_missing

AXE = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"
_RUN = """async () => {
  const found = await axe.run(document, {resultTypes: ["violations"]});
  return found.violations
    .filter((one) => ["serious", "critical"].includes(one.impact))
    .map((one) => `${one.id}: ${one.nodes.map((node) => `${node.target} ${node.failureSummary}`).join(" | ")}`);
}"""


def require_axe() -> None:
    """Skip, loudly, where it is not installed."""
    if not AXE.exists():
        skip_missing("axe-core: `npm install --no-package-lock` in tests/browser")


async def serious(page: Page) -> list[str]:
    """What is seriously wrong. The page's context must be opened with `bypass_csp=True`: axe is a foreign script."""
    if not await page.evaluate("() => 'axe' in window"):
        await page.add_script_tag(path=AXE)
    found: list[str] = await page.evaluate(_RUN)
    return found
