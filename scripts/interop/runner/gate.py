"""Judges a matrix against what is required, and against what was before."""
import json
from dataclasses import dataclass, field
from pathlib import Path

from matrix import FORMAT

KEY = ("kind", "writer", "reader")


def load(path: Path):
    content = json.loads(path.read_text(encoding="utf-8"))
    if {name: content.get(name) for name in FORMAT} != FORMAT or content.get("complete") is not True:
        raise ValueError(f"{path} is not a complete {FORMAT['format']} of version {FORMAT['version']}")
    return content


def cells(content):
    return {tuple(cell[name] for name in KEY): cell for cell in content["cells"]}


def told(key):
    kind, writer, reader = key
    return {"reads": f"{reader} reads {writer}", "refuses": f"{reader} refuses what it must of {writer}", "writes": f"{writer} writes",
            "reproduces": f"esdk reproduces {writer}", "controls": f"{reader}: controls"}[kind]


def unmet(content, required):
    """-> what `--require` asks for and is not so: a list of cells, each of which must be there without a failure, and with at least
    as many tests passed as its member `passed` says (1 if left out)"""
    found, problems = cells(content), []
    for wanted in required:
        key = (wanted.get("kind", "reads"), wanted.get("writer"), wanted.get("reader"))
        cell, least = found.get(key), wanted.get("passed", 1)
        if cell is None:
            problems.append(f"required: {told(key)}: it did not run")
        elif cell["failed"] or cell["passed"] < least:
            problems.append(f"required: {told(key)}: {cell['passed']} passed, {cell['failed']} failed, at least {least} and none required")
    return problems


@dataclass
class Comparison:
    """What changed since an earlier matrix. A cell that is gone is no regression; a failure in a new one is."""
    regressions: list = field(default_factory=list)
    fixes: list = field(default_factory=list)
    new: list = field(default_factory=list)
    gone: list = field(default_factory=list)

    def text(self):
        return "\n".join(f"{name}: {line}" for name, lines in (("regression", self.regressions), ("fixed", self.fixes),
                                                               ("new", self.new), ("gone", self.gone)) for line in lines)


def compare(content, old):
    """-> Comparison"""
    before, now, result = cells(old), cells(content), Comparison()
    for key, cell in now.items():
        known = before.get(key, {"failures": {}})
        if key not in before:
            result.new.append(f"{told(key)}: {cell['passed']} passed, {cell['failed']} failed, {cell['skipped']} skipped")
        worse = [i for i in cell["failures"] if i not in known["failures"]]
        result.regressions += [f"{told(key)}: {i}: {cell['failures'][i]}" for i in worse]
        # Of a set that has other tests now, the numbers say nothing.
        if key in before and cell["total"] == known["total"] and cell["passed"] + len(worse) < known["passed"]:
            result.regressions.append(f"{told(key)}: {cell['passed']} passed, {known['passed']} before")
        result.fixes += [f"{told(key)}: {i}" for i in known["failures"] if i not in cell["failures"]]
    result.gone += [told(key) for key in before if key not in now]
    return result


def filled(content, old):
    """-> the matrix with those rows and columns of an earlier one whose implementations did not run in this"""
    ran, now = {side["name"] for side in content["implementations"]}, cells(content)
    more = [cell for key, cell in cells(old).items() if key not in now and (cell["reader"] or cell["writer"]) not in ran]
    sides = [side for side in old["implementations"] if side["name"] not in ran]
    names = {side["name"] for side in sides}
    return {**content, "implementations": content["implementations"] + sides, "cells": content["cells"] + more,
            "not-run": {name: reason for name, reason in content["not-run"].items() if name not in names}}
