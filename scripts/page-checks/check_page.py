"""Checks the HTML report in a real browser."""

import argparse
import json
import os
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

from playwright.sync_api import sync_playwright

SUITES = ["0014", "0046", "0078", "0114", "0146", "0178", "0214", "0346", "0378", "0478", "0578"]
KEYRINGS = ["raw aes-128", "raw aes-256", "raw rsa pkcs1", "aws-kms", "multi(raw aes-256, aws-kms)"]
HOSTILE = '</script><img src=x onerror="window.broken = 1"> & \u2028 \u202e'
OPTIONS = None


def report(count):
    """A report of made-up tests: every 97th failed, every 13th skipped, one with a hostile id."""
    tests = []
    for number in range(count):
        status = "failed" if number % 97 == 0 else "skipped" if number % 13 == 0 else "passed"
        tests.append({
            "id": HOSTILE if number == 0 else f"test-{number}", "set": f"sets/{number % 3}", "status": status,
            "description": f"about {number}", "suite": SUITES[number % len(SUITES)], "keyring": KEYRINGS[number % len(KEYRINGS)],
            "cases": [{"name": "one-shot", "status": status, "reason": HOSTILE if status == "failed" else None}],
            "reason": {"failed": f"one-shot: refused: {HOSTILE}", "skipped": "only AWS KMS can open it"}.get(status),
            "failure": "refused" if status == "failed" else None,
        })
    tests[97]["known"] = "issue 7"
    tests[97]["key_description"] = {"type": "raw", "key": HOSTILE}
    tests[97]["message"] = [
        {"field": "header.version", "offset": 0, "length": 1, "meaning": "= 2", "bytes": "02"},
        {"field": "body.frames[0].content", "offset": 900, "length": 4096, "start": 72, "bytes": "00112233", "rebuilt": "0011ff33"},
    ]
    counts = {status: sum(test["status"] == status for test in tests) for status in ["passed", "failed", "skipped"]}
    sets = [{"path": f"sets/{number}", "client": f"made-up {number}.0", "total": 0, **counts} for number in range(3)]
    return {
        "schema": 1, "client": {"name": "made-up", "version": "1", "libcrypto": "none"}, "sets": sets, "total": count, **counts,
        "duration_seconds": 1.5, "repeat": {"command": "decrypt", "options": " --kms-endpoint http://127.0.0.1:1"}, "tests": tests,
        "complete": True,
    }


