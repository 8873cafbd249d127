"""An adapter that is asked for its speed; the first argument says how it misbehaves."""
import json
import sys
import time

behaviour = sys.argv[1]
lines = [json.dumps({"direction": direction, "cpu_s_best": 0.5, "wall_s_best": 0.5}) for direction in ("encrypt", "decrypt")]
match behaviour:
    case "warning":
        lines.insert(0, "SECURITY WARNING: Reverting CVE-2023-46809")
    case "no-figure":
        lines[0] = json.dumps({"direction": "encrypt"})
    case "not-an-object":
        lines[0] = "5"
    case "zero":
        lines[0] = json.dumps({"direction": "encrypt", "cpu_s_best": 0})
    case "nan":
        lines[0] = '{"direction": "encrypt", "cpu_s_best": NaN}'
    case "half":
        lines.pop()
    case "silent":
        lines = []
    case "bytes":
        sys.stdout.buffer.write(b"\xff\n")
    case "crash":
        sys.exit("out of memory")
    case "slow":
        time.sleep(60)
for line in lines:
    print(line)
