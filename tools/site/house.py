"""Draws the floors of the house: `python -m tools.site.house` writes docs/house.svg from import-linter's contract.

One row for each floor, the rooms of the floor side by side, and what their own descriptions say first.
"""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path
from xml.sax.saxutils import escape

ROOT = Path(__file__).parents[2]
PICTURE = ROOT / "docs" / "house.svg"
WIDTH, ROW, LEFT = 1000, 34, 320  # pixels: of the picture, of a floor's height, of the rooms' part
MOST_ROOMS = 6  # that are drawn one by one; more are one room with a number
LONGEST = 86  # letters of a description
COLOURS = ("#dbe9f6", "#e8f0dc", "#fbeed5", "#f6dfdb")


def floors() -> list[list[str]]:
    """The rooms of each floor, the highest first."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers: list[str] = next(row["layers"] for row in settings if row["id"] == "floors")
    return [[room.strip(" ()") for room in layer.split("|")] for layer in layers]


def description(room: str) -> str:
    """What a room says it is for: the first line, as far as it fits."""
    folder = ROOT / "src" / "ramba"
    path = folder / room / "__init__.py"
    text = ast.get_docstring(ast.parse((path if path.exists() else folder / f"{room}.py").read_text())) or ""
    line = text.partition("\n")[0].replace("``", "").replace("`", "").rstrip(".")
    return line if len(line) <= LONGEST else line[: line.rindex(" ", 0, LONGEST)] + " ..."


def picture() -> str:
    """The house as SVG."""
    rows = floors()
    height = ROW * len(rows) + 60
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        'font-family="Helvetica,Arial,sans-serif" role="img" aria-label="The floors of Ramba">',
        f'<rect width="{WIDTH}" height="{height}" fill="white"/>',
        f'<path d="M10 34 L{LEFT / 2 + 10} 6 L{LEFT + 10} 34 Z" fill="#0072b2"/>',
    ]
    for number, rooms in enumerate(rows):
        lines += _floor(rooms, 34 + number * ROW, COLOURS[number * len(COLOURS) // len(rows)])
    y = 34 + len(rows) * ROW + 18
    lines.append(f'<text x="10" y="{y}" font-size="12" fill="#444">A floor imports only floors below it.</text>')
    return "\n".join([*lines, "</svg>", ""])


def _floor(rooms: list[str], y: int, colour: str) -> list[str]:
    if len(rooms) > MOST_ROOMS:
        drawn, said = [f"{len(rooms)} doors"], ", ".join(rooms)
    else:
        drawn, said = rooms, description(rooms[0]) if len(rooms) == 1 else ""
    said = said if len(said) <= LONGEST + 8 else said[:LONGEST].rpartition(",")[0] + ", ..."
    width = LEFT / len(drawn)
    lines = []
    for place, room in enumerate(drawn):
        x = 10 + place * width
        lines += [
            f'<rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="{ROW}" fill="{colour}" stroke="#444"/>',
            f'<text x="{x + width / 2:.1f}" y="{y + 21}" font-size="13" text-anchor="middle" fill="#111">'
            f"{escape(room)}</text>",
        ]
    lines.append(f'<text x="{LEFT + 24}" y="{y + 21}" font-size="13" fill="#333">{escape(said)}</text>')
    return lines


if __name__ == "__main__":
    PICTURE.write_text(picture())
