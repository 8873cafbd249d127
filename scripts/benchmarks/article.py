"""The tables and the chart of the performance article, and the one table of the README, from the checked-in results."""
import json
import re
import sys

import chart
import scale
from measure import heading
from peers import ROOT, Broken

RESULTS = ROOT / "scripts/benchmarks/results.json"
ARTICLE = ROOT / "Sources/AWSEncryptionSDK/Documentation.docc/Performance.md"
CHART = ARTICLE.with_name("scale.svg")
README = ROOT / "README.md"
LIMIT = "libcrypto alone"
BLOCK = re.compile(r"(<!-- figures: (\w+) -->\n).*?(<!-- end of figures -->)", re.DOTALL)


def run(check, published=RESULTS):
    """Writes what has changed, or says what would. -> the exit code"""
    results = json.loads(published.read_text(encoding="utf-8"))
    texts = tables(results)
    wanted = {path: filled(path, texts) for path in (ARTICLE, README)}
    wanted[CHART] = chart.draw(scale.panels(results["scale"]["results"]))
    stale = [path for path, text in wanted.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    for path in stale:
        if check:
            print(f"{path.name} does not show the figures of {published.name}: run scripts/bench article", file=sys.stderr)
        else:
            path.write_text(wanted[path], encoding="utf-8")
            print(f"{path.name}: new figures")
    return 1 if check and stale else 0


def filled(path, texts):
    """-> the file with tables between its marks"""
    def table(match):
        if match[2] not in texts:
            raise Broken(f"{path.name}: there are no figures named {match[2]}, only {', '.join(texts)}")
        return f"{match[1]}\n{texts[match[2]]}\n{match[3]}"
    return BLOCK.sub(table, path.read_text(encoding="utf-8"))


def tables(results):
    """-> name -> Markdown"""
    return comparison(results["comparison"]) | {"growth": growth(results["scale"]), "kms": kms(results["kms"])}


def comparison(content):
    return {"environment": environment(content), "summary": summary(content), "throughput": throughput(content), "lanes": lanes(content),
            "small": small(content), "keyrings": keyrings(content), "files": files(content), "many": many(content), "start": start(content)}


# MARK: - Text

def markdown(head, rows):
    """`head` cells that end in `>` are numbers."""
    marks = ["--:" if cell.endswith(">") else "---" for cell in head]
    lines = ["| " + " | ".join(cell.removesuffix(">") for cell in head) + " |", "|" + "|".join(marks) + "|"]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(re.sub(r" +\|", " |", line) for line in lines) + "\n"


def times(value, other):
    """-> how many times; nothing if one is missing"""
    if not value or not other:
        return ""
    ratio = value / other
    return f"{ratio:.0f}×" if ratio >= 10 else f"{ratio:.1f}×" if ratio >= 3 else f"{ratio:.2f}×"


def by(rows, *keys):
    """-> the rows by these columns"""
    return {tuple(row[key] for key in keys): row for row in rows}


def peers(content):
    return [name for name in ("C", "Python") if name in content["versions"]]


def named(content, name):
    return f"{name} {content['versions'][name]}"


def environment(content):
    loads = " to ".join(dict.fromkeys(str(load) for load in (min(content["load"]), max(content["load"]))))
    others = ", ".join(named(content, name) for name in ("C", "Python", "age") if name in content["versions"])
    return (f"{content['date']}, revision {content['revision']}: {content['processor']}, {content['cores']} cores, load {loads}, "
            f"{re.sub(' [0-9]+ [A-Z][a-z]+ [0-9]+$', '', content['libcrypto'])}; {others}; best of {content['rounds']} rounds in turns.\n")


# MARK: - Tables

def throughput(content):
    rows = by(content["throughput"], "suite", "frame", "operation")
    lines = []
    for suite, frame in dict.fromkeys((suite, frame) for suite, frame, _ in rows):
        for direction in ("encrypt", "decrypt"):
            mine, fresh = rows[suite, frame, direction], rows[suite, frame, f"{direction}-new-array"]
            lines.append([suite, f"{frame:,}", direction, f"{mine['esdk']:,.0f}", times(mine["esdk"], mine["limit"]),
                          times(fresh["esdk"], fresh["limit"])]
                         + [times((mine if name == "C" else fresh)["esdk"], (mine if name == "C" else fresh).get(name))
                            for name in peers(content)])
    return markdown(["suite", "frame>", "", "MB/s>", f"{LIMIT}>", "into a new array>",
                     *(named(content, name) + ">" for name in peers(content))], lines)


def lanes(content):
    rows = by(content["lanes"], "suite", "frame", "operation")
    lines = []
    for suite, frame in dict.fromkeys((suite, frame) for suite, frame, _ in rows):
        for program, one, several in (("", "one", "several"), (f": {LIMIT}", "C one", "C several")):
            cells = [times(row.get(several), row.get(one)) for row in (rows[suite, frame, d] for d in ("encrypt", "decrypt", "verify"))]
            if all(cells):
                lines.append([f"64 MiB in memory, {suite}, frames of {frame:,.0f}{program}", *cells])
    rows = by(content.get("tasks", []), "suite", "operation")
    for suite, program in dict.fromkeys((suite, operation.split(" ", 1)[1]) for suite, operation in rows):
        cells = [times(row["several"], row["one"]) for row in (rows[suite, f"{d} {program}"] for d in ("encrypt", "decrypt"))]
        lines.append([f"100,000 messages of 1 KiB, {suite}, two tasks" + (f": {LIMIT}, two threads" if program == LIMIT else ""), *cells, ""])
    costs = by(content["files"], "program", "what")
    if ("esdk on one core", "encrypt") in costs:
        lines.append(["`esdk`, a file of 1 GiB to another, 0478",
                      *(times(costs["esdk on one core", d]["wall_s"], costs["esdk", d]["wall_s"]) for d in ("encrypt", "decrypt")), ""])
    return markdown(["", "encrypt>", "decrypt>", "verify>"], lines)


def small(content):
    rows = by(content["small"], "suite", "caller")
    lines = []
    for suite in dict.fromkeys(suite for suite, _ in rows):
        mine = rows[suite, "no actor"]
        others = [rows.get((suite, name)) for name in (LIMIT, *peers(content))]
        lines.append([suite, f"{mine['encrypt']:.1f}", f"{mine['decrypt']:.1f}", f"{both(mine):.1f}",
                      *(times(both(other), both(mine)) for other in others)])
    return markdown(["suite", "encrypt, µs>", "decrypt, µs>", "both>", f"{LIMIT}>", *(named(content, name) + ">" for name in peers(content))],
                    lines)


def both(row):
    """-> µs to encrypt and decrypt"""
    return row and row["encrypt"] + row["decrypt"]


def keyrings(content):
    lines = [[row["keyring"], f"{row['encrypt']:.1f}", f"{row['decrypt']:.1f}", f"{row['both']:.1f}"] for row in content["keyrings"]]
    return markdown(["0478, keyring", "encrypt>", "decrypt>", "both>"], lines)


NAMES = {"esdk": "`esdk`, 0478", "esdk on one core": "`esdk`, 0478, on one core", "esdk 0578": "`esdk`, 0578", "age": "`age`"}


def files(content):
    costs = by(content["files"], "program", "what")
    lines = []
    for program, name in NAMES.items():
        if (program, "encrypt") not in costs:
            continue
        steps = [costs[program, direction] for direction in ("encrypt", "decrypt")]
        lines.append([name, *(f"{step[key]:.2f}" for step in steps for key in ("cpu_s", "wall_s")),
                      f"{max(step['peak_mib'] for step in steps):.0f}"])
    return markdown(["1 GiB", "encrypt, CPU s>", "wall s>", "decrypt, CPU s>", "wall s>", "MiB resident>"], lines)


def many(content):
    lines = [[NAMES[row["program"]], f"{row['cpu_s'] / 2:.2f}", f"{row['wall_s'] / 2:.2f}", f"{row['peak_mib']:.0f}"]
             for row in content["files"] if row["what"] == "many"]
    return markdown(["2,000 files of 1 KiB, a file", "CPU ms>", "wall ms>", "MiB resident>"], lines)


def start(content):
    costs = by(content["files"], "program", "what")
    begin, part = costs["esdk", "start"], costs["esdk", "range"]
    return markdown(["", "CPU ms>", "wall ms>", "MiB resident>"],
                    [[name, f"{c['cpu_s'] * 1000:.0f}", f"{c['wall_s'] * 1000:.0f}", f"{c['peak_mib']:.0f}"]
                     for name, c in (("`esdk --version`", begin), ("`esdk decrypt --range`: 1 MiB from the middle of 1 GiB", part))])


AMOUNTS = {"frames": "frames of 64 bytes", "edks": "encrypted data keys, the last of which opens", "pairs": "pairs of encryption context",
           "vectors": "vectors"}


def growth(content):
    rows = content["results"]
    lines = []
    for name, dimension in scale.DIMENSIONS.items():
        own = [row for row in rows if row["dimension"] == name]
        if name == "jobs" or not own:
            continue
        size = max(row["size"] for row in own)
        last = {row["step"].split()[-1]: row for row in own if row["size"] == size}
        amount = f"{size >> 30} GiB" if dimension.unit == "bytes" else f"{size:,} {AMOUNTS[name]}"
        lines.append([amount, *(f"{last[step]['cpu_s']:.2f}" if step in last else "" for step in ("encrypt", "decrypt")),
                      ", ".join(f"{row['peak_mib']:.0f}" for row in last.values())])
    for row in rows:
        if row["dimension"] == "jobs":
            jobs = "job" if row["size"] == 1 else "jobs"
            lines.append([f"20,000 vectors, {row['size']} {jobs}, {row['wall_s']:.1f} s of wall clock", "", f"{row['cpu_s']:.2f}", f"{row['peak_mib']:.0f}"])
    return (f"{heading(content)}.\n\n" + markdown(["at most", "encrypt, CPU s>", "decrypt, CPU s>", "MiB resident>"], lines))


def kms(content):
    names = {"calls": "GenerateDataKey + Decrypt; against boto3", "message": "encrypt + decrypt; against the Python library"}
    lines = [[names[row["what"]], f"{row['esdk']:,.0f}", f"{row['Python']:,.0f}", times(row["Python_median"], row["esdk_median"])]
             for row in content["results"]]
    rates = [f"{content['vectors'] / content[key]:.0f}" for key in ("vectors_cpu_s", "vectors_wall_s")]
    return (markdown(["pair of calls", "`esdk`, best>", "Python, best>", "ratio of the medians>"], lines)
            + f"\nOf the vectors, {content['vectors']} need AWS KMS: {rates[0]} of them a CPU second of `esdk`, {rates[1]} a second of wall clock.\n")


def summary(content):
    """The table of the README."""
    rows = by(content["throughput"], "suite", "frame", "operation")
    costs = by(content["files"], "program", "what")
    messages = by(content["small"], "suite", "caller")
    lines = []
    for direction in ("encrypt", "decrypt"):
        mine, fresh = rows["0478", 4096, direction], rows["0478", 4096, f"{direction}-new-array"]
        lines.append([f"{direction}, frames of 4,096", f"{mine['esdk']:,.0f} MB/s", times(mine["esdk"], mine["limit"]),
                      *(times((mine if name == "C" else fresh)["esdk"], (mine if name == "C" else fresh).get(name)) for name in peers(content)), ""])
    mine = both(messages["0478", "no actor"])
    others = [both(messages.get(("0478", name))) for name in (LIMIT, *peers(content))]
    lines.append(["100 bytes, encrypt and decrypt", f"{mine:.1f} µs", *(times(other, mine) for other in others), ""])
    for direction in ("encrypt", "decrypt"):
        mine, other = costs["esdk", direction], costs.get(("age", direction))
        for key, name in (("cpu_s", "CPU"), ("wall_s", "wall")):
            lines.append([f"{direction} a file of 1 GiB, {name}", f"{mine[key]:.2f} s", "", *("" for _ in peers(content)),
                          times(other and other[key], mine[key])])
    age = [named(content, "age") + ">"] if "age" in content["versions"] else []
    return markdown(["0478", "`esdk`>", f"{LIMIT}>", *(named(content, name) + ">" for name in peers(content)), *age],
                    lines if age else [line[:-1] for line in lines])
