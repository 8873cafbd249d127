"""A matrix as text for a terminal, and as Markdown for the summary of a CI job or a file."""

LEGEND = ("Rows write, columns read: messages opened with the right plaintext, of those that were tried. ✓ all of them, ✗ not all, "
          "– none was tried.")
KINDS = {"writes": "as asked", "reproduces": "rebuilt by esdk", "reads": None, "refuses": None, "controls": "controls"}


def shown(cell):
    """-> a cell: its symbol, and how many passed of those that ran"""
    if cell is None:
        return ""
    tried, facts = cell["passed"] + cell["failed"], len(cell.get("facts", {}))
    return (f"{'✗' if cell['failed'] else '✓'} {cell['passed']}/{tried}" if tried else "–") + (f" ⓘ {facts}" if facts else "")


def table(content, kinds=("reads",)):
    """-> (the heads, the rows) of the table of writers and readers"""
    found = {(cell["kind"], cell["writer"], cell["reader"]): cell for cell in content["cells"]}
    readers = [side["name"] for side in content["implementations"] if side["reads"]]
    writers = [side["name"] for side in content["implementations"]
               if any(cell["writer"] == side["name"] and cell["kind"] in ("writes", *kinds) for cell in content["cells"])]
    rows = []
    if "reads" in kinds:
        for writer in writers:
            rows.append([writer, shown(found.get(("writes", writer, None))), *(shown(found.get(("reads", writer, r))) for r in readers),
                         shown(found.get(("reproduces", writer, None)))])
        return ["", KINDS["writes"], *readers, KINDS["reproduces"]], rows
    for writer in writers:
        if any(("refuses", writer, r) in found for r in readers):
            rows.append([writer, *(shown(found.get(("refuses", writer, r))) for r in readers)])
    rows.append(["controls", *(shown(found.get(("controls", None, r))) for r in readers)])
    return ["", *readers], rows


def text(content):
    lines = []
    for head, rows in (table(content), table(content, ("refuses",))):
        widths = [max(len(row[i]) for row in [head, *rows]) for i in range(len(head))]
        lines += ["  " + "  ".join(word.ljust(width) for word, width in zip(row, widths)).rstrip() for row in [head, *rows]] + [""]
    return "\n".join([LEGEND, "", *lines])


def markdown(content, title="Interoperability matrix"):
    passed, failed, skipped = (sum(cell[name] for cell in content["cells"]) for name in ("passed", "failed", "skipped"))
    lines = [f"# {title}", "", f"{passed} passed, {failed} failed, {skipped} skipped; {content['plan']['scenarios']} scenarios, "
             f"{'with' if content['run']['aws-kms'] else 'without'} the local AWS KMS.", "", LEGEND, ""]
    for head, rows in (table(content), table(content, ("refuses",))):
        lines += markdown_table(head, rows) + [""]
        if head[1] == KINDS["writes"]:
            lines += ["## What must be refused", "", "Illegal messages with valid tags and signatures around the fault: refused, of those "
                      "that were tried. ✗ is an implementation that accepts some, ⓘ counts what it accepts and may.", ""]
    lines += ["## Versions", "", *markdown_table(["", "implementation", "version", "from"], [
        [side["name"], side["client"], side["version"], side["source"]] for side in content["implementations"]]), ""]
    label = content["run"]["label"]
    earlier = {side["name"]: side["source"] for side in content["implementations"] if side["reads"] and side["source"] != label}
    if earlier:
        lines += ["Columns from earlier runs: " + ", ".join(f"`{name}` ({source})" for name, source in earlier.items()) +
                  f". All others are of the run {label}; rows of sets are read by both.", ""]
    if content["not-run"]:
        lines += ["Not run here:", "", *(f"- `{name}`: {inline(reason)}" for name, reason in content["not-run"].items()), ""]
    failing = [cell for cell in content["cells"] if cell["failures"]]
    if failing:
        lines += ["## Failures", ""]
        for cell in failing:
            what = " ".join(filter(None, (cell["reader"], cell["kind"], cell["writer"])))
            reasons = {}
            for i, reason in cell["failures"].items():
                reasons.setdefault(reason, []).append(i)
            lines += [f"<details><summary>{what}: {cell['failed']}</summary>", ""]
            lines += [f"- {inline(reason)}: {', '.join(f'`{i}`' for i in ids[:5])}{f' and {len(ids) - 5} more' if len(ids) > 5 else ''}"
                      for reason, ids in list(reasons.items())[:40]]
            lines += [f"- and {len(reasons) - 40} reasons more"] if len(reasons) > 40 else []
            lines += ["", "</details>", ""]
    return "\n".join(lines)


def markdown_table(head, rows):
    return ["| " + " | ".join(row) + " |" for row in [head, ["---"] * len(head), *rows]]


def inline(text):
    """-> text that cannot be taken for Markdown or HTML, and not at any length"""
    text = " ".join(text.split()).replace("`", "'")
    return f"`{text[:300]}{'…' if len(text) > 300 else ''}`"
