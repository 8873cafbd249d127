"""Every script says what it is for when asked, and does nothing else then."""
import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
# All that a script may use to print its help: no compiler, no package manager, no network.
PROGRAMS = ("bash", "dirname", "env", "python3", "realpath", "sed")


def scripts():
    files = [ROOT / ".ci/run", *(p for p in (ROOT / "scripts").rglob("*") if p.is_file() and os.access(p, os.X_OK))]
    return [file for file in files if file.read_bytes().startswith(b"#!")]


class HelpTests(unittest.TestCase):
    def test_every_script_explains_itself_and_starts_nothing(self):
        self.assertGreater(len(scripts()), 10)
        with tempfile.TemporaryDirectory() as folder:
            root, bin = Path(folder) / "root", Path(folder) / "bin"
            # In a copy, where nothing is installed or built.
            for name in ("scripts", ".ci"):
                shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__", "build*"))
            bin.mkdir()
            for program in PROGRAMS:
                (bin / program).symlink_to(self.real(program))
            before = self.files(root)
            for script in scripts():
                for word in ("--help", "-h"):
                    with self.subTest(script=script.relative_to(ROOT).as_posix(), word=word):
                        done = subprocess.run([root / script.relative_to(ROOT), word], capture_output=True, text=True, timeout=60,
                                              cwd=folder, env={"PATH": str(bin), "PYTHONDONTWRITEBYTECODE": "1"})
                        self.assertEqual((done.returncode, done.stderr), (0, ""))
                        self.assertIn("usage: " + script.relative_to(ROOT).as_posix(), done.stdout)
                        self.assertTrue(all(len(line) <= 140 for line in done.stdout.splitlines()))
            self.assertEqual(self.files(root), before)

    def real(self, program):
        """-> the program itself; a version manager's launcher of Python would need more programs"""
        if program == "python3":
            return subprocess.run(["python3", "-c", "import os, sys; print(os.path.realpath(sys.executable))"],
                                  capture_output=True, text=True, check=True).stdout.strip()
        return shutil.which(program)

    def files(self, root):
        return sorted(path.relative_to(root).as_posix() for path in root.rglob("*"))


if __name__ == "__main__":
    unittest.main()
