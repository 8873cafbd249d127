"""scripts/bench"""
import argparse
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "interop/runner")]

import article
import compare
import scale
from measure import keep_section
from peers import Broken, Unavailable


def folder(text):
    """-> its path from everywhere"""
    return Path(text).resolve(strict=True)


def main():
    parser = argparse.ArgumentParser(prog="scripts/bench", usage=argparse.SUPPRESS)
    parser.add_argument("what", nargs="?", choices=["scale", "article"])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--c-esdk", type=folder)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--programs", type=folder)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--large", action="store_true")
    parser.add_argument("--only", action="append", choices=scale.NAMES)
    a = parser.parse_args()
    try:
        if a.what == "article":
            return article.run(a.check)
        if a.what == "scale":
            content = scale.run(a.programs, a.large, a.only or scale.NAMES)
            keep_section(a.json, "scale", content, lambda row: row["dimension"] in (a.only or scale.NAMES))
            return 0
        if a.check:
            return compare.check(a.programs)
        content = compare.run(a.programs, a.rounds, a.c_esdk)
        keep_section(a.json, "comparison", content)
        for name, text in article.comparison(content).items():
            print(f"\n{name}\n{text}")
        return 0
    except (Broken, Unavailable) as e:
        print(f"scripts/bench: {e}", file=sys.stderr)
        return 2


sys.exit(main())
