"""The part of an adapter (../README.md) that knows no library: command line, manifests, files, report, timing."""
import argparse
import collections
import functools
import json
import logging
import os
import socket
import sys
import time
import urllib.parse
from pathlib import Path

import dialects

CONTRACT = 2
VERSIONS = {"encrypt": (5,), "decrypt": dialects.VERSIONS}
OWN = Path(__file__).resolve().parent.parent  # the adapters that use this file are there too


class Unsupported(Exception):
    """This adapter has no way to express the scenario."""


def main(library):
    """Run one command. `library` is a class with `name` and `version`, made as library(keys, kms_endpoint), with
    materials(key description) -> whatever the library encrypts and decrypts with (kept and used again),
    encrypt(materials, plaintext, suite, frame_size, context) -> ciphertext and
    decrypt(materials, ciphertext, suite or None, reproduced_context, unsigned_stream) -> plaintext."""
    logging.disable(logging.CRITICAL)
    ap = argparse.ArgumentParser(description=f"interop adapter for {library.name} {library.version}")
    commands = ap.add_subparsers(dest="command", required=True)
    for name in ("encrypt", "decrypt"):
        p = commands.add_parser(name)
        p.add_argument("--manifest", type=Path, required=True)
        p.add_argument("--out", type=Path, required=True, help="an existing folder for the outputs and report.jsonl")
        p.add_argument("--kms-endpoint", help="URL of a KMS and DynamoDB stand-in")
    p = commands.add_parser("bench")
    for name, kind in (("size", int), ("frame", int), ("suite", str), ("reps", int)):
        p.add_argument("--" + name, type=kind, required=True)
    a = ap.parse_args()
    if a.command == "bench":
        bench(library, a)
    else:
        exchange(library, a)


def exchange(library, a):
    """The commands encrypt and decrypt: every test of the manifest, its outcome and its output."""
    manifest = json.loads(a.manifest.read_bytes())
    found, wanted = manifest["manifest"], VERSIONS[a.command]
    if found["type"] != "awses-" + a.command or found["version"] not in wanted:
        sys.exit(f"{a.manifest}: {found} is not awses-{a.command} of version {', '.join(map(str, wanted))}")
    if a.kms_endpoint:  # a dead endpoint must not look like a message that cannot be decrypted
        url = urllib.parse.urlsplit(a.kms_endpoint)
        socket.create_connection((url.hostname, url.port), 5).close()
    lib = library(dialects.keys(json.loads(local(a.manifest, manifest["keys"]).read_bytes())), a.kms_endpoint)
    made = functools.cache(lambda text: lib.materials(json.loads(text)))

    def encrypt(test):
        s = test["encryption-scenario"]
        plaintext = (a.manifest.parent / "plaintexts" / s["plaintext"]).read_bytes()
        return lambda: lib.encrypt(made(json.dumps(s["encryptKeyDescription"])), plaintext, s["algorithmSuiteId"], s["frame-size"],
                                   s["encryption-context"])

    def decrypt(test):
        s = dialects.scenario(test, found["version"])
        ciphertext, unsigned_stream = local(a.manifest, s["ciphertext"]).read_bytes(), dialects.is_unsigned_stream(s)
        return lambda: lib.decrypt(made(json.dumps(s["decryptKeyDescription"])), ciphertext, s.get("algorithmSuiteId"),
                                   s.get("reproduced-encryption-context", {}), unsigned_stream)

    task = encrypt if a.command == "encrypt" else decrypt
    counts = collections.Counter(done=0, refused=0, unsupported=0)
    # A line is written once it is complete, so that the others are known if a test ends the process.
    with open(a.out / "report.jsonl", "w", buffering=1) as report:
        def write(line):
            report.write(json.dumps(line) + "\n")

        write({"contract": CONTRACT, "command": a.command, "client": {"name": library.name, "version": library.version}})
        for number, (i, test) in enumerate(manifest["tests"].items()):
            line = {"id": i, **outcome(task, test, a.out / str(number))}
            counts[line["status"]] += 1
            write(line)
        write({"complete": True, **counts})


def outcome(task, test, path):
    """-> the status of one test, with the file of its output or the reason. Only the library refuses: an error of the adapter
    itself, or a file that is not there, ends it."""
    try:
        call = task(test)
    except dialects.Unknown as e:
        return {"status": "unsupported", "detail": str(e)}
    try:
        output = call()
    except Unsupported as e:
        return {"status": "unsupported", "detail": str(e)}
    except Exception as e:
        if raised_in(e).is_relative_to(OWN):
            raise
        return {"status": "refused", "detail": " <- ".join(reasons(e))}
    path.write_bytes(output)
    return {"status": "done", "file": path.name}


def raised_in(e):
    """-> the file whose code raised an error"""
    trace = e.__traceback__
    while trace.tb_next:
        trace = trace.tb_next
    return Path(trace.tb_frame.f_code.co_filename).resolve()


def reasons(e):
    """This error's text, then those of the errors it wraps"""
    inner = getattr(e, "list", None) or [e.__cause__ or e.__context__]
    return [" ".join(f"{type(e).__name__}: {e}".split())[:300]] + [r for cause in inner if cause for r in reasons(cause)]


def local(manifest, uri):
    return manifest.parent / uri.removeprefix("file://")


def bench(library, a):
    """One message a call, under a raw AES-256 key; each direction runs once before it is timed."""
    key = {"key-id": "bench", "type": "symmetric", "algorithm": "aes", "bits": 256, "material": "A" * 43 + "="}
    lib, plaintext, context = library({"bench": key}, None), os.urandom(a.size), {"purpose": "bench"}
    materials = lib.materials({"type": "raw", "key": "bench", "provider-id": "bench", "encryption-algorithm": "aes"})
    encrypt_once = functools.partial(lib.encrypt, materials, plaintext, a.suite, a.frame, context)
    decrypt_once = functools.partial(lib.decrypt, materials, encrypt_once(), a.suite, {}, False)
    if decrypt_once() != plaintext:
        sys.exit("bench: the plaintext does not come back")
    for direction, call in (("encrypt", encrypt_once), ("decrypt", decrypt_once)):
        wall, cpu = [], []
        for _ in range(a.reps):
            w, c = time.perf_counter(), time.process_time()
            call()
            cpu.append(time.process_time() - c)
            wall.append(time.perf_counter() - w)
        print(json.dumps({"client": library.name, "version": library.version, "direction": direction, "suite": a.suite,
                          "size": a.size, "frame": a.frame, "reps": a.reps, "wall_s_best": min(wall), "cpu_s_best": min(cpu),
                          "wall_s_median": sorted(wall)[a.reps // 2], "bytes_per_s_best": round(a.size / min(wall))}))
