"""This project's own command."""
import json
import subprocess
from pathlib import Path

from capabilities import Capabilities
from peers import INTEROP, ROOT, Broken, Peer, say


class ESDK:
    def __init__(self, folder, conventions=(), kms_endpoint=None):
        """`folder` holds the built programs; without one the release build is brought up to date."""
        self.aws = ["--kms-endpoint", kms_endpoint] if kms_endpoint else []
        self.conventions = conventions
        self.capabilities = Capabilities.load(INTEROP / "esdk/capabilities.json")
        self.folder = folder

    def program(self, name):
        if self.folder:
            return Path(self.folder) / name
        say(f"building: {name} …")
        subprocess.run([ROOT / "scripts/set-up"], check=True)
        build = ["swift", "build", "--package-path", str(ROOT), "--configuration", "release"]
        subprocess.run([*build, "--product", name], check=True, stdout=subprocess.DEVNULL)
        where = subprocess.run([*build, "--show-bin-path"], check=True, capture_output=True, text=True).stdout.strip()
        return Path(where) / name

    def build(self):
        self.command = self.program("esdk")

    def peer(self):
        """-> it as one among others, with the version that was built"""
        conventions = [word for name in self.conventions for word in ("--convention", name)]
        printed = subprocess.run([self.command, "--version"], check=True, capture_output=True, text=True).stdout
        return Peer("esdk", INTEROP / "esdk", (), lambda _: [self.command, "adapter", *conventions], version=printed.split()[1])

    def encrypt(self, manifest: Path, out: Path):
        """Writes a set of vectors in version 5. -> the decrypt manifest"""
        return self.write("encrypt", manifest, out, "v5")

    def write(self, command, manifest: Path, out: Path, format_, options=()):
        """Writes a set of vectors with `vectors encrypt` or `vectors generate`. -> the decrypt manifest"""
        conventions = [word for name in self.conventions for word in ("--convention", name)]
        done = subprocess.run([self.command, "vectors", command, manifest, "-o", out, "--format", format_, *conventions, *self.aws,
                               *options],
                              capture_output=True, text=True)
        path = out / ("decrypt-manifest.json" if format_ == "v5" else "manifest.json")
        if not path.is_file():
            raise Broken(f"esdk vectors {command} ended with exit code {done.returncode}: {(done.stderr or done.stdout)[-2000:].strip()}")
        return json.loads(path.read_text(encoding="utf-8"))

    def judge(self, task, vectors: Path):
        """Runs `vectors decrypt` or `vectors reproduce`. -> test id -> (status, reason)"""
        report = vectors.parent / f"{vectors.name}-{task}.json"
        done = subprocess.run([self.command, "vectors", task, vectors, "--quiet", "--report", f"json={report}", *self.aws],
                              capture_output=True, text=True)
        content = json.loads(report.read_text(encoding="utf-8")) if report.is_file() else {}
        if not content.get("complete"):
            raise Broken(f"esdk vectors {task} ended with exit code {done.returncode}: {(done.stderr or done.stdout)[-2000:].strip()}")
        return {test["id"]: (test["status"], test["reason"] or "") for test in content["tests"]}
