"""Reads documents with StrictJSON and with Python's `json`, and says where they differ: scripts/fuzz --python runs this.

usage: compare_json.py PROGRAM SECONDS SEED FILE...

PROGRAM reads documents with StrictJSON; the documents are the files, and what random edits make of them.
"""

import json
import math
import os
import random
import subprocess
import sys
import time

BATCH = 20_000
LONGEST = 2048
TOKENS = [
    b"{", b"}", b"[", b"]", b",", b":", b'"', b"\\", b"\\u", b"\\ud83d", b"\\ude00", b"\\u0000", b"null", b"true", b"false", b"NaN",
    b"Infinity", b"-", b"+", b"0", b"-0", b"1e999", b"1E-400", b".5", b"5.", b"0.0", b"9223372036854775807", b"9223372036854775808",
    b"-9223372036854775809", b"\xef\xbb\xbf", b"\xff", b"\xed\xa0\x80", b"\xc0\x80", b"\xf4\x90\x80\x80", b"\x00", b"\x1f", b"\x7f",
    b"\t", b"\n", b"\r", b" ", b"/*", b"//", b'"a":1', b"'", b"e", b"E+", b"\xc3\xa9", b"\xf0\x9f\x98\x80",
]


class Refused(Exception):
    """What StrictJSON promises to refuse, and Python reads."""


def pairs(members):
    names = [name for name, _ in members]
    if len(set(names)) != len(names):
        raise Refused("duplicate member")
    return dict(members)


def integer(text):
    number = int(text) if len(text) < 40 else float(text)
    return number if isinstance(number, int) and -(2**63) <= number < 2**63 else real(text)


def real(text):
    number = float(text)
    if math.isinf(number):
        raise Refused("number range")
    return number


def constant(text):
    raise Refused(text)


def read(document: bytes):
    """-> the value; raises ValueError, Refused or RecursionError"""
    text = document.removeprefix(b"\xef\xbb\xbf").decode("utf-8")
    value = json.loads(text, object_pairs_hook=pairs, parse_int=integer, parse_float=real, parse_constant=constant)
    # In Python a text may hold half a surrogate pair; encoding it raises a ValueError.
    json.dumps(value, ensure_ascii=False).encode("utf-8")
    return value


def same(left, right) -> bool:
    if type(left) is not type(right):
        return False
    if isinstance(left, dict):
        return list(left) == list(right) and all(same(left[name], right[name]) for name in left)
    if isinstance(left, list):
        return len(left) == len(right) and all(map(same, left, right))
    return left == right


def edited(document: bytes, others: list) -> bytes:
    for _ in range(random.choice((1, 1, 1, 2, 3, 6))):
        start = random.randrange(len(document) + 1)
        end = min(len(document), start + random.choice((0, 0, 1, 1, 2, 8)))
        if random.random() < 0.15:
            other = random.choice(others)
            cut = random.randrange(len(other) + 1)
            part = other[cut : cut + random.randrange(64)]
        elif random.random() < 0.2:
            part = bytes([random.randrange(256)])
        else:
            part = random.choice(TOKENS)
        document = document[:start] + part + document[end:]
    return document[:LONGEST]


def difference(document: bytes, line: str) -> str:
    """-> what is different, or nothing"""
    if line == "error: too deep":
        return ""
    try:
        value = read(document)
    except (ValueError, Refused) as error:
        return "" if line.startswith("error: ") else f"Python refuses what StrictJSON reads: {error}"
    except RecursionError:
        return ""
    if line.startswith("error: "):
        return f"StrictJSON refuses what Python reads: {line}"
    return "" if same(read(line.encode()), value) else f"two values: {line}"


def main() -> int:
    program, seconds, seed, *files = sys.argv[1:]
    random.seed(seed)
    documents = [open(file, "rb").read()[:LONGEST] for file in files]
    batch = documents
    count = accepted = 0
    end = time.monotonic() + float(seconds)
    while True:
        text = "".join(document.hex() + "\n" for document in batch)
        environment = os.environ | {"ESDK_FUZZ_TARGET": "read-json"}
        result = subprocess.run([program], input=text.encode(), stdout=subprocess.PIPE, env=environment)
        lines = result.stdout.decode().split("\n")[:-1]
        if result.returncode != 0 or len(lines) != len(batch):
            print(f"the program ended with code {result.returncode} after {len(lines)} of {len(batch)} documents", file=sys.stderr)
            return 1
        for document, line in zip(batch, lines):
            what = difference(document, line)
            if what:
                print(f"{what}\n  document: {document!r}", file=sys.stderr)
                return 1
            accepted += not line.startswith("error: ")
        count += len(batch)
        if time.monotonic() > end:
            break
        batch = [edited(random.choice(documents), documents) for _ in range(BATCH)]
    print(f"{'json (Python)':14} {count:10} documents compared, {accepted} of them legal")
    return 0


sys.exit(main())
