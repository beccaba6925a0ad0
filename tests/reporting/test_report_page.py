"""The report's page in a real browser: silent, self-contained, readable at any size."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from admw_assets.core.reconciliation import ReconciliationReport
from admw_assets.reporting.html_report import render_html
from tests.browser import Browser, Page
from tests.reporting.report_models import HOSTILE, PASSED, failed_report

pytestmark = pytest.mark.browser

PHONE = 360
SMALLEST_TYPE = 11
"""CSS pixels; what can still be read on a phone."""
REPORTS = {
    "passed": PASSED,
    "failed": failed_report(),
    "hostile": failed_report(HOSTILE),
    "long words": failed_report("Donaudampfschifffahrtsgesellschaft" * 8),
}

SMALL_TYPE = """
[...document.querySelectorAll('main *')]
  .filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()))
  .filter(e => e.getClientRects().length && parseFloat(getComputedStyle(e).fontSize) < %d)
  .map(e => e.className + ' ' + e.textContent.trim().slice(0, 30))
"""
BEYOND_THE_EDGE = """
[...document.querySelectorAll('main *')]
  .filter(e => e.getBoundingClientRect().right > innerWidth + 0.5)
  .map(e => e.tagName + '.' + e.className)
"""
CONTRAST = """
(() => {
  const light = color => {
    const [r, g, b] = color.match(/[\\d.]+/g).map(Number).map(v => v / 255)
      .map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const paper = light(getComputedStyle(document.querySelector('main')).backgroundColor);
  const inks = document.querySelectorAll('main, .soft, h1, .number, .failed > b');
  return Math.min(...[...inks].map(e => {
    const ink = light(getComputedStyle(e).color);
    return (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
  }));
})()
"""

SQUEEZED = """[...document.querySelectorAll('main *')].filter(e => {
  const type = parseFloat(getComputedStyle(e).fontSize), box = e.getBoundingClientRect();
  const text = [...e.childNodes].filter(n => n.nodeType === 3).map(n => n.data.trim()).join('');
  return text.length > 4 && box.height > 4 * type && box.width < 3 * type;
}).map(e => e.outerHTML.slice(0, 80))"""
"""Text in so narrow a column that its words are cut into letters."""


@pytest.fixture(params=list(REPORTS))
def report(request: pytest.FixtureRequest) -> ReconciliationReport:
    return REPORTS[request.param]


@pytest.fixture
def page(browser: Browser, tmp_path: Path, report: ReconciliationReport) -> Iterator[Page]:
    file = tmp_path / "report.html"
    file.write_text(render_html(report), encoding="utf-8")
    with browser.page() as opened:
        opened.open(file.as_uri())
        yield opened


def test_page_asks_for_nothing_but_itself_and_complains_of_nothing(page: Page) -> None:
    page.screenshot()
    assert [url for url in page.requests if not url.startswith("data:")] == [
        page.evaluate("location.href")
    ]
    assert page.complaints == []


def test_nothing_in_it_becomes_a_program(page: Page) -> None:
    assert "broken" not in page.evaluate("document.title")
    assert page.evaluate("document.scripts.length + document.images.length") == 0


def test_it_is_readable_at_phone_width(page: Page) -> None:
    page.resize(PHONE, 740, phone=True)
    assert page.evaluate("innerWidth") == PHONE
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE
    assert page.evaluate(BEYOND_THE_EDGE) == []
    assert page.evaluate(SMALL_TYPE % SMALLEST_TYPE) == []
    assert page.evaluate(SQUEEZED) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_follows_the_colours_that_the_reader_prefers(page: Page, scheme: str) -> None:
    page.prefer(scheme)
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    brightness = sum(int(part) for part in background[4:-1].split(","))
    assert (brightness > 600) is (scheme == "light")
    assert page.evaluate(CONTRAST) >= 4.5  # WCAG 2.2, 1.4.3


def test_verdict_and_equation_stand_on_the_first_screen(
    page: Page, report: ReconciliationReport
) -> None:
    page.resize(1280, 800)
    for selector in (".verdict strong", ".equation"):
        assert (
            page.evaluate(f"document.querySelector('{selector}').getBoundingClientRect().bottom")
            < 800
        )
    verdict = page.evaluate("document.querySelector('.verdict strong').textContent")
    assert verdict == ("PASSED" if report.passed else "FAILED")


def test_it_prints_on_a_few_pages(page: Page) -> None:
    page.prefer("dark")
    pdf = page.printed()
    assert pdf.startswith(b"%PDF")
    assert 1 <= pdf.count(b"/Type /Page\n") + pdf.count(b"/Type /Page ") <= 9
