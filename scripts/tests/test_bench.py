"""scripts/bench"""
import contextlib
import io
import json
import stat
import sys
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT / "scripts/benchmarks"), str(ROOT / "scripts/interop/runner")]

import article
import chart
import compare
import measure
import scale
from peers import Broken

FAKE = """#!/usr/bin/env python3
import json, pathlib, sys
arguments = dict(zip(sys.argv[1::2], sys.argv[2::2]))
suite, frame = arguments["--row"].split()
calls = pathlib.Path(__file__).with_name("calls")
number = len(calls.read_text()) if calls.exists() else 0
calls.write_text("." * (number + 1))
ratio = {ratios}[min(number, {last})]
rows = [dict(suite=suite, frame=int(frame), operation=o, mb_per_cpu_second=1000, ratio=ratio) for o in ("encrypt", "decrypt")]
pathlib.Path(arguments["--json"]).write_text(json.dumps(dict(libcrypto="OpenSSL", rows=rows)))
"""


class Check(unittest.TestCase):
    def check(self, ratios, floors):
        """-> the exit code and the number of measurements"""
        with tempfile.TemporaryDirectory() as folder:
            program = Path(folder) / "esdk-bench"
            program.write_text(FAKE.format(ratios=ratios, last=len(ratios) - 1), encoding="utf-8")
            program.chmod(program.stat().st_mode | stat.S_IXUSR)
            (Path(folder) / "floors.json").write_text(json.dumps(floors), encoding="utf-8")
            here, compare.HERE = compare.HERE, Path(folder)
            try:
                with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
                    code = compare.check(folder)
            finally:
                compare.HERE = here
            return code, len((Path(folder) / "calls").read_text(encoding="utf-8"))

    def test_one_good_try_is_enough(self):
        self.assertEqual(self.check([0.5, 0.95], {"0478 4096 encrypt": 0.9}), (0, 2))
        self.assertEqual(self.check([0.95, 0.5], {"0478 4096 encrypt": 0.9}), (0, 1))

    def test_three_bad_tries_are_not(self):
        self.assertEqual(self.check([0.5, 0.6, 0.7, 0.95], {"0478 4096 encrypt": 0.9}), (1, 3))

    def test_only_rows_below_their_floor_are_measured_again(self):
        self.assertEqual(self.check([0.8], {"0478 1024 decrypt": 0.7, "0478 4096 encrypt": 0.9}), (1, 4))

    def test_every_floor_is_of_a_row_that_is_measured(self):
        for row, floor in json.loads((ROOT / "scripts/benchmarks/floors.json").read_text(encoding="utf-8")).items():
            suite, frame, operation = row.split()
            self.assertIn(suite, ("0014", "0178", "0478", "0578"))
            self.assertIn(int(frame), (64, 256, 1024, 4096, 65536, 1 << 20))
            self.assertIn(operation, ("encrypt", "decrypt", "encrypt-new-array", "decrypt-new-array"))
            self.assertTrue(0 < floor < 1)


class Scale(unittest.TestCase):
    @staticmethod
    def rows(power):
        return [{"dimension": "edks", "step": "encrypt", "size": size, "cpu_s": 0.01 + 0.001 * size ** power, "wall_s": 1, "peak_mib": 9}
                for size in (1, 100, 1000)]

    def test_growth_is_the_power_of_the_size(self):
        self.assertTrue(scale.table(self.rows(1)).strip().endswith("| 1.00 |"))
        self.assertTrue(scale.table(self.rows(2)).strip().endswith("| 2.00 |"))

    def test_the_chart_is_well_formed(self):
        image = chart.draw([("Data <keys>", "keys", self.rows(1)), ("Bytes", "bytes", self.rows(1))])
        self.assertEqual(ElementTree.fromstring(image).tag, "{http://www.w3.org/2000/svg}svg")


class Results(unittest.TestCase):
    def test_article_and_readme_show_the_published_results(self):
        said = io.StringIO()
        with contextlib.redirect_stderr(said):
            self.assertEqual(article.run(check=True), 0, said.getvalue())

    def test_other_figures_are_told(self):
        results = json.loads(article.RESULTS.read_text(encoding="utf-8"))
        for row in results["comparison"]["small"]:
            row["encrypt"] += 1
        said = io.StringIO()
        with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stderr(said):
            other = Path(folder) / "results.json"
            other.write_text(json.dumps(results), encoding="utf-8")
            self.assertEqual(article.run(check=True, published=other), 1)
        self.assertIn("Performance.md", said.getvalue())

    def test_a_section_is_replaced_and_others_stay(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "results.json"
            measure.keep_section(path, "scale", {"date": "1", "results": [{"dimension": "edks"}, {"dimension": "jobs", "size": 1}]})
            measure.keep_section(path, "comparison", {"rounds": 3})
            measure.keep_section(path, "scale", {"date": "2", "results": [{"dimension": "jobs", "size": 2}]}, lambda r: r["dimension"] == "jobs")
            self.assertEqual(json.loads(path.read_text(encoding="utf-8")), {
                "scale": {"date": "2", "results": [{"dimension": "edks"}, {"dimension": "jobs", "size": 2}]}, "comparison": {"rounds": 3}})

    def test_a_printed_table_is_read_by_its_headings(self):
        self.assertEqual(self.printed("x, of 2\n\nsuite  caller          encrypt  decrypt\n0478   no actor            6.4     12.0\n"),
                         [{"suite": "0478", "caller": "no actor", "encrypt": 6.4, "decrypt": 12.0}])
        with self.assertRaises(Broken):
            self.printed("suite  caller          encrypt  decrypt\n0478   no actor            6.4\n")

    @staticmethod
    def printed(text):
        with tempfile.TemporaryDirectory() as folder:
            program = Path(folder) / "esdk-bench"
            program.write_text(f"#!/bin/sh\nprintf '%s' '{text}'\n", encoding="utf-8")
            program.chmod(0o700)
            return compare.printed(program, "small")

    def test_the_best_is_the_least_or_the_most(self):
        for more, best in ((False, 1), (True, 2)):
            rows = compare.Best(["suite"], more=more)
            for value in (2, 1):
                rows.add([{"suite": "0478", "esdk": value}])
            rows.add([{"suite": "0478", "C": 5}])
            self.assertEqual(rows.list(), [{"suite": "0478", "esdk": best, "C": 5}])

    def test_what_was_not_measured_is_left_out(self):
        content = json.loads(article.RESULTS.read_text(encoding="utf-8"))["comparison"]
        content["versions"] = {"esdk": "1"}
        content["files"] = [row for row in content["files"] if row["program"] != "age"]
        for text in article.comparison(content).values():
            self.assertNotIn("Python", text)
            self.assertNotIn("age 1", text)


if __name__ == "__main__":
    unittest.main()
