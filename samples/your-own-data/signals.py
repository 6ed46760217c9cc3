#!/usr/bin/env python3
"""Writes signals.npz: noisy waves of three kinds, as NumPy's savez would. The same arrays on every machine.

x_train [1200, 32] and x_test [300, 32] are float32, y_train and y_test the kinds as texts. new.npz has five signals x without kinds.
Only Python's standard library; with NumPy: numpy.savez("signals.npz", x_train=..., y_train=..., ...).
"""

import os
import random
import struct
import sys
import zipfile

KINDS = ["saw", "square", "triangle"]
LENGTH = 32


def wave(kind, draw):
    period, shift = 8 + draw() * 8, draw()
    for i in range(LENGTH):
        phase = (i / period + shift) % 1
        if kind == "saw":
            value = 2 * phase - 1
        elif kind == "square":
            value = 1 if phase < 0.5 else -1
        else:
            value = abs(4 * phase - 2) - 1
        yield value + 0.6 * (draw() - 0.5)


def npy(kind, shape, content):
    shape = "(" + "".join(f"{size}, " for size in shape).rstrip() + ")"
    header = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}"
    header += " " * (-(10 + len(header) + 1) % 64) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode("latin1") + content


def part(count, draw):
    kinds = [KINDS[int(draw() * len(KINDS))] for _ in range(count)]
    values = [value for kind in kinds for value in wave(kind, draw)]
    letters = max(len(kind) for kind in KINDS)
    texts = "".join(kind.ljust(letters, "\0") for kind in kinds).encode("utf-32-le")
    return npy("<f4", [count, LENGTH], struct.pack(f"<{len(values)}f", *values)), npy(f"<U{letters}", [count], texts)


def main():
    path = sys.argv[1] if len(sys.argv) > 1 else "signals.npz"
    draw = random.Random(3).random
    with zipfile.ZipFile(path, "w") as archive:
        for name, count in [("train", 1200), ("test", 300)]:
            values, labels = part(count, draw)
            archive.writestr(f"x_{name}.npy", values)
            archive.writestr(f"y_{name}.npy", labels)
    with zipfile.ZipFile(os.path.join(os.path.dirname(path), "new.npz"), "w") as archive:
        archive.writestr("x.npy", part(5, draw)[0])
    print(f"wrote {path}: 1,200 signals to train on, 300 for the test")


if __name__ == "__main__":
    main()
