"""What scripts/check-specification finds, in a specification of one page and a project of two statements."""
import json
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "scripts" / "specification"))
import extract

TEXT = """# Raw keyring

## Initialization

A key MUST be given. It SHOULD be [long](https://example.com/a.b),
i.e. MUST NOT be short.

- The name MAY be empty.

```
The code MUST be ignored.
```

## Decrypt

<!-- This MUST be ignored, too. -->
Decrypt MUST fail without a key.

# Encrypt

## Initialization

Encryption is OPTIONAL.
"""


class ExtractTests(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.root = Path(self.folder.name)
        for folder in extract.FOLDERS:
            (self.root / folder).mkdir()
        (self.root / "framework" / "raw.md").write_text(TEXT)

    def tearDown(self):
        self.folder.cleanup()

    def test_statements(self):
        found = [(s.id, s.level, s.place) for s in extract.statements(self.root)]
        self.assertEqual(
            found,
            [
                ("raw/initialization.1", "MUST", "framework/raw.md:5"),
                ("raw/initialization.2", "MUST NOT", "framework/raw.md:5"),
                ("raw/initialization.3", "MAY", "framework/raw.md:8"),
                ("raw/decrypt.1", "MUST", "framework/raw.md:17"),
                ("raw/encrypt/initialization.1", "MAY", "framework/raw.md:23"),
            ],
        )

    def test_a_digest_changes_with_the_words_only(self):
        before = {s.id: s.digest for s in extract.statements(self.root)}
        text = TEXT.replace("https://example.com/a.b", "https://example.com/c").replace("Decrypt MUST", "Decrypt   MUST")
        (self.root / "framework" / "raw.md").write_text(text)
        self.assertEqual({s.id: s.digest for s in extract.statements(self.root)}, before)
        (self.root / "framework" / "raw.md").write_text(text.replace("without a key", "with a key"))
        after = {s.id: s.digest for s in extract.statements(self.root)}
        self.assertEqual([id for id in before if before[id] != after[id]], ["raw/decrypt.1"])

    def test_the_table_is_that_of_the_checkout(self):
        rows = (ROOT / "scripts/specification/requirements.tsv").read_text().splitlines()[2:]
        self.assertEqual(len(rows), len({row.split("\t")[0] for row in rows}))


class CheckTests(unittest.TestCase):
    """A project of two statements, one of them code."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.root = Path(self.folder.name)
        (self.root / "scripts/specification").mkdir(parents=True)
        for name in ("check-specification", "specification/extract.py"):
            shutil.copy(ROOT / "scripts" / name, self.root / "scripts" / name)
        self.write("scripts/specification/requirements.tsv", "# x 0123\nid\tlevel\tplace\tdigest\nraw/a.1\tMUST\tf.md:1\tx\nraw/b.1\tMAY\tf.md:2\ty\n")
        self.write("scripts/specification/status.tsv", "raw/a.1\tcode\nraw/b.1\ttype\n")
        self.write("scripts/specification/rules.tsv", "K01\traw/a.1\n")
        self.write("Sources/Code.swift", "// spec: raw/a\nfunc a() {}\n")
        self.write("Tests/CodeTests/CodeTests.swift", '@Suite struct CodeTests {\n    @Test("it works", .spec("raw/a"))\n    func works() {}\n}\n')
        self.write(
            "Sources/AWSEncryptionSDK/Documentation.docc/Differences.md",
            "<!-- deviations: begin -->\n\n| statement | here |\n|---|---|\n\n<!-- deviations: end -->\n",
        )

    def tearDown(self):
        self.folder.cleanup()

    def write(self, path, text):
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text)

    def check(self, *arguments):
        run = subprocess.run([self.root / "scripts/check-specification", "check", *arguments], capture_output=True, text=True)
        self.assertEqual(run.stderr, "")
        return run.returncode, run.stdout.splitlines()

    def assert_problem(self, text, *arguments):
        code, lines = self.check(*arguments)
        self.assertEqual(code, 1, lines)
        self.assertTrue(any(text in line for line in lines), lines)

    def test_everything_is_accounted_for(self):
        self.assertEqual(self.check(), (0, ["2 statements: 1 code, 1 type, 0 user, 0 other-product, 0 deviation, 0 todo; 1 of 1 MUST in code have a test"]))

    def test_a_statement_without_status(self):
        self.write("scripts/specification/status.tsv", "raw/a.1\tcode\n")
        self.assert_problem("raw/b.1: has no status")

    def test_a_status_without_statement(self):
        self.write("scripts/specification/status.tsv", "raw/a.1\tcode\nraw/b.1\ttype\nraw/c.1\tcode\n")
        self.assert_problem("the specification has no raw/c.1")

    def test_a_mark_without_section(self):
        self.write("Sources/Code.swift", "// spec: raw/a, raw/c\n")
        self.assert_problem("the specification has no section raw/c")

    def test_code_without_mark(self):
        self.write("Sources/Code.swift", "func a() {}\n")
        self.assert_problem("no source has `// spec: raw/a`")

    def test_a_must_without_test(self):
        self.write("Tests/CodeTests/CodeTests.swift", '@Test("it works")\nfunc works() {}\n')
        self.assert_problem("raw/a.1: is a MUST without a test that passed")

    def test_a_test_that_is_named_after_a_rule(self):
        self.write("Tests/CodeTests/CodeTests.swift", '@Test("K01: it works")\nfunc works() {}\n')
        self.assertEqual(self.check()[0], 0)

    def test_a_trait_in_a_body_does_not_count(self):
        self.write("Tests/CodeTests/CodeTests.swift", '@Test("it works")\nfunc works() { use(.spec("raw/a")) }\n')
        self.assert_problem("raw/a.1: is a MUST without a test that passed")

    def test_a_deviation_needs_its_reason_and_its_row(self):
        self.write("scripts/specification/status.tsv", "raw/a.1\tcode\nraw/b.1\tdeviation\n")
        self.assert_problem("raw/b.1: a deviation needs its reason")
        self.write("scripts/specification/status.tsv", "raw/a.1\tcode\nraw/b.1\tdeviation\tbecause\n")
        self.assert_problem("differences --write")

    def results(self, *kinds):
        test = {"id": "t", "sourceLocation": {"fileID": "CodeTests/CodeTests.swift", "line": 2}}
        records = [{"kind": "test", "payload": test}]
        records += [{"kind": "event", "payload": {"kind": kind, "testID": "t"}} for kind in kinds]
        self.write("results.jsonl", "".join(json.dumps(record) + "\n" for record in records))
        return ["--results", str(self.root / "results.jsonl")]

    def test_a_test_counts_when_it_has_passed(self):
        self.assertEqual(self.check(*self.results("testStarted", "testEnded"))[0], 0)
        for kinds in [[], ["testStarted"], ["testStarted", "issueRecorded", "testEnded"], ["testSkipped", "testEnded"]]:
            self.assert_problem("raw/a.1: is a MUST without a test that passed", *self.results(*kinds))


if __name__ == "__main__":
    unittest.main()
