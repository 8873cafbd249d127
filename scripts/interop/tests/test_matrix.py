"""What a matrix says of implementations that misbehave, and what its gates let through."""
import json
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "runner")]

import exchange
import gate
import matrix
import tables
from adapter import Options
from peers import Peer, Unavailable, peer_from_outside
from plan import Plan, write_json
from process import Limits
from results import Results
from test_runner import FakeESDK, scenario

SCHEMA = json.loads((HERE.parent / "runner/matrix.schema.json").read_text())


def violation(value, schema, where="matrix"):
    """-> the first place where a value is not what a schema says, of the keywords that ours has; None if it is"""
    if "$ref" in schema:
        schema = SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]]
    unknown = schema.keys() - {"$schema", "$defs", "title", "description", "type", "const", "enum", "required", "properties",
                               "additionalProperties", "items", "minItems", "maxItems", "minimum", "minLength", "pattern"}
    assert not unknown, unknown
    kinds = {"object": dict, "array": list, "string": str, "integer": int, "boolean": bool, "null": type(None)}
    types = schema.get("type", [])
    if types and not any(type(value) is kinds[name] for name in ([types] if isinstance(types, str) else types)):
        return f"{where}: not {types}"
    if "const" in schema and value != schema["const"] or "enum" in schema and value not in schema["enum"]:
        return f"{where}: {value}"
    if isinstance(value, dict):
        for name in schema.get("required", []):
            if name not in value:
                return f"{where}: no {name}"
        for name, member in value.items():
            inner = schema.get("properties", {}).get(name, schema.get("additionalProperties", {}))
            if inner is False:
                return f"{where}: {name} is unknown"
            if found := violation(member, inner, f"{where}.{name}"):
                return found
    if isinstance(value, list):
        if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
            return f"{where}: {len(value)} items"
        return next(filter(None, (violation(item, schema.get("items", {}), f"{where}[{n}]") for n, item in enumerate(value))), None)
    if isinstance(value, str) and (len(value) < schema.get("minLength", 0) or not re.search(schema.get("pattern", ""), value)):
        return f"{where}: {value!r}"
    if isinstance(value, int) and value < schema.get("minimum", value):
        return f"{where}: {value}"
    return None


