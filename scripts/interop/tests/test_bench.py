"""What the comparison of speeds makes of peers that do not print what they should."""
import contextlib
import io
import sys
import unittest
from pathlib import Path
from unittest import mock

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "runner"))

import adapter
import bench
from capabilities import Capabilities
from peers import Broken, Peer, Unavailable
from results import Results

TEXTS = {
    "warning": "bench printed a line that is not a figure: SECURITY WARNING: Reverting CVE-2023-46809",
    "no-figure": 'bench printed a line that is not a figure: {"direction": "encrypt"}',
    "not-an-object": "bench printed a line that is not a figure: 5",
    "zero": "bench printed a figure that is not a time",
    "nan": "bench printed a figure that is not a time",
    "half": "bench printed figures of ['encrypt'], not of encrypt and decrypt",
    "silent": "bench printed figures of [], not of encrypt and decrypt",
    "bytes": "bench printed a line that is not a figure: \N{REPLACEMENT CHARACTER}",
    "crash": "bench ended with exit code 1: out of memory",
}


class FakeESDK:
    def program(self, name):
        return name


def peer(name, *behaviour, unavailable=None, broken=None):
    def prepare(peer):
        if unavailable or broken:
            raise Unavailable(unavailable) if unavailable else Broken(broken)
        return [sys.executable, HERE / "fake_bench.py", *behaviour]

    return Peer(name, HERE.parent / "python", (), prepare)


class BenchTests(unittest.TestCase):
    def bench(self, *all_peers):
        """-> the exit code, what was printed"""
        ours = {(direction, frame): 1000.0 for direction in ("encrypt", "decrypt") for frame in (*bench.FRAMES, None)}
        output = io.StringIO()
        with (mock.patch.object(bench, "say", lambda text: None),
              mock.patch.object(bench, "throughput_of_esdk", lambda program: ours),
              mock.patch.object(bench, "small_messages_of_esdk", lambda program: {}), contextlib.redirect_stdout(output)):
            code = bench.bench(FakeESDK(), {p.name: p for p in all_peers}, Results())
        return code, output.getvalue()

    def test_figures_of_an_honest_peer_make_a_table(self):
        code, text = self.bench(peer("fake", "honest"))
        self.assertEqual(code, 0)
        self.assertEqual(len([line for line in text.splitlines() if line.startswith("fake ")]), 6)

    def test_output_that_is_not_the_contracts_is_that_peers_failure_with_its_text_and_the_table_goes_on(self):
        for behaviour, expected in TEXTS.items():
            with self.subTest(behaviour):
                code, text = self.bench(peer("first", "honest"), peer("bad", behaviour), peer("last", "honest"))
                self.assertEqual(code, 1)
                lines = text.splitlines()
                self.assertEqual([sum(line.startswith(name + " ") for line in lines) for name in ("first", "bad", "last")], [6, 1, 6])
                self.assertIn(f"FAILED bad: {expected}", text)

    def test_peer_that_does_not_end_fails(self):
        slow = adapter.Adapter([sys.executable, HERE / "fake_bench.py", "slow"], Capabilities("fake", "1", {}))
        with mock.patch.object(adapter, "BENCH_SECONDS", 0.2), self.assertRaisesRegex(Broken, "did not end within"):
            slow.bench(1, 1, "0478", 1)

    def test_peer_that_does_not_build_fails_and_one_that_is_not_here_did_not_run(self):
        code, text = self.bench(peer("broken", broken="error: ';' expected"), peer("absent", unavailable="not on the PATH: node"),
                                peer("fake", "honest"))
        self.assertEqual(code, 1)
        self.assertIn("FAILED broken: error: ';' expected", text)
        self.assertIn("did not run: absent: not on the PATH: node", text)
        self.assertIn("fake ", text)
        self.assertEqual(self.bench(peer("absent", unavailable="not on the PATH: node"))[0], 4)


if __name__ == "__main__":
    unittest.main()
