"""The normative statements of the AWS Encryption SDK specification as id, level, place and digest, without their text.

A statement is a sentence or list item with a key word of RFC 2119, counted once, at its strongest key word. Its id is FILE/SECTION.N: the
stem of the file, the heading as an anchor (after that of the heading above, where the file has the heading twice), and its number in the
section. The digest is of the sentence without the targets of its links and with white space folded: it tells whether another version of
the specification says the same.
"""

import hashlib
import re
import subprocess
from pathlib import Path
from typing import Iterator, NamedTuple

FOLDERS = ("client-apis", "data-format", "framework")
# Strongest first; the second is what a level is called in the table.
LEVELS = {
    "MUST NOT": "MUST NOT", "SHALL NOT": "MUST NOT", "MUST": "MUST", "SHALL": "MUST", "REQUIRED": "MUST", "SHOULD NOT": "SHOULD NOT",
    "SHOULD": "SHOULD", "RECOMMENDED": "SHOULD", "MAY": "MAY", "OPTIONAL": "MAY",
}
KEY_WORD = re.compile(r"\b(MUST NOT|SHALL NOT|MUST|SHALL|REQUIRED|SHOULD NOT|SHOULD|RECOMMENDED|MAY|OPTIONAL)\b")
ENDS_PARAGRAPH = re.compile(r"^\s*([-*+]|\d+\.|\|)\s*")


class Statement(NamedTuple):
    id: str
    level: str
    place: str
    digest: str


def anchor(heading: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", heading.lower()).strip("-")


def paragraphs(text: str) -> Iterator[tuple[list[str], int, str]]:
    """Headings from the outermost to the innermost, line, and text of every paragraph and list item outside of code blocks."""
    headings, lines, start, is_code = [], [], 0, False
    for number, line in enumerate([*text.split("\n"), ""], 1):
        bare = line.strip()
        heading = re.match(r"^(#+)\s+(.*)", line)
        is_fence = bare.startswith("```")
        if lines and (is_code or not bare or heading or is_fence or ENDS_PARAGRAPH.match(line)):
            yield list(headings), start, " ".join(lines)
            lines = []
        if is_fence:
            is_code = not is_code
        elif heading and not is_code:
            headings = headings[: len(heading[1]) - 1] + [heading[2].strip()]
        elif bare and not is_code:
            start = start if lines else number
            lines.append(bare)


def sentences(paragraph: str) -> list[str]:
    text = re.sub(r"\]\([^)]*\)", "]", paragraph)
    # A dot that ends no sentence becomes another character.
    text = re.sub(r"\b(i\.e|e\.g|etc|vs)\.", lambda match: match[0].replace(".", "\u2024"), text)
    return [part.strip() for part in re.split(r"(?<=[.!?])\s+(?=[A-Z\"\[(`*])", text) if part.strip()]


def statements(root: Path) -> Iterator[Statement]:
    """The statements of a checkout, in the order of its files."""
    for path in sorted(path for folder in FOLDERS for path in (root / folder).rglob("*.md")):
        # Comments go, their lines stay, so that places are right.
        text = re.sub(r"<!--.*?-->", lambda match: re.sub(r"[^\n]", "", match[0]), path.read_text(encoding="utf-8"), flags=re.S)
        owners, counts = {}, {}
        for headings, line, paragraph in paragraphs(text):
            if "key words" in paragraph:  # the paragraph that explains them
                continue
            section = anchor(headings[-1]) if headings else ""
            if owners.setdefault(section, headings) != headings and len(headings) > 1:
                section = f"{anchor(headings[-2])}/{section}"
            for sentence in sentences(paragraph):
                found = KEY_WORD.findall(sentence)
                if not found:
                    continue
                counts[section] = counts.get(section, 0) + 1
                yield Statement(
                    f"{path.stem}/{section}.{counts[section]}",
                    LEVELS[next(level for level in LEVELS if level in found)],
                    f"{path.relative_to(root)}:{line}",
                    hashlib.sha256(re.sub(r"\s+", " ", sentence).encode()).hexdigest()[:16],
                )


def commit(root: Path) -> str:
    return subprocess.run(["git", "-C", root, "rev-parse", "HEAD"], capture_output=True, text=True, check=True).stdout.strip()
