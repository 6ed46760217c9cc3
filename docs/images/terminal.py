#!/usr/bin/env python3
"""Draws what a terminal shows while a command runs: python3 docs/images/terminal.py OUT.svg COMMAND...

The command runs in a terminal of 100 columns. When its bar has passed 40%, the newest process that it started is killed; the picture is
the screen when the bar has passed 75%. Linux; only Python's standard library.
"""

import fcntl
import os
import pty
import re
import shlex
import signal
import struct
import subprocess
import sys
import termios
from html import escape

COLUMNS, LINES = 100, 60
KILL_AT, SHOW_AT = 40, 75
CHARACTER, LINE, MARGIN, TITLE = 8.4, 19, 16, 34
NORMAL = (None, False)
# The standard palette of 16 colours, for a dark ground.
PALETTE = ["#3b4252", "#e06c75", "#98c379", "#e5c07b", "#61afef", "#c678dd", "#56b6c2", "#d5dae4"]
PALETTE += ["#7f8896", "#e06c75", "#98c379", "#e5c07b", "#61afef", "#c678dd", "#56b6c2", "#ffffff"]
PART = re.compile(r"\x1b\[([?0-9;]*)([A-Za-z])|\x1b[=>78]|([^\x1b])", re.DOTALL)


class Screen:
    """The cells of a terminal, each a character with its colour and weight. Knows the sequences of a display that is redrawn in place."""

    def __init__(self):
        self.cells = [[(" ", NORMAL)] * COLUMNS for _ in range(LINES)]
        self.row = self.column = 0
        self.style = NORMAL

    def write(self, text):
        for numbers, command, character in PART.findall(text):
            if command:
                self.control(command, [int(number) for number in numbers.split(";") if number.isdigit()])
            elif character == "\n":
                self.row = min(self.row + 1, LINES - 1)
            elif character == "\r":
                self.column = 0
            elif character >= " ":
                self.cells[self.row][min(self.column, COLUMNS - 1)] = character, self.style
                self.column += 1

    def control(self, command, numbers):
        count = numbers[0] if numbers else 1
        blank = (" ", NORMAL)
        if command == "A":
            self.row = max(self.row - count, 0)
        elif command == "B":
            self.row = min(self.row + count, LINES - 1)
        elif command == "C":
            self.column += count
        elif command == "G":
            self.column = count - 1
        elif command == "K" and numbers == [2]:
            self.cells[self.row] = [blank] * COLUMNS
        elif command in "JK":
            self.cells[self.row][self.column:] = [blank] * max(COLUMNS - self.column, 0)
            if command == "J":
                self.cells[self.row + 1:] = [[blank] * COLUMNS for _ in range(LINES - self.row - 1)]
        elif command == "m":
            self.paint(numbers or [0])

    def paint(self, numbers):
        color, bold = self.style
        while numbers:
            number = numbers.pop(0)
            if number == 0:
                color, bold = NORMAL
            elif number == 1:
                bold = True
            elif number == 38 and numbers[0] == 5:
                color, numbers = xterm(numbers[1]), numbers[2:]
            elif number == 38:
                color, numbers = "#%02x%02x%02x" % tuple(numbers[1:4]), numbers[4:]
            elif 30 <= number < 38:
                color = PALETTE[number - 30]
            elif 90 <= number < 98:
                color = PALETTE[number - 82]
        self.style = color, bold

    def text(self):
        return "\n".join("".join(character for character, _ in row).rstrip() for row in self.cells)

    def copy(self):
        return [list(row) for row in self.cells]


def xterm(number):
    """A colour of the palette of 256."""
    if number < 16:
        return PALETTE[number]
    if number >= 232:
        return "#" + "%02x" % (8 + 10 * (number - 232)) * 3
    levels = [0, 95, 135, 175, 215, 255]
    return "#%02x%02x%02x" % tuple(levels[(number - 16) // scale % 6] for scale in (36, 6, 1))


def watch(command):
    """Runs the command to its end. Gives the cells at the moment of the picture."""
    child, terminal = pty.fork()
    if child == 0:
        os.environ.update(TERM="xterm-256color", LANG="C.UTF-8", LC_ALL="C.UTF-8", COLORTERM="")
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
        os.execvp(command[0], command)
    screen, shown, killed, pending = Screen(), None, False, b""
    while True:
        try:
            pending += os.read(terminal, 65536)
        except OSError:
            break
        if not pending:
            break
        # What ends within a sequence or a character waits for the rest.
        whole = len(pending) if b"\x1b" not in pending[-16:] else pending.rindex(b"\x1b")
        try:
            screen.write(pending[:whole].decode())
        except UnicodeDecodeError:
            continue
        pending = pending[whole:]
        bar = re.search(r"^epoch .* (\d+)%  step", screen.text(), re.MULTILINE)
        share = int(bar[1]) if bar else 0
        if share >= KILL_AT and not killed:
            started = subprocess.run(["pgrep", "-n", "-P", str(child)], capture_output=True, text=True, check=True).stdout
            os.kill(int(started), signal.SIGKILL)
            killed = True
        if share >= SHOW_AT and shown is None and "received" in screen.text():
            shown = screen.copy()
    os.waitpid(child, 0)
    if shown is None:
        sys.exit(f"no bar was seen beyond {SHOW_AT}%; the last screen:\n{screen.text()}")
    return shown


def svg(command, cells):
    while all(character == " " for character, _ in cells[-1]):
        cells.pop()
    prompt = [("$", ("#98c379", True)), (" ", NORMAL)] + [(character, (None, True)) for character in command]
    cells = [prompt] + cells
    width, height = COLUMNS * CHARACTER + 2 * MARGIN, len(cells) * LINE + TITLE + MARGIN
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" height="{height:.0f}" '
        'font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="14" fill="#d5dae4">',
        f'<title>{escape(command)}</title>',
        '<rect width="100%" height="100%" rx="8" fill="#1b2028"/>',
        *(f'<circle cx="{18 + 18 * number}" cy="17" r="5.5" fill="#434c5b"/>' for number in range(3)),
    ]
    for number, row in enumerate(cells):
        y = TITLE + LINE * (number + 0.75)
        first = 0
        while first < len(row):
            last = first
            while last < len(row) and row[last][1] == row[first][1]:
                last += 1
            text, (color, bold) = "".join(character for character, _ in row[first:last]), row[first][1]
            if text.strip():
                start = first + len(text) - len(text.lstrip())
                text = text.strip()
                look = (f' fill="{color}"' if color else "") + (' font-weight="bold"' if bold else "")
                lines.append(
                    f'<text x="{MARGIN + start * CHARACTER:.1f}" y="{y:.1f}" textLength="{len(text) * CHARACTER:.1f}" '
                    f'xml:space="preserve"{look}>{escape(text)}</text>')
            first = last
    return "\n".join([*lines, "</svg>"]) + "\n"


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    cells = watch(sys.argv[2:])
    command = shlex.join([os.path.basename(sys.argv[2]), *sys.argv[3:]])
    with open(sys.argv[1], "w", encoding="utf-8") as file:
        file.write(svg(command, cells))
    print(f"wrote {sys.argv[1]}")


if __name__ == "__main__":
    main()
