"""The other implementations: where their adapters are, and how each is made to run."""
import hashlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Callable

from capabilities import Capabilities

INTEROP = Path(__file__).resolve().parent.parent
ROOT = INTEROP.parent.parent
BUILD = ROOT / ".build-interop"
FETCH_SECONDS = 600


class Unavailable(Exception):
    """An adapter cannot run here: its toolchain or its library is not to be had."""


class Broken(Exception):
    """An adapter does not build, or does not keep to the contract."""


@dataclass(frozen=True)
class Peer:
    name: str
    folder: Path
    programs: tuple  # what must be on the PATH
    prepare: Callable  # (peer) -> the adapter's command, without its arguments
    capabilities_file: str = "capabilities.json"
    adapter: str = "adapter.py"  # of a Python library, whose folder may have nothing but its version
    version: str = ""  # instead of the one in that file
    bench_without: str = "\0"  # a word of the command that begins like this is left out when speed is measured

    def capabilities(self):
        content = Capabilities.load(self.folder / self.capabilities_file)
        return replace(content, version=self.version) if self.version else content

    def command(self):
        """-> the adapter's command, made ready to run"""
        missing = [program for program in self.programs if not shutil.which(program)]
        if missing:
            raise Unavailable(f"not on the PATH: {', '.join(missing)}")
        return self.prepare(self)

    def bench_command(self):
        """-> the command for measuring its speed"""
        return [word for word in self.command() if not str(word).startswith(self.bench_without)]

    def build(self, *inputs):
        """-> a folder that belongs to the content of these files of the adapter"""
        digest = hashlib.sha256(b"\0".join((self.folder / name).read_bytes() for name in inputs)).hexdigest()[:12]
        folder = BUILD / self.folder.name / f"build-{digest}"
        folder.mkdir(parents=True, exist_ok=True)
        return folder


def need_version(wanted, *command):
    """Refuses a program whose version, the first that it prints, is too old."""
    done = subprocess.run(command, capture_output=True, text=True)
    found = re.search(r"(\d+)\.(\d+)", done.stdout + done.stderr)
    if not found or tuple(map(int, found.groups())) < wanted:
        raise Unavailable(f"needs {command[0]} {wanted[0]}.{wanted[1]}, there is {found[0] if found else 'none that tells its version'}")


def fetch(*command, cwd):
    """Brings a library here. -> what the program printed

    Where that fails the adapter is unavailable, which is not a failure of its code."""
    say(f"fetching: {' '.join(map(str, command[:3]))} …")
    try:
        done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, errors="replace", timeout=FETCH_SECONDS)
    except subprocess.TimeoutExpired:
        raise Unavailable(f"`{command[0]}` did not fetch the library within {FETCH_SECONDS} s") from None
    if done.returncode:
        lines = [line.strip() for line in re.sub(r"\x1b\[[0-9;]*m", "", done.stderr + done.stdout).splitlines() if line.strip()]
        telling = next((line for line in lines if re.match(r"\W*error\b", line, re.IGNORECASE)), lines[-1] if lines else "no message")
        raise Unavailable(f"`{Path(command[0]).name}` could not fetch the library: {telling[:240]}")
    return done.stdout


def compile_adapter(*command, cwd, env=None):
    """Builds an adapter, whose library is here already."""
    say(f"building: {' '.join(map(str, command[:3]))} …")
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, errors="replace")
    if done.returncode:
        raise Broken(f"`{command[0]}` failed:\n{done.stderr[-4000:]}{done.stdout[-4000:]}")


def say(text):
    print(text, file=sys.stderr, flush=True)


def prepare_python(peer):
    if sys.version_info < (3, 10):
        raise Unavailable(f"needs Python 3.10 or later, python3 is {sys.version.split()[0]}")
    printed = fetch(ROOT / "scripts/python-environment", peer.folder / "requirements.txt", cwd=ROOT)
    return [Path(printed.strip()), peer.folder / peer.adapter]


def seed_branch_keys(keys: bytes, kms_endpoint):
    """Puts the plan's static branch keys into the key store that the peers' hierarchical keyrings read."""
    python, _ = PEERS["python"].command()
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        file.write(keys)
        file.flush()
        done = subprocess.run([python, INTEROP / "python/seed_branch_keys.py", "--keys", file.name, "--endpoint", kms_endpoint],
                              capture_output=True, text=True)
    if done.returncode:
        raise Broken(f"the branch keys could not be put into the key store of {kms_endpoint}: {done.stderr[-500:].strip()}")


