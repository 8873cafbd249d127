"""What the scripts for the machines of others make: archives, shards, jobs."""
import hashlib
import json
import os
import re
import subprocess
import tarfile
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
SCRIPTS = ROOT / "scripts"
# Stands for esdk: writes a report that says how it was called.
ESDK = """#!/bin/sh
echo "$*" >>"$LOG"
case "$*" in
*--help) exit ;;
esac
case "$1" in
--version) echo "esdk 1.2.3 (a stand-in)" ;;
completions) echo "completions of $2" ;;
esac
for word in "$@"; do
    case $word in
    --report) next=1 ;;
    json=*) printf '{"complete": true}' >"${word#json=}" ;;
    junit=*) echo "<testsuites/>" >"${word#junit=}" ;;
    esac
done
[ "$1" != vectors ] || echo "2 passed, 1 failed, 0 skipped"
exit "${CODE:-0}"
"""


class ScriptTests(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.esdk, self.log = self.folder / "bin/esdk", self.folder / "log"
        self.esdk.parent.mkdir()
        self.esdk.write_text(ESDK)
        self.esdk.chmod(0o755)

    def run_script(self, name, *words, **environment):
        inherited = {k: v for k, v in os.environ.items() if not re.match("SLURM|AWS|CI_|JOB_|ESDK|GITHUB", k)}
        return subprocess.run([SCRIPTS / name, *map(str, words)], capture_output=True, text=True, cwd=self.folder, timeout=60,
                              env={**inherited, "LOG": str(self.log), "PATH": f"{self.esdk.parent}:{os.environ['PATH']}", **environment})

    def shard(self, *words, **environment):
        return self.run_script("cluster/shard", *words, **environment)

    def test_shard_takes_its_place_from_the_engine(self):
        for number, (environment, part) in enumerate((
                ({"SLURM_ARRAY_TASK_ID": "3", "SLURM_ARRAY_TASK_MIN": "1", "SLURM_ARRAY_TASK_COUNT": "8"}, "3/8"),
                ({"SLURM_ARRAY_TASK_ID": "0", "SLURM_ARRAY_TASK_MIN": "0", "SLURM_ARRAY_TASK_COUNT": "8"}, "1/8"),
                ({"SLURM_ARRAY_TASK_ID": "7", "SLURM_ARRAY_TASK_MIN": "7", "SLURM_ARRAY_TASK_COUNT": "1", "ESDK_SHARDS": "8"}, "7/8"),
                ({"AWS_BATCH_JOB_ARRAY_INDEX": "0", "AWS_BATCH_JOB_ARRAY_SIZE": "4"}, "1/4"),
                ({"AWS_BATCH_JOB_ARRAY_INDEX": "3", "ESDK_SHARDS": "4"}, "4/4"),
                ({"JOB_COMPLETION_INDEX": "1", "ESDK_SHARDS": "4"}, "2/4"),
                ({"CI_NODE_INDEX": "2", "CI_NODE_TOTAL": "5"}, "2/5"))):
            with self.subTest(environment):
                done = self.shard(f"reports-{number}", "esdk", "vectors", "decrypt", "v", **environment)
                self.assertEqual((done.returncode, done.stderr), (0, ""))
                self.assertIn(f"vectors decrypt v --shard={part} --report json=", self.log.read_text().splitlines()[-1])
                name = "shard-" + part.replace("/", "-of-") + ".json"
                self.assertEqual([p.name for p in (self.folder / f"reports-{number}").iterdir()], [name])

    def test_part_that_is_no_place_is_wrong_usage(self):
        for words, environment in ((("--part", "5/4"), {}), (("--part", "0/4"), {}), (("--part", "x"), {}), ((), {}),
                                   ((), {"JOB_COMPLETION_INDEX": "1"}), ((), {"AWS_BATCH_JOB_ARRAY_INDEX": "4", "ESDK_SHARDS": "4"})):
            done = self.shard(*words, "reports", "esdk", **environment)
            self.assertEqual(done.returncode, 2, (words, environment))
            self.assertFalse(self.log.exists())

    def test_shard_that_failed_tests_is_done_and_one_that_broke_is_not(self):
        self.assertEqual(self.shard("--part", "1/3", "reports", "esdk", "vectors", CODE="1").returncode, 0)
        self.assertEqual(self.shard("--part", "2/3", "reports", "esdk", "vectors", CODE="3").returncode, 3)
        self.assertEqual(self.shard("--part", "3/3", "reports", "sh", "-c", "kill -9 $$").returncode, 137)
        self.assertEqual([p.name for p in (self.folder / "reports").iterdir()], ["shard-1-of-3.json"])
        before = self.log.read_text()
        self.assertIn("is done", self.shard("--part", "1/3", "reports", "esdk", "vectors").stdout)
        self.assertEqual(self.log.read_text(), before, "what is done is not done twice")
        done = self.run_script("cluster/merge", "reports", 3)
        self.assertEqual((done.returncode, done.stdout), (3, "2,3\n"))
        for part in (2, 3):
            self.shard("--part", f"{part}/3", "reports", "esdk", "vectors")
        self.assertEqual(self.run_script("cluster/merge", "reports", 3, CODE="1").returncode, 1)
        self.assertEqual(self.log.read_text().splitlines()[-1], "report merge " + " ".join(
            f"reports/shard-{n}-of-3.json" for n in (1, 2, 3)) + " -o reports/report.json")

    def test_installation_is_complete_and_goes_where_it_is_told(self):
        done = self.run_script("install", "--binary", self.esdk, "/opt/esdk", DESTDIR=str(self.folder / "root"))
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        files = [line.removeprefix(f"{self.folder}/root/opt/esdk/") for line in done.stdout.splitlines()]
        self.assertEqual(files, ["bin/esdk", "share/bash-completion/completions/esdk", "share/zsh/site-functions/_esdk",
                                 "share/fish/vendor_completions.d/esdk.fish"])
        self.assertEqual((self.folder / "root/opt/esdk" / files[1]).read_text(), "completions of bash\n")
        self.assertTrue(os.access(self.folder / "root/opt/esdk/bin/esdk", os.X_OK))
        for words in ((), ("--binary",), ("--unknown", "x"), ("a", "b")):
            self.assertEqual(self.run_script("install", *words).returncode, 2, words)

    def test_job_keeps_reports_and_the_exit_code(self):
        summary = self.folder / "summary"
        done = self.run_script("ci-job", "vectors", "reports", "mine", "--", "--jobs", "1", CODE="1", GITHUB_STEP_SUMMARY=str(summary))
        self.assertEqual(done.returncode, 1)
        done = self.run_script("ci-job", "vectors", "reports", "mine", "--", "--jobs", "1", GITHUB_STEP_SUMMARY=str(summary))
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("vectors decrypt mine --quiet --report json=reports/report.json --report junit=reports/report.xml --jobs 1",
                      self.log.read_text())
        self.assertIn("### Vectors: 2 passed, 1 failed, 0 skipped", summary.read_text())
        done = self.run_script("ci-job", "--baseline", "old.json", "vectors", "reports", "mine")
        self.assertEqual((done.returncode, done.stdout.splitlines()[-1]), (0, "2 passed, 1 failed, 0 skipped"))
        self.assertEqual(self.log.read_text().splitlines()[-1], "report compare old.json reports/report.json")
        done = self.run_script("ci-job", "--expect", "known.json", "vectors", "reports", "mine", "--", "--jobs", "1")
        self.assertEqual(done.returncode, 0)
        self.assertIn("--expect known.json --jobs 1", self.log.read_text().splitlines()[-1])
        self.assertEqual(self.run_script("ci-job", "--expect", "known.json", "adapter", "reports", "c.json", "run").returncode, 2)
        self.assertEqual(self.run_script("ci-job", "vectors", "reports").returncode, 2)
        self.assertEqual(self.run_script("ci-job", "vectors", "reports", "mine", ESDK="no-such-esdk").returncode, 2)

    def test_action_passes_its_inputs_on_and_does_not_run_them(self):
        action = (ROOT / ".github/actions/interop/action.yml").read_text()
        script = re.search(r"\n      run: \|\n((?:        .*\n|\n)+)", action)[1].replace("\n        ", "\n").removeprefix("        ")
        output = self.folder / "output"

        def run(code="0", **inputs):
            return subprocess.run(["bash", "-eo", "pipefail", "-c", script], capture_output=True, text=True, cwd=self.folder, env={
                "PATH": f"{self.esdk.parent}:{os.environ['PATH']}", "LOG": str(self.log), "SCRIPTS": str(SCRIPTS), "RUNNER_TEMP": str(self.folder),
                "GITHUB_OUTPUT": str(output), "CODE": code,
                **dict.fromkeys(("VECTORS", "ADAPTER", "CAPABILITIES", "VECTORS_BASELINE", "BASELINE", "REQUIRE", "OPTIONS"), ""), **inputs})

        done = run(VECTORS="one two", VECTORS_BASELINE="my report.json", OPTIONS="--jobs 1 $(touch ran)")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        reports = f"{self.folder}/esdk-interop"
        self.assertIn(f"vectors decrypt one two --quiet --report json={reports}/vectors/report.json --report junit={reports}/vectors/report.xml "
                      "--jobs 1 $(touch ran)\n", self.log.read_text())
        self.assertIn(f"report compare my report.json {reports}/vectors/report.json\n", self.log.read_text())
        self.assertFalse((self.folder / "ran").exists())
        self.assertEqual(output.read_text(), f"reports={reports}\n")
        self.assertEqual(run(code="1", VECTORS="one").returncode, 1)
        self.assertEqual(run().returncode, 2)
        # There is no such adapter; that it was asked for is what the runner says.
        done = run(VECTORS="one", ADAPTER="no-such-program x", CAPABILITIES=str(SCRIPTS / "interop/go/capabilities.json"), BASELINE="b.json")
        self.assertEqual(done.returncode, 2)
        self.assertIn("there is no program `no-such-program'", done.stderr)

    def test_templates_name_what_there_is(self):
        templates = [*(SCRIPTS / "cluster").glob("*.y*ml"), *(SCRIPTS / "cluster").glob("*.json"),
                     *(ROOT / ".github/actions").rglob("*.y*ml"), *(ROOT / ".github/actions").rglob("*.md"), SCRIPTS / "cluster/README.md"]
        self.assertGreaterEqual(len(templates), 7)
        for template in templates:
            text = template.read_text(encoding="utf-8")
            for script in re.findall(r"(?<![./\w-])(?:\$SCRIPTS/|\$SDK/scripts/|scripts/)([a-z/.-]+)", text):
                self.assertTrue((SCRIPTS / script.rstrip(".")).exists(), (template.name, script))
        json.loads((SCRIPTS / "cluster/aws-batch.json").read_text())
        options = self.run_script("interop/run", "--help").stdout
        action = (ROOT / ".github/actions/interop/action.yml").read_text()
        for option in ("--baseline", "--require"):
            self.assertIn(option, options)
            self.assertIn(option, action)


class ArchiveTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.folder = Path(cls.temporary.name)
        cls.archive = cls.folder / "v.tar.gz"
        cls.printed = cls.run_script("--version", "9.9", "-o", cls.archive).stdout

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()

    @staticmethod
    def run_script(*words):
        return subprocess.run([SCRIPTS / "package-vectors", *map(str, words)], capture_output=True, text=True)

    def test_archive_has_the_sets_and_is_named_by_its_digest(self):
        self.assertEqual(self.printed, f"{hashlib.sha256(self.archive.read_bytes()).hexdigest()}  {self.archive}\n")
        with tarfile.open(self.archive) as archive:
            manifest = json.loads(archive.extractfile("esdk-vectors-9.9/MANIFEST.json").read())
        self.assertEqual(manifest["version"], "9.9")
        self.assertEqual(manifest["sets"]["python-4.0.7"]["tests"], 842)
        self.assertEqual(manifest["sets"].keys(), {p.name for p in (ROOT / "vectors").iterdir() if p.is_dir()})
        self.assertEqual(self.run_script("--verify", self.archive).returncode, 0)

    def test_altered_archive_is_told(self):
        altered = self.folder / "altered.tar.gz"
        with tarfile.open(self.archive) as old, tarfile.open(altered, "w:gz", compresslevel=1) as new:
            for entry in old:
                content = old.extractfile(entry)
                if entry.name.endswith("python-4.0.7/keys.json"):
                    continue
                if entry.name.endswith("go-0.4.0/keys.json"):
                    entry.name += ".old"
                new.addfile(entry, content)
        done = self.run_script("--verify", altered)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stdout.splitlines(), ["vectors/go-0.4.0/keys.json.old: not in the manifest", "vectors/go-0.4.0/keys.json: missing",
                                                    "vectors/python-4.0.7/keys.json: missing"])


if __name__ == "__main__":
    unittest.main()