class PageTests(unittest.TestCase):
    """One browser for all; a new page for each test, on which no console message may appear."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        folder = Path(cls.folder.name)
        cls.report = report(20_000)
        (folder / "report.json").write_text(json.dumps(cls.report), encoding="utf-8")
        (folder / "matrix.json").write_text(json.dumps(cls.matrix()), encoding="utf-8")
        for name in ["report", "matrix"]:
            subprocess.run([OPTIONS.esdk, "report", "html", folder / f"{name}.json", "-o", folder / f"{name}.html"], check=True)
        cls.folder_path = folder
        cls.driver = sync_playwright().start()
        cls.addClassCleanup(cls.driver.stop)
        cls.browser = cls.driver.chromium.launch(executable_path=OPTIONS.browser, args=["--no-sandbox"])
        cls.addClassCleanup(cls.browser.close)

    @staticmethod
    def matrix():
        """The last full run, with a hostile reason and a fact."""
        matrix = json.loads(Path("scripts/interop/results.json").read_text(encoding="utf-8"))
        cell = next(cell for cell in matrix["cells"] if cell["kind"] == "refuses" and cell["reader"] == "python")
        cell["failures"]["forge/hostile"] = HOSTILE
        fact = next(cell for cell in matrix["cells"] if cell["kind"] == "refuses" and cell["reader"] == "esdk")
        fact["facts"] = {"forge/open": "accepts it"}
        return matrix

    def open(self, fragment="", name="report"):
        page = self.browser.new_page(viewport={"width": 1280, "height": 900})
        self.addCleanup(page.close)
        messages = []
        page.on("console", lambda message: messages.append(message.text))
        page.on("pageerror", lambda error: messages.append(str(error)))
        page.on("request", lambda request: None if request.url.startswith("file:") else messages.append(request.url))
        self.addCleanup(lambda: self.assertEqual(messages, []))
        page.goto((self.folder_path / f"{name}.html").as_uri() + fragment)
        page.wait_for_selector("html[data-ready]")
        return page

    def expected(self, **members):
        return sum(all(test[name] == value for name, value in members.items()) for test in self.report["tests"])

    def shown(self, page):
        return int(page.inner_text("#count").split(" of ")[0].replace(",", ""))

    def test_totals_are_those_of_the_report(self):
        page = self.open()
        for status in ["passed", "failed", "skipped"]:
            self.assertEqual(page.inner_text(f".total.{status} b"), f"{self.expected(status=status):,}")
        self.assertEqual(self.shown(page), 20_000)

    def test_failed_tests_come_first(self):
        self.assertEqual(self.open().inner_text("details.test:first-child .mark"), "failed")

    def test_a_cell_of_the_matrix_lists_its_tests_and_the_address_holds_the_filter(self):
        page = self.open()
        page.click('#matrix button[aria-label^="aws-kms, 0478:"]')
        wanted = self.expected(keyring="aws-kms", suite="0478")
        self.assertEqual(self.shown(page), wanted)
        self.assertIn("suite=0478", page.url)
        again = self.open("#" + page.url.split("#")[1])
        self.assertEqual(self.shown(again), wanted)
        page.go_back()
        self.assertEqual(self.shown(page), 20_000)

    def test_text_finds_ids_descriptions_and_reasons(self):
        page = self.open()
        page.fill("input[name=text]", "test-19999")
        self.assertEqual(self.shown(page), 1)
        page.fill("input[name=text]", "only aws kms can")
        self.assertEqual(self.shown(page), self.expected(status="skipped"))

    def test_keys_filter_and_clear(self):
        page = self.open()
        page.keyboard.press("f")
        self.assertEqual(self.shown(page), self.expected(status="failed"))
        page.keyboard.press("/")
        page.keyboard.type("about 97")
        self.assertLess(self.shown(page), self.expected(status="failed"))
        page.keyboard.press("Escape")
        self.assertEqual(self.shown(page), 20_000)

    def test_a_test_opens_with_reason_cases_and_the_command_that_repeats_it(self):
        page = self.open("#text=test-97&status=failed")
        page.focus("details.test:first-child summary")
        page.keyboard.press("Enter")
        text = page.inner_text("details.test:first-child .more")
        self.assertIn("refused", text)
        self.assertIn("esdk vectors decrypt sets/1 --filter test-97 --kms-endpoint http://127.0.0.1:1", text)

    def test_a_message_is_shown_by_field_and_what_differs_is_marked(self):
        page = self.open("#text=test-97&status=failed")
        page.click("details.test:first-child summary")
        self.assertIn("known: issue 7", page.inner_text("details.test:first-child summary"))
        fields = page.locator("details.test:first-child td.bytes")
        # The browser tells of an opened element a moment later; counting does not wait for what is shown then.
        fields.first.wait_for()
        self.assertEqual(fields.count(), 2)
        self.assertEqual(fields.nth(0).locator("mark").count(), 0)
        self.assertEqual(fields.nth(1).locator("mark").all_inner_texts(), ["22", "ff"])
        self.assertEqual(fields.nth(1).inner_text(), "…00112233…\nrebuilt:\n…0011ff33…")
        self.assertIn("= 2", page.inner_text("details.test:first-child .more"))
        self.assertIn('"type": "raw"', page.inner_text("details.test:first-child .more"))

    def test_a_matrix_shows_writers_and_readers(self):
        page = self.open(name="matrix")
        head = page.locator("#matrix thead th").all_inner_texts()
        self.assertEqual(head[:3], ["writer", "as asked", "esdk"])
        cell = page.locator('#matrix button[aria-label^="python reads what go-0.4.0 wrote:"]')
        self.assertEqual(cell.inner_text(), "✓ 842")
        page.select_option("select[name=group]", "suite 0478")
        self.assertIn("group=suite+0478", page.url)
        self.assertLess(int(cell.inner_text().removeprefix("✓ ")), 842)
        page.keyboard.press("Escape")
        self.assertEqual(cell.inner_text(), "✓ 842")

    def test_a_cell_of_a_matrix_opens_and_can_be_shared(self):
        page = self.open(name="matrix")
        page.click('#refuses button[aria-label^="python refuses"]')
        self.assertEqual(page.inner_text("#cell-title"), "python refuses what it must of forged")
        self.assertIn("decrypted, although it must be refused", page.inner_text("#cell"))
        self.assertIn(HOSTILE.split(" ")[1], page.inner_text("#cell"))
        self.assertIsNone(page.evaluate("window.broken ?? null"))
        again = self.open("#" + page.url.split("#")[1], name="matrix")
        self.assertEqual(again.inner_text("#cell-title"), "python refuses what it must of forged")
        page.go_back()
        self.assertFalse(page.is_visible("#cell"))

    def test_a_fact_has_no_verdict(self):
        page = self.open(name="matrix")
        fact = page.locator("#refuses td.fact button")
        self.assertEqual(fact.count(), 1)
        self.assertIn("ⓘ 1", fact.inner_text())
        fact.click()
        self.assertIn("Facts without a verdict", page.inner_text("#cell"))
        self.assertIn("a fact without a verdict", page.inner_text("#legend"))

    def test_a_matrix_fits_a_telephone(self):
        page = self.open(name="matrix")
        page.set_viewport_size({"width": 380, "height": 800})
        self.assertLessEqual(page.evaluate("document.documentElement.scrollWidth"), 380)

    def test_what_a_manifest_holds_stays_text(self):
        page = self.open()
        page.click("details.test:first-child summary")
        self.assertEqual(page.inner_text("details.test:first-child .name"), HOSTILE.replace("\u2028", "\u2028"))
        self.assertIsNone(page.evaluate("window.broken ?? null"))
        self.assertEqual(page.locator("img").count(), 0)

    def test_all_lines_can_be_reached_and_are_made_as_they_are_reached(self):
        page = self.open("#status=failed")
        failed = self.expected(status="failed")
        self.assertLess(page.locator("details.test").count(), failed)
        for _ in range(20):
            if not page.is_visible("#rest"):
                break
            page.locator("#rest").scroll_into_view_if_needed()
            page.wait_for_timeout(50)
        self.assertEqual(page.locator("details.test").count(), failed)

    def test_it_fits_a_telephone(self):
        page = self.open()
        page.set_viewport_size({"width": 380, "height": 800})
        self.assertLessEqual(page.evaluate("document.documentElement.scrollWidth"), 380)

    def test_controls_have_names(self):
        for name in ["report", "matrix"]:
            page = self.open(name=name)
            unnamed = page.evaluate(
                """[...document.querySelectorAll("button, select, input")]
                    .filter((control) => !(control.getAttribute("aria-label") || control.textContent.trim())).length"""
            )
            self.assertEqual(unnamed, 0)

    def test_print_shows_failures_and_no_controls(self):
        page = self.open("#status=failed")
        page.emulate_media(media="print")
        self.assertFalse(page.is_visible("#filters"))
        self.assertTrue(page.is_visible("#matrix"))


def figures(page_file):
    """Size of a page, time to its first content, and to the first filter."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=OPTIONS.browser, args=["--no-sandbox"])
        page = browser.new_page()
        began = time.monotonic()
        page.goto(page_file.as_uri())
        page.wait_for_selector("html[data-ready]")
        opened = time.monotonic()
        took = page.evaluate(
            """() => { const began = performance.now(); location.hash = "status=passed";
                 return new Promise((done) => addEventListener("hashchange", () => requestAnimationFrame(() =>
                   done(performance.now() - began)))); }"""
        )
        browser.close()
    print(f"{page_file.name}: {page_file.stat().st_size / 1e6:.1f} MB, opens in {opened - began:.2f} s, filters in {took:.0f} ms")


