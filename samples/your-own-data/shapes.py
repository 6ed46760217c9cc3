#!/usr/bin/env python3
"""Writes the folder shapes: 300 pictures of circles, squares and triangles, a folder for each. The same on every machine.

The pictures are PNG in RGB, with 32 to 48 pixels a side. Only Python's standard library.
"""

import os
import random
import struct
import sys
import zlib


def png(width, height, pixels):
    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    # Each row begins with the number of its filter; 0 is none.
    lines = b"".join(b"\0" + pixels[3 * width * y:3 * width * (y + 1)] for y in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b"")


def is_inside(shape, x, y):
    if shape == "circle":
        return x * x + y * y < 1
    if shape == "square":
        return abs(x) < 0.85 and abs(y) < 0.85
    return -1 < y < 0.8 and 2 * abs(x) < 1 + y


def picture(shape, draw):
    width, height = 32 + int(draw() * 17), 32 + int(draw() * 17)
    radius = 7 + draw() * 6
    left, top = width * (0.4 + 0.2 * draw()), height * (0.4 + 0.2 * draw())
    paint = [160 + int(draw() * 96) for _ in range(3)]
    ground = [int(draw() * 96) for _ in range(3)]
    pixels = bytearray()
    for y in range(height):
        for x in range(width):
            pixels.extend(paint if is_inside(shape, (x - left) / radius, (y - top) / radius) else ground)
    return png(width, height, bytes(pixels))


def main():
    folder = sys.argv[1] if len(sys.argv) > 1 else "shapes"
    draw = random.Random(2).random
    for shape in ["circle", "square", "triangle"]:
        os.makedirs(os.path.join(folder, shape), exist_ok=True)
        for number in range(1, 101):
            with open(os.path.join(folder, shape, f"{number}.png"), "wb") as file:
                file.write(picture(shape, draw))
    print(f"wrote {folder}: 300 pictures in 3 folders")


if __name__ == "__main__":
    main()
