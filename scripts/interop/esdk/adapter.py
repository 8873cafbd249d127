"""Interop adapter (../README.md) for esdk itself, so that in the matrix it is one implementation among others.

Its command writes sets of vectors and decrypts files; it is not told what a plaintext ought to be.
"""
import argparse
import json
import shutil
import subprocess
import sys
from pathlib import Path

CONTRACT = 2
STRICT = "require-encrypt-require-decrypt"
LENIENT = "forbid-encrypt-allow-decrypt"


def main():
    ap = argparse.ArgumentParser(description="interop adapter for esdk")
    ap.add_argument("--program", required=True, metavar="FILE", help="the built esdk")
    ap.add_argument("--convention", action="append", default=[], metavar="NAME", help="passed on to `esdk vectors encrypt`")
    ap.add_argument("command", choices=["encrypt", "decrypt"])
    ap.add_argument("--manifest", type=Path, required=True)
    ap.add_argument("--out", type=Path, required=True, help="an existing folder for the outputs and report.jsonl")
    ap.add_argument("--kms-endpoint", metavar="URL")
    a = ap.parse_args()
    aws = ["--kms-endpoint", a.kms_endpoint] if a.kms_endpoint else []
    manifest = json.loads(a.manifest.read_text(encoding="utf-8"))
    if manifest["manifest"] != {"type": f"awses-{a.command}", "version": 5}:
        sys.exit(f"{a.manifest}: {manifest['manifest']} is not awses-{a.command} version 5")
    counts = {"done": 0, "refused": 0, "unsupported": 0}
    with open(a.out / "report.jsonl", "w", buffering=1, encoding="utf-8") as report:
        def write(line):
            report.write(json.dumps(line) + "\n")

        write({"contract": CONTRACT, "command": a.command, "client": {"name": "esdk", "version": version(a.program)}})
        for line in (encrypt if a.command == "encrypt" else decrypt)(a, manifest, aws):
            counts[line["status"]] += 1
            write(line)
        write({"complete": True, **counts})


def version(program):
    return run(program, "--version").stdout.split()[1]


def run(*command):
    return subprocess.run(list(map(str, command)), capture_output=True, text=True, errors="replace", stdin=subprocess.DEVNULL)


def encrypt(a, manifest, aws):
    """Yields a line of the report for each test. All are one set of vectors, written in one go."""
    made = a.out / "set"
    conventions = [word for name in a.convention for word in ("--convention", name)]
    done = run(a.program, "vectors", "encrypt", a.manifest, "-o", made, "--format", "v5", "--quiet", *conventions, *aws,
               "--report", f"json={a.out / 'esdk.json'}")
    if done.returncode not in (0, 1, 4):
        sys.exit(f"esdk vectors encrypt ended with exit code {done.returncode}: {done.stderr[-2000:].strip()}")
    written, unsupported = (json.loads((made / name).read_text(encoding="utf-8")) if (made / name).is_file() else {}
                            for name in ("decrypt-manifest.json", "unsupported.json"))
    reasons = {test["id"]: test["reason"] for test in json.loads((a.out / "esdk.json").read_text(encoding="utf-8"))["tests"]}
    for number, i in enumerate(manifest["tests"]):
        if i in written.get("tests", {}):
            path = made / written["tests"][i]["decryption-scenario"]["ciphertext"].removeprefix("file://")
            shutil.copyfile(path, a.out / str(number))
            yield {"id": i, "status": "done", "file": str(number)}
        else:
            reason = unsupported.get(i) or reasons.get(i) or "not written"
            yield {"id": i, "status": "unsupported" if is_gap(reason) else "refused", "detail": reason}


def decrypt(a, manifest, aws):
    """Yields a line of the report for each test, which is one call of `esdk decrypt`."""
    folder = a.manifest.parent
    for number, (i, test) in enumerate(manifest["tests"].items()):
        s = test["decryption-scenario"]
        if s.get("decryption-method"):
            yield {"id": i, "status": "unsupported", "detail": f"decryption-method {s['decryption-method']}"}
            continue
        output, description = a.out / str(number), a.out / "key-description.json"
        description.write_text(json.dumps(s["decryptKeyDescription"]), encoding="utf-8")
        context = [word for pair in s.get("reproduced-encryption-context", {}).items() for word in ("--context", "=".join(pair))]
        policy = STRICT if s.get("algorithmSuiteId") in ("0478", "0578") else LENIENT
        done = run(a.program, "decrypt", folder / s["ciphertext"].removeprefix("file://"), "--output", output, "--quiet",
                   "--keys", folder / manifest["keys"].removeprefix("file://"), "--key-description", description,
                   "--commitment-policy", policy, *context, *aws)
        detail = done.stderr.strip()[-2000:]
        if done.returncode == 0:
            yield {"id": i, "status": "done", "file": output.name}
        elif done.returncode == 1:
            yield {"id": i, "status": "refused", "detail": detail}
        elif is_gap(detail):
            yield {"id": i, "status": "unsupported", "detail": detail}
        else:
            sys.exit(f"esdk decrypt ended with exit code {done.returncode}: {detail}")


def is_gap(reason):
    return "key descriptions of type" in reason


if __name__ == "__main__":
    main()
