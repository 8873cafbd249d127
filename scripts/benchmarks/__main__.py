"""scripts/bench"""
import argparse
import json
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "interop/runner")]

import compare
import scale
from measure import environment
from peers import Broken, Unavailable


def folder(text):
    """-> its path from everywhere"""
    return Path(text).resolve(strict=True)


def main():
    parser = argparse.ArgumentParser(prog="scripts/bench", usage=argparse.SUPPRESS)
    parser.add_argument("what", nargs="?", choices=["scale"])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--c-esdk", type=folder)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--programs", type=folder)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--large", action="store_true")
    parser.add_argument("--only", action="append", choices=scale.NAMES)
    parser.add_argument("-o", dest="output", type=Path, default=HERE.parent.parent / ".build-bench")
    a = parser.parse_args()
    try:
        if a.what == "scale":
            return scale.run(a.programs, a.output, a.large, a.only or scale.NAMES)
        if a.check:
            return compare.check(a.programs)
        content = compare.run(a.programs, a.rounds, a.c_esdk)
        if a.json:
            a.json.write_text(json.dumps(environment() | content, indent=1) + "\n", encoding="utf-8")
        return 0
    except (Broken, Unavailable) as e:
        print(f"scripts/bench: {e}", file=sys.stderr)
        return 2


sys.exit(main())
