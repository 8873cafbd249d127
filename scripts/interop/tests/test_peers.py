"""How peers are made ready where nothing is cached, or no longer. Stand-ins for their toolchains keep a cache in a folder."""
import os
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "runner"))

import peers
from peers import PEERS, Broken, Unavailable

# Each stands for a program: it logs what it was asked, fetches into $CACHE if there is a network, and builds from there.
TOOLS = {
    # Like Maven 3.8: what a goal needs is fetched when the goal is run, and not before.
    "mvn": """
out=${*##*-Dout=} out=${out%% *}
for goal in "$@"; do
    case $goal in
    --offline | -o) offline=1 ;;
    -*) ;;
    *) goals="$goals $goal" ;;
    esac
done
for goal in $goals; do
    [ -e "$CACHE/$goal" ] || [ -z "$offline" ] || fail "ERROR: Cannot access central in offline mode and $goal has not been downloaded"
    [ -e "$CACHE/$goal" ] || fetch "$goal"
    [ "$goal" != dependency:copy-dependencies ] || { mkdir -p "$out/lib"; touch "$out/lib/library.jar"; }
done""",
    "javac": """
[ "$1" != -version ] || { echo javac 17.0.1; exit; }
while [ $# -gt 0 ]; do
    case $1 in
    -d) mkdir -p "$2"; touch "$2/Adapter.class" ;;
    -cp) [ -e "${2%\\*}library.jar" ] || fail "error: package com.amazonaws does not exist" ;;
    esac
    shift
done
[ -z "$BROKEN" ] || fail "error: ';' expected" """,
    "java": "",
    "cargo": """
case "$*" in
"fetch --offline" | *"build "*) [ -e "$CACHE/crates" ] || fail "error: no matching package found" ;;
fetch) fetch crates ;;
esac
[ "$1" != build ] || { mkdir -p target/release; touch target/release/interop-rust; }""",
    "cc": "", "cmake": "",
    "go": """
case $1 in
version) echo go version go1.24.1 linux/amd64 ;;
mod) [ -e "$CACHE/modules" ] || fetch modules ;;
build) [ -e "$CACHE/modules" ] || fail "error: missing module"; touch "$3" ;;
esac""",
    "node": """
case $* in
--version) echo v20.1.0 ;;
esac""",
    "npm": """
[ -e "$CACHE/packages" ] || fetch packages
mkdir -p node_modules; touch node_modules/.package-lock.json""",
}
PRELUDE = """#!/bin/sh
echo "${0##*/} $*" >>"$LOG"
fail() { echo "$1" >&2; exit 1; }
fetch() { [ -z "$NO_NETWORK" ] || fail "error: no such host"; mkdir -p "$CACHE"; touch "$CACHE/$1"; echo "${0##*/} fetches $1" >>"$LOG"; }
"""


class PeerTests(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        programs = self.folder / "bin"
        programs.mkdir()
        for name, script in TOOLS.items():
            (programs / name).write_text(PRELUDE + script + "\n")
            (programs / name).chmod(0o755)
        self.cache, self.log = self.folder / "cache", self.folder / "log"
        self.environment = {"PATH": f"{programs}:{os.environ['PATH']}", "CACHE": str(self.cache), "LOG": str(self.log)}
        patches = mock.patch.object(peers, "BUILD", self.folder / "build"), mock.patch.object(peers, "say", lambda text: None)
        for patch in patches:
            patch.start()
            self.addCleanup(patch.stop)

    def prepare(self, name, **environment):
        """-> what the toolchain was asked"""
        self.log.write_text("")
        with mock.patch.dict(os.environ, {**self.environment, **environment}):
            command = PEERS[name].command()
        self.assertTrue(command)
        return self.log.read_text()

    def clear(self):
        for file in self.cache.glob("*"):
            file.unlink()

    def test_peers_become_ready_where_nothing_is_cached(self):
        for name in ("java", "java-masterkeys", "javascript", "rust", "go"):
            with self.subTest(name):
                self.prepare(name)
                self.assertNotIn("fetches", self.prepare(name), "what is here is not fetched again")
                self.prepare(name, NO_NETWORK="1")

    def test_peers_become_ready_again_after_a_cache_was_cleared(self):
        for name in ("java", "javascript", "rust", "go"):
            with self.subTest(name):
                self.prepare(name)
                self.clear()
                self.prepare(name)

    def test_without_a_network_a_peer_is_unavailable_and_not_broken(self):
        for name in ("java", "javascript", "rust", "go"):
            with self.subTest(name), self.assertRaisesRegex(Unavailable, "could not fetch the library: error: no such host"):
                self.prepare(name, NO_NETWORK="1")
            self.prepare(name)

    def test_adapter_that_does_not_compile_is_broken(self):
        with self.assertRaisesRegex(Broken, "';' expected"):
            self.prepare("java", BROKEN="1")
        self.prepare("java")

    def test_speed_of_javascript_is_measured_without_the_option_that_prints_a_warning(self):
        self.prepare("javascript")
        with mock.patch.dict(os.environ, self.environment):
            measured, exchanged = PEERS["javascript"].bench_command(), PEERS["javascript"].command()
        self.assertEqual([str(word).split("/")[-1] for word in exchanged], ["node", "--security-revert=CVE-2023-46809", "adapter.mjs"])
        self.assertEqual(measured, [exchanged[0], exchanged[2]])


if __name__ == "__main__":
    unittest.main()
