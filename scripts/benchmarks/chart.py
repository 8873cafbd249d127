"""A chart of small panels with logarithmic axes, as SVG."""
import math
from xml.sax.saxutils import escape

WIDTH, HEIGHT, MARGIN, GAP, COLUMNS = 300, 200, 52, 34, 3
COLOURS = {"encrypt": "#2a6fbb", "decrypt": "#c4572b"}
MEMORY = "#8a8a8a"


def draw(panels):
    """`panels` are title, unit, rows with step, size, cpu_s, peak_mib. -> the text of the file"""
    lines = -(-len(panels) // COLUMNS)
    width = COLUMNS * (WIDTH + GAP + MARGIN) + GAP
    height = lines * (HEIGHT + 2 * MARGIN) + 30
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="11">',
             f'<rect width="{width}" height="{height}" fill="#ffffff"/>']
    for index, (title, unit, rows) in enumerate(panels):
        x = MARGIN + index % COLUMNS * (WIDTH + GAP + MARGIN)
        y = MARGIN + index // COLUMNS * (HEIGHT + 2 * MARGIN)
        parts.append(f'<g transform="translate({x} {y})">{panel(title, unit, rows)}</g>')
    legend = [("encrypt, CPU s", COLOURS["encrypt"], ""), ("decrypt, CPU s", COLOURS["decrypt"], ""),
              ("linear", "#bbbbbb", "2 3"), ("peak memory, 100 MiB", MEMORY, "5 3")]
    for index, (text, colour, dash) in enumerate(legend):
        x = MARGIN + index * 190
        parts.append(f'<line x1="{x}" x2="{x + 26}" y1="{height - 15}" y2="{height - 15}" stroke="{colour}" stroke-width="2" '
                     f'stroke-dasharray="{dash}"/><text x="{x + 32}" y="{height - 11}">{text}</text>')
    return "\n".join(parts) + "\n</svg>\n"


def panel(title, unit, rows):
    sizes = [max(row["size"], 1) for row in rows]
    values = [max(row["cpu_s"], 0.001) for row in rows] + [row["peak_mib"] / 100 for row in rows]
    x = axis(min(sizes), max(sizes), WIDTH)
    low, high = 10 ** math.floor(math.log10(min(values))), 10 ** math.ceil(math.log10(max(values)))
    y = axis(low, high, HEIGHT)
    parts = [f'<text x="0" y="-12" font-size="13" font-weight="bold">{escape(title)}</text>',
             f'<text x="{WIDTH}" y="{HEIGHT + 32}" text-anchor="end">{escape(unit)}</text>',
             f'<rect width="{WIDTH}" height="{HEIGHT}" fill="none" stroke="#cccccc"/>']
    for power in range(round(math.log10(low)), round(math.log10(high)) + 1):
        at = HEIGHT - y(10 ** power)
        parts.append(f'<line x1="0" x2="{WIDTH}" y1="{at:.1f}" y2="{at:.1f}" stroke="#eeeeee"/>'
                     f'<text x="-6" y="{at + 4:.1f}" text-anchor="end">{10 ** power:g}</text>')
    place = math.inf
    # From the greatest on; there is no room for labels that are too close.
    for size in sorted({row["size"] for row in rows}, reverse=True):
        if place - x(max(size, 1)) < 40:
            continue
        place = x(max(size, 1))
        parts.append(f'<text x="{place:.1f}" y="{HEIGHT + 15}" text-anchor="middle">{short(size, unit)}</text>')
    for step in dict.fromkeys(row["step"] for row in rows):
        line = [(max(row["size"], 1), max(row["cpu_s"], 0.001), row["peak_mib"] / 100) for row in rows if row["step"] == step]
        colour = COLOURS.get(step, COLOURS["decrypt"])
        size, value, _ = line[-1]
        # The line that goes through the last point with a slope of one.
        start = max(min(sizes), size * low / value)
        parts.append(path([(x(start), HEIGHT - y(value * start / size)), (x(size), HEIGHT - y(value))], "#bbbbbb", "2 3"))
        parts.append(path([(x(s), HEIGHT - y(m)) for s, _, m in line], MEMORY, "5 3"))
        parts.append(path([(x(s), HEIGHT - y(v)) for s, v, _ in line], colour))
        parts += [f'<circle cx="{x(s):.1f}" cy="{HEIGHT - y(v):.1f}" r="2.5" fill="{colour}"/>' for s, v, _ in line]
    return "\n".join(parts)


def axis(low, high, length):
    """-> a function from a value to its place"""
    span = math.log(high / low) or 1
    return lambda value: math.log(value / low) / span * length


def path(points, colour, dash=""):
    text = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polyline points="{text}" fill="none" stroke="{colour}" stroke-width="1.6" stroke-dasharray="{dash}"/>'


def short(size, unit):
    base, names = (1024, ["", " KiB", " MiB", " GiB"]) if unit == "bytes" else (1000, ["", "k", "M", "G"])
    power = min(int(math.log(max(size, 1), base) + 1e-9), 3)
    return f"{size / base ** power:.3g}{names[power]}"