class MatrixTests(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        write_json(self.folder / "keys.json", {"keys": {"k": {"key-id": "k"}}})
        write_json(self.folder / "plan.json", {
            "manifest": {"type": "awses-encrypt", "version": 5}, "keys": "file://keys.json", "plaintexts": {"p3": 3},
            "tests": {i: {"encryption-scenario": scenario()} for i in ("a", "b")}})
        self.plan = Plan(self.folder / "plan.json")

    def peer(self, name, behaviour="honest", **more):
        write_json(self.folder / f"{name}.json", {"client": {"name": "fake", "version": "1"}, "lacks": {"encrypt": {}, "decrypt": {}}, **more})
        return Peer(name, self.folder, (), lambda _: ["env", f"FAKE={behaviour}", sys.executable, "-S", "-E", HERE / "fake_adapter.py"],
                    f"{name}.json")

    def forged(self):
        """-> a set: one message that opens, and one that must not"""
        manifest = FakeESDK().encrypt(self.folder / "plan.json", self.folder / "forged")
        message = self.folder / "forged/ciphertexts/a"
        message.with_name("bad").write_bytes(message.read_bytes()[:-1] + b"!")
        good = manifest["tests"]["a"]["decryption-scenario"]
        manifest["tests"] = {"ok": {"decryption-scenario": good}, "bad": {"decryption-scenario": {
            **good, "ciphertext": "file://ciphertexts/bad", "result": {"error": {"error-description": "altered"}}}}}
        write_json(self.folder / "forged/decrypt-manifest.json", manifest)
        return self.folder / "forged"

    def matrix(self, *peers, sets=()):
        """-> what matrix.json has"""
        self.results = Results()
        made = matrix.Matrix(self.plan, FakeESDK(), self.results, Options(limits=Limits(seconds=10)), "a run")
        with mock.patch.object(exchange, "BUILD", self.folder / "build"), mock.patch.object(matrix, "say", lambda text: None):
            for peer in peers:
                made.add_peer(peer)
            for folder in sets:
                made.add_set(folder)
            made.run()
        content = made.result()
        self.assertIsNone(violation(content, SCHEMA))
        return content

    def counts(self, content, kind="reads"):
        return {(cell["writer"], cell["reader"]): (cell["passed"], cell["failed"], cell["skipped"]) for cell in content["cells"]
                if cell["kind"] == kind}

    def test_everyone_reads_what_everyone_wrote(self):
        content = self.matrix(self.peer("x"), self.peer("y"), sets=[self.forged()])
        self.assertEqual(self.counts(content), {
            **{(w, r): (2, 0, 0) for w in ("x", "y") for r in ("x", "y")}, ("forged", "x"): (1, 0, 0), ("forged", "y"): (1, 0, 0)})
        self.assertEqual(self.counts(content, "refuses"), {("forged", "x"): (1, 0, 0), ("forged", "y"): (1, 0, 0)})
        self.assertEqual(self.counts(content, "writes"), {("x", None): (2, 0, 0), ("y", None): (2, 0, 0), ("forged", None): (0, 0, 0)})
        self.assertEqual(self.counts(content, "reproduces"), {("x", None): (2, 0, 0), ("y", None): (2, 0, 0)})
        self.assertEqual(self.counts(content, "controls"), {(None, "x"): (3, 0, 0), (None, "y"): (3, 0, 0)})
        self.assertEqual(self.results.exit_code(), 0)

    def test_fault_is_in_the_row_or_the_column_of_who_has_it(self):
        for behaviour, wrong in (("drop-pair", {("writes", "y", None)}), ("wrong-plaintext", {("reads", w, "y") for w in ("x", "y", "forged")}),
                                 ("open-anything", {("refuses", "forged", "y"), ("controls", None, "y")}),
                                 ("no-message", {("writes", "y", None), ("reads", "y", "x"), ("reads", "y", "y")})):
            with self.subTest(behaviour):
                folder = self.folder / "forged"
                content = self.matrix(self.peer("x"), self.peer("y", behaviour), sets=[folder if folder.exists() else self.forged()])
                self.assertEqual({(c["kind"], c["writer"], c["reader"]) for c in content["cells"] if c["failed"]}, wrong)

    def test_who_claims_what_was_made_up_is_not_run(self):
        content = self.matrix(self.peer("x"), self.peer("y", "claim-anything"))
        self.assertEqual(self.counts(content, "writes")["y", None], (0, 2, 0))
        self.assertEqual(self.counts(content)["x", "y"], (0, 2, 0))
        self.assertEqual(self.counts(content)["y", "x"], (0, 0, 2), "which is not the fault of x")

    def test_who_only_decrypts_has_a_column_and_no_row(self):
        content = self.matrix(self.peer("x"), self.peer("y", **{"decrypts-only": True}))
        self.assertEqual(self.counts(content), {("x", "x"): (2, 0, 0), ("x", "y"): (2, 0, 0), ("y", "x"): (0, 0, 2), ("y", "y"): (0, 0, 2)})
        self.assertIn("| y | – | – | – |", tables.markdown(content))

    def test_what_a_reader_may_do_is_a_fact_and_no_failure(self):
        folder = self.forged()
        write_json(folder / "vectors.json", {"tests": {"bad": {"level": "SHOULD"}, "ok": {"level": "MUST"}}})
        content = self.matrix(self.peer("x"), self.peer("y", "open-anything"), sets=[folder])
        cells = {cell["reader"]: cell for cell in content["cells"] if cell["kind"] == "refuses"}
        self.assertEqual((cells["x"]["passed"], cells["x"].get("facts")), (1, None))
        self.assertEqual((cells["y"]["passed"], cells["y"]["failed"], list(cells["y"]["facts"])), (0, 0, ["bad"]))
        self.assertIn("| forged | ✓ 1/1 | – ⓘ 1 |\n", tables.markdown(content))
        write_json(folder / "vectors.json", {"tests": {"bad": {"level": "MUST"}}})
        self.assertEqual(self.counts(self.matrix(self.peer("y", "open-anything"), sets=[folder]), "refuses")["forged", "y"], (0, 1, 0))

    def test_tables(self):
        content = self.matrix(self.peer("x"), self.peer("y", "wrong-plaintext"), sets=[self.forged()])
        markdown = tables.markdown(content)
        self.assertIn("| x | ✓ 2/2 | ✓ 2/2 | ✗ 0/2 | ✓ 2/2 |\n", markdown)
        self.assertIn("| forged | ✓ 1/1 | ✓ 1/1 |\n", markdown)
        self.assertIn("<details><summary>y reads x: 2</summary>", markdown)
        self.assertIn("  x       ✓ 2/2     ✓ 2/2  ✗ 0/2  ✓ 2/2\n", tables.text(content))

    def test_schema_refuses_what_is_none(self):
        content = self.matrix(self.peer("x"))
        cell = content["cells"][0]
        for wrong in ({**content, "complete": False}, {**content, "more": 1}, {k: v for k, v in content.items() if k != "run"},
                      {**content, "cells": [{**cell, "kind": "eats"}]}, {**content, "cells": [{**cell, "passed": -1}]},
                      {**content, "cells": [{**cell, "passed": True}]}, {**content, "plan": {**content["plan"], "sha256": "0"}}):
            self.assertIsNotNone(violation(wrong, SCHEMA))

    def test_required_cells(self):
        content = self.matrix(self.peer("x"), self.peer("y", "wrong-plaintext"))
        self.assertEqual(gate.unmet(content, [{"writer": "x", "reader": "x"}, {"kind": "writes", "writer": "y", "passed": 2}]), [])
        self.assertEqual(gate.unmet(content, [{"writer": "x", "reader": "y"}, {"writer": "z", "reader": "x"},
                                              {"writer": "x", "reader": "x", "passed": 3}]),
                         ["required: y reads x: 0 passed, 2 failed, at least 1 and none required", "required: x reads z: it did not run",
                          "required: x reads x: 2 passed, 0 failed, at least 3 and none required"])

    def test_comparison_tells_what_is_worse_better_new_and_gone(self):
        old = self.matrix(self.peer("x"), self.peer("y", "wrong-plaintext"), self.peer("z"))
        new = self.matrix(self.peer("x", "wrong-plaintext"), self.peer("y"), self.peer("w"))
        found = gate.compare(new, old)
        self.assertEqual({line.split(":")[0] for line in found.regressions}, {"x reads x", "x reads y", "x reads w"})
        self.assertEqual({line.split(":")[0] for line in found.fixes}, {"y reads x", "y reads y"})
        self.assertIn("w reads x: 2 passed, 0 failed, 0 skipped", found.new)
        self.assertIn("z reads x", found.gone)
        self.assertEqual(gate.compare(old, old), gate.Comparison(), "what is known to fail is no regression")
        fewer = self.matrix(self.peer("x", **{"decrypts-only": True}), self.peer("y", "wrong-plaintext"), self.peer("z"))
        self.assertIn("x writes: 0 passed, 2 before", gate.compare(fewer, old).regressions)

    def test_columns_of_who_is_not_here_come_from_an_earlier_run(self):
        old = self.matrix(self.peer("x"), self.peer("java"))
        old["cells"] = [{**cell, "source": "elsewhere"} for cell in old["cells"]]
        self.results = Results()
        new = self.matrix(self.peer("x"), self.peer("y"))
        new["not-run"] = {"java": "no javac", "go": "no go"}
        content = gate.filled(new, old)
        self.assertIsNone(violation(content, SCHEMA))
        self.assertEqual({(c["kind"], c["writer"], c["reader"]) for c in content["cells"] if c["source"] == "elsewhere"}, {
            ("reads", "x", "java"), ("reads", "java", "java"), ("controls", None, "java"), ("writes", "java", None),
            ("reproduces", "java", None)})
        self.assertEqual(content["not-run"], {"go": "no go"})
        content["implementations"] = [{**side, "source": "elsewhere"} if side["name"] == "java" else side for side in content["implementations"]]
        self.assertIn("Columns from earlier runs: `java` (elsewhere). All others are of the run a run;", tables.markdown(content))

    def test_adapter_from_outside_the_repository_is_named_after_its_library(self):
        path = write_json(self.folder / "own.json", {"client": {"name": "me/my-sdk", "version": "1.2"}, "lacks": {"encrypt": {}, "decrypt": {}}})
        peer = peer_from_outside(f"{sys.executable} 'an adapter.py' --quick", path)
        self.assertEqual((peer.name, peer.command()), ("my-sdk-1.2", [sys.executable, "an adapter.py", "--quick"]))
        self.assertEqual(peer.capabilities().name, "me/my-sdk")
        with self.assertRaisesRegex(Unavailable, "no program `no-such-program'"):
            peer_from_outside("no-such-program x", path)

    def test_wrong_usage_is_told_before_anything_is_built(self):
        for words, told in (([], "name a peer"), (["nobody"], "there is no peer `nobody'"), (["--adapter", "x"], "every --adapter needs"),
                            (["--adapter", "no-such-program", "--capabilities", str(HERE.parent / "go/capabilities.json")], "no program"),
                            (["python", "--only", "no such scenario"], "no scenario has")):
            done = subprocess.run([sys.executable, "-B", HERE.parent / "runner", *words, "--programs", self.folder], capture_output=True, text=True)
            self.assertEqual(done.returncode, 2, words)
            self.assertIn(told, done.stderr)

    def test_last_full_run_is_a_matrix_and_its_text_is_what_is_checked_in(self):
        content = gate.load(HERE.parent / "results.json")
        self.assertIsNone(violation(content, SCHEMA))
        self.assertEqual((HERE.parent / "RESULTS.md").read_text(encoding="utf-8"), tables.markdown(content))


if __name__ == "__main__":
    unittest.main()
