"""Who starts and who stops the local AWS. A copy of scripts/local-aws runs a stand-in for the server, which only waits."""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

SCRIPT = Path(__file__).resolve().parent.parent / "local-aws"
SERVER = """
import pathlib, sys, time
pathlib.Path(sys.argv[sys.argv.index("--ready-file") + 1]).write_text("4321")
time.sleep(600)
"""


class LocalAWSTests(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        (self.root / "scripts/local-aws-server").mkdir(parents=True)
        self.script = shutil.copy(SCRIPT, self.root / "scripts")
        (self.root / "scripts/local-aws-server/server.py").write_text(SERVER)
        shutil.copy(SCRIPT.parent / "help.sh", self.root / "scripts")
        # What would be installed is there already.
        (self.root / "scripts/python-environment").write_text(f"#!/bin/sh\necho {sys.executable}\n")
        (self.root / "scripts/python-environment").chmod(0o755)
        self.addCleanup(self.kill_server)

    def kill_server(self):
        subprocess.run([self.script, "stop"], capture_output=True)

    def aws(self, *words, **environment):
        return subprocess.run([self.script, *words], capture_output=True, text=True, timeout=60,
                              env={**{k: v for k, v in os.environ.items() if k != "CI"}, **environment})

    def is_running(self):
        return self.aws("env").returncode == 0

    def server(self):
        return (self.root / ".build-local-aws/pid").read_text()

    def using(self):
        """Starts a command that uses it until told to end. -> the process, once the command runs"""
        process = subprocess.Popen([self.script, "run", "sh", "-c", "echo $ESDK_LOCAL_AWS; read line"], text=True,
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.addCleanup(lambda: self.end(process))
        self.assertEqual(process.stdout.readline(), "http://127.0.0.1:4321\n")
        return process

    def end(self, process):
        if process.poll() is None:
            process.communicate("\n", timeout=60)

    def test_command_starts_and_stops_it_and_its_exit_code_is_kept(self):
        done = self.aws("run", "sh", "-c", "echo $ESDK_LOCAL_AWS $ESDK_LOCAL_AWS_PYTHON; exit 7")
        self.assertEqual(done.returncode, 7)
        self.assertEqual(done.stdout, f"http://127.0.0.1:4321 {sys.executable}\n")
        self.assertFalse(self.is_running())

    def test_command_finds_it_and_never_the_real_aws(self):
        """Whatever the caller's AWS variables and files say."""
        real = {"AWS_PROFILE": "production", "AWS_SESSION_TOKEN": "secret", "AWS_ENDPOINT_URL_KMS": "https://kms.example",
                "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true", "AWS_CONFIG_FILE": "/home/me/.aws/config",
                "AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "AKIA", "AWS_WEB_IDENTITY_TOKEN_FILE": "/token",
                "no_proxy": "one.example", "NO_PROXY": "one.example"}
        wanted = {"AWS_ENDPOINT_URL": "http://127.0.0.1:4321", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "false",
                  "AWS_REGION": "us-west-2", "AWS_DEFAULT_REGION": "us-west-2", "AWS_ACCESS_KEY_ID": "local",
                  "AWS_SECRET_ACCESS_KEY": "local", "AWS_CONFIG_FILE": "/dev/null",
                  "AWS_SHARED_CREDENTIALS_FILE": "/dev/null", "AWS_EC2_METADATA_DISABLED": "true",
                  "NO_PROXY": "one.example,127.0.0.1", "no_proxy": "one.example,127.0.0.1"}
        show = [sys.executable, "-c", "import json, os; print(json.dumps(dict(os.environ)))"]
        self.aws("start")
        for done in (self.aws("run", *show, **real),
                     subprocess.run(["bash", "-c", 'eval "$("$0" env)"; exec "$@"', self.script, *show],
                                    capture_output=True, text=True, env={**os.environ, **real})):
            self.assertEqual(done.returncode, 0, done.stderr)
            found = {k: v for k, v in json.loads(done.stdout).items() if k.startswith("AWS_") or k.lower() == "no_proxy"}
            self.assertEqual(found, wanted)

    def test_command_that_found_it_running_leaves_it_running(self):
        self.assertEqual(self.aws("start").stdout, "http://127.0.0.1:4321\n")
        server = self.server()
        self.assertEqual(self.aws("run", "true").returncode, 0)
        self.assertEqual((self.is_running(), self.server()), (True, server))
        self.assertEqual(self.aws("stop").returncode, 0)
        self.assertFalse(self.is_running())

    def test_of_two_commands_the_last_one_stops_it(self):
        first, second = self.using(), self.using()
        server = self.server()
        self.end(first)  # which started it
        self.assertEqual((self.is_running(), self.server()), (True, server))
        self.end(second)
        self.assertFalse(self.is_running())

    def test_many_at_once_share_one(self):
        processes = [subprocess.Popen([self.script, "run", "cat", ".build-local-aws/pid"], cwd=self.root, text=True,
                                      stdout=subprocess.PIPE) for _ in range(8)]
        texts = [process.communicate(timeout=60)[0] for process in processes]
        self.assertTrue(all(text.strip().isdigit() for text in texts), texts)
        self.assertFalse(self.is_running())

    def test_stop_waits_for_the_last_command_that_uses_it(self):
        self.aws("start")
        process = self.using()
        done = self.aws("stop")
        self.assertEqual(done.returncode, 0)
        self.assertIn("in use", done.stderr)
        self.assertTrue(self.is_running())
        self.end(process)
        self.assertFalse(self.is_running())

    def test_start_keeps_what_a_command_has_started(self):
        process = self.using()
        self.aws("start")
        self.end(process)
        self.assertTrue(self.is_running())

    def test_command_whose_wrapper_was_killed_still_uses_it(self):
        process = self.using()
        process.kill()
        process.wait()
        self.aws("run", "true")
        self.assertTrue(self.is_running(), "the command itself goes on")
        process.stdin.close()
        process.stdout.read()  # until the command has ended
        process.stdout.close()
        self.aws("run", "true")
        self.assertFalse(self.is_running(), "it is neither in use nor to be kept")

    def test_killed_server_is_started_anew_and_not_kept(self):
        self.aws("start")
        os.kill(int(self.server()), 9)
        deadline = time.monotonic() + 30
        while self.is_running() and time.monotonic() < deadline:
            time.sleep(0.01)
        self.assertEqual(self.aws("run", "true").returncode, 0)
        self.assertFalse(self.is_running())

    def test_without_one_a_command_runs_only_if_it_is_optional_and_not_in_ci(self):
        (self.root / "scripts/local-aws-server/server.py").write_text("import sys; sys.exit('cannot')")
        words = ("sh", "-c", "echo ran ${ESDK_LOCAL_AWS-without}")
        done = self.aws("run", "--optional", *words, ESDK_LOCAL_AWS="http://another")
        self.assertEqual((done.returncode, done.stdout), (0, "ran without\n"))
        self.assertIn("cannot", done.stderr)
        self.assertIn("warning: there is no local AWS", done.stderr)
        for done in (self.aws("run", *words), self.aws("run", "--optional", *words, CI="true")):
            self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertNotEqual(self.aws("start").returncode, 0)

    def test_wrong_usage(self):
        for words in ((), ("begin",), ("start", "now"), ("run",), ("run", "--optional")):
            self.assertEqual(self.aws(*words).returncode, 2, words)
        self.assertFalse((self.root / ".build-local-aws/pid").exists())


if __name__ == "__main__":
    unittest.main()