def prepare_javascript(peer):
    need_version((20, 0), "node", "--version")
    build = peer.build("package-lock.json", "package.json")
    for name in ("package.json", "package-lock.json", "adapter.mjs", "contract.mjs"):
        shutil.copy(peer.folder / name, build)  # modules are looked up in the program's folder
    stamp = build / "complete"
    if not stamp.exists():
        fetch("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline", "--fetch-retries=1", cwd=build)
        # Written last; npm may end with exit code 0 after an internal error.
        if not (build / "node_modules/.package-lock.json").is_file():
            raise Unavailable("`npm` could not fetch the library: it ended early")
        stamp.touch()
    # Node.js 20 decrypts RSA PKCS #1 v1.5 with this option only; later ones neither need nor know it.
    revert = "--security-revert=CVE-2023-46809"
    known = subprocess.run(["node", revert, "--eval", "0"], capture_output=True).returncode == 0
    return ["node", *([revert] if known else []), build / "adapter.mjs"]


def prepare_java(peer):
    need_version((17, 0), "javac", "-version")
    build = peer.build("pom.xml")
    stamp = build / "complete"
    if not stamp.exists():
        # Maven brings the libraries and no more: no goal fetches all that its own compilation would need.
        fetch("mvn", "--batch-mode", "--quiet", "-Dstyle.color=never", f"-Dout={build}", "dependency:copy-dependencies", cwd=peer.folder)
        stamp.touch()
    classes = build / "classes"
    shutil.rmtree(classes, ignore_errors=True)
    compile_adapter("javac", "--release", "17", "-proc:none", "-encoding", "UTF-8", "-d", classes, "-cp", f"{build}/lib/*",
                    *sorted((peer.folder / "src/main/java").glob("*.java")), cwd=peer.folder)
    return ["java", "-cp", f"{classes}:{build}/lib/*", "Adapter"]


def prepare_java_master_keys(peer):
    return [*prepare_java(peer), "--legacy"]


def prepare_rust(peer):
    # Cargo writes Cargo.lock next to Cargo.toml, so both are used in a copy.
    build = peer.build("Cargo.toml")
    shutil.copy(peer.folder / "Cargo.toml", build)
    shutil.copytree(peer.folder / "src", build / "src", dirs_exist_ok=True)
    # Each time, for the crates are in a cache that others clear.
    try:  # what is here already will do
        fetch("cargo", "fetch", "--offline", cwd=build)
    except Unavailable:
        fetch("cargo", "fetch", cwd=build)
    compile_adapter("cargo", "build", "--release", "--offline", cwd=build)
    return [build / "target/release/interop-rust"]


def prepare_go(peer):
    need_version((1, 24), "go", "version")
    build = peer.build("go.mod", "go.sum")
    fetch("go", "mod", "download", cwd=peer.folder)  # each time, for the modules are in a cache that others clear
    compile_adapter("go", "build", "-o", build / "adapter", ".", cwd=peer.folder)
    return [build / "adapter"]


def peer_from_outside(command, capabilities: Path):
    """-> a peer whose adapter is anywhere: its command line, and its capabilities file, which names it"""
    words = shlex.split(command)
    if not words or not shutil.which(words[0]):
        raise Unavailable(f"--adapter: there is no program `{words[0] if words else ''}'")
    content = Capabilities.load(capabilities)
    name = re.sub(r"[^a-z0-9.]+", "-", f"{content.name.rpartition('/')[2]}-{content.version}".lower()).strip("-.")
    return Peer(name, capabilities.resolve().parent, (), lambda _: words, capabilities.name)


PEERS = {
    peer.name: peer
    for peer in (
        Peer("python", INTEROP / "python", ("python3",), prepare_python),
        Peer("python-4.0.4", INTEROP / "python-4.0.4", ("python3",), prepare_python, adapter="../python/adapter.py"),
        Peer("python-3.3.1", INTEROP / "python-3.3.1", ("python3",), prepare_python, adapter="../python-legacy/adapter.py"),
        Peer("python-legacy", INTEROP / "python-legacy", ("python3",), prepare_python),
        Peer("java", INTEROP / "java", ("java", "javac", "mvn"), prepare_java),
        Peer("java-masterkeys", INTEROP / "java", ("java", "javac", "mvn"), prepare_java_master_keys,
             "capabilities-masterkeys.json"),
        # With this option Node.js warns on standard output, where a figure is expected; RSA is not measured.
        Peer("javascript", INTEROP / "javascript", ("node", "npm"), prepare_javascript, bench_without="--security-revert"),
        Peer("rust", INTEROP / "rust", ("cargo", "cc", "cmake"), prepare_rust),
        Peer("go", INTEROP / "go", ("go",), prepare_go),
    )
}
