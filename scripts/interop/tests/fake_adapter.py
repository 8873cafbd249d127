"""An adapter of a library that protects nothing; the variable FAKE says how it misbehaves, FAULTY with which test (all by default)."""
import json
import os
import sys
import time
from pathlib import Path

import fake_message

behaviour, faulty = os.environ["FAKE"], os.environ.get("FAULTY")
command, _, manifest, _, out = sys.argv[1:6]
manifest, out = Path(manifest), Path(out)
content = json.loads(manifest.read_text())
report = open(out / "report.jsonl", "w", buffering=1)
counts = {"done": 0, "refused": 0, "unsupported": 0}


def is_planted(kind, i):
    return behaviour == kind and faulty in (None, i)


def write(line):
    report.write(json.dumps(line) + "\n")


def encrypted(i, s):
    text = (manifest.parent / "plaintexts" / s["plaintext"]).read_bytes()
    name, keys, context = "k", 1, dict(s["encryption-context"])
    match behaviour if faulty in (None, i) else None:
        case "drop-pair":
            context.popitem()
        case "add-pair":
            context["made"] = "up"
        case "other-value":
            context[next(iter(context))] = "other"
        case "other-suite":
            s = {**s, "algorithmSuiteId": "0178"}
        case "signed-suite":
            s = {**s, "algorithmSuiteId": "0578"}
        case "other-frame-length":
            s = {**s, "frame-size": 8192}
        case "non-framed":
            s = {**s, "frame-size": 0}
        case "other-key-name":
            name = "k2"
        case "a-key-more":
            keys = 2
        case "shorter":
            text = text[:-1]
        case "no-message":
            return text
    return fake_message.write({**s, "encryption-context": context}, text, [fake_message.aes_key("n", name)] * keys)


def decrypted(i, s):
    """-> None if it is refused"""
    message = (manifest.parent / s["ciphertext"].removeprefix("file://")).read_bytes()
    if not fake_message.intact(message) and behaviour != "open-anything":
        return None
    return b"xxx" if is_planted("wrong-plaintext", i) else fake_message.plaintext(message, 3)


def misbehave(i, line):
    """What goes wrong while a test runs."""
    if is_planted("hang", i):
        time.sleep(600)
    if is_planted("crash", i):
        sys.exit("something is rotten")
    if is_planted("abort", i):
        os.abort()
    if is_planted("take-memory", i):
        taken = bytearray(os.urandom(1 << 20)) * 300
        time.sleep(600 + len(taken))
    if is_planted("half-line", i):
        report.write(json.dumps(line)[:20])
        report.close()
        sys.exit("cut off")
    if is_planted("half-line-and-well", i):
        report.write(json.dumps(line)[:20])
        report.close()
        sys.exit()
    if is_planted("noise-in-report", i):
        report.write("WARNING: deprecated\n")
    if is_planted("no-utf-8", i):
        report.buffer.write(b"\xff\n")
    if is_planted("repeated-test", i):
        write(line)
        counts[line["status"]] += 1
    if is_planted("no-object", i):
        return [line]
    if is_planted("id-no-text", i):
        return {**line, "id": [i]}
    if is_planted("other-file", i):
        return {**line, "file": "../../" + line.get("file", "")}
    return {k: v for k, v in line.items() if k != "file"} if is_planted("no-file", i) else line


version = "2" if behaviour == "other-version" else "1"
write({"contract": 2, "command": command, "client": {"name": "fake", "version": version}})
for number, (i, test) in enumerate(content["tests"].items()):
    s = test[f"{command}ion-scenario"]
    if (s[f"{command}KeyDescription"]["type"] != "raw" and behaviour != "claim-anything") or is_planted("call-unsupported", i):
        line = {"id": i, "status": "unsupported", "detail": "as it is"}
    else:
        output = encrypted(i, s) if command == "encrypt" else decrypted(i, s)
        if output is None or is_planted("refuse", i):
            line = {"id": i, "status": "refused", "detail": "no"}
        else:
            line = {"id": i, "status": "done", "file": str(number)}
            if not is_planted("no-output", i):
                (out / str(number)).write_bytes(output)
    if is_planted("missing-test", i):
        continue
    line = misbehave(i, line)
    counts[line["status"] if isinstance(line, dict) else "done"] += 1
    write(line)
if behaviour != "no-foot":
    write({"complete": True, **counts, **({"done": 77} if behaviour == "wrong-count" else {})})
sys.exit(1 if behaviour == "crash-at-the-end" else 0)