def screenshots(folder):
    """Pictures of the report on our own sets, of a test whose message is rebuilt otherwise, and of the last matrix."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as made, sync_playwright() as driver:
        made = Path(made)
        local_aws = os.environ.get("ESDK_LOCAL_AWS")
        subprocess.run([OPTIONS.esdk, "vectors", "decrypt", "vectors", "--quiet", "--report", f"html={made / 'report.html'}",
                        *(["--kms-endpoint", local_aws] if local_aws else [])], check=False, stdout=subprocess.DEVNULL)
        subprocess.run([OPTIONS.esdk, "report", "html", "scripts/interop/results.json", "-o", made / "matrix.html"], check=True)
        browser = driver.chromium.launch(executable_path=OPTIONS.browser, args=["--no-sandbox"])
        for scheme in ["light", "dark"]:
            for name, height in [("report", 660), ("matrix", 560)]:
                page = browser.new_page(viewport={"width": 1200, "height": height}, color_scheme=scheme)
                page.goto((made / f"{name}.html").as_uri())
                page.wait_for_selector("html[data-ready]")
                page.screenshot(path=folder / f"{name}-{scheme}.png")
        browser.close()


def main():
    global OPTIONS
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--browser", required=True)
    parser.add_argument("--esdk", required=True)
    parser.add_argument("--screenshots", type=Path, metavar="DIR")
    parser.add_argument("--figures", type=Path, metavar="PAGE", help="tell size and speed of a page instead")
    OPTIONS = parser.parse_args()
    if OPTIONS.figures:
        figures(OPTIONS.figures)
    elif OPTIONS.screenshots:
        screenshots(OPTIONS.screenshots)
    else:
        unittest.main(argv=["check-page"], verbosity=1)


if __name__ == "__main__":
    main()
