"""An adapter of a library whose messages are the plaintext and one byte; the variable FAKE says how it misbehaves."""
import json
import os
import sys
from pathlib import Path

behaviour = os.environ["FAKE"]
command, _, manifest, _, out = sys.argv[1:6]
manifest, out = Path(manifest), Path(out)
content = json.loads(manifest.read_text())
lines = [{"contract": 2, "command": command, "client": {"name": "fake", "version": "2" if behaviour == "other-version" else "1"}}]
counts = {"done": 0, "refused": 0, "unsupported": 0}


def outcome(s):
    """-> the output of a scenario; None if it is refused"""
    if command == "encrypt":
        return (manifest.parent / "plaintexts" / s["plaintext"]).read_bytes() + b"\0"
    message = (manifest.parent / s["ciphertext"].removeprefix("file://")).read_bytes()
    intact = message[-1] == 0 or behaviour == "open-anything"
    return message[:-1] + (b"x" if behaviour == "wrong-plaintext" else b"") if intact else None


for number, (i, test) in enumerate(content["tests"].items()):
    s = test[f"{command}ion-scenario"]
    key_description = s[f"{command}KeyDescription"]
    output = outcome(s)
    if key_description["type"] == "no-such-keyring" or behaviour == "call-unsupported":
        line = {"id": i, "status": "unsupported", "detail": "as it is"}
    elif output is None or behaviour == "refuse":
        line = {"id": i, "status": "refused", "detail": "no"}
    else:
        line = {"id": i, "status": "done", "file": str(number)}
        if behaviour != "no-output":
            (out / str(number)).write_bytes(output)
    counts[line["status"]] += 1
    lines.append(line)
lines.append({"complete": True, **counts})
if behaviour == "no-foot":
    lines.pop()
if behaviour == "missing-test":
    del lines[1]
if behaviour == "repeated-test":
    lines.insert(1, lines[1])
if behaviour == "no-object":
    lines[1] = [lines[1]]
if behaviour == "id-no-text":
    lines[1]["id"] = [lines[1]["id"]]
if behaviour == "no-file":
    lines[1].pop("file")
report = "".join(json.dumps(line) + "\n" for line in lines)
(out / "report.jsonl").write_text("WARNING: deprecated\n" + report if behaviour == "warning" else report)
sys.exit(1 if behaviour == "crash" else 0)
