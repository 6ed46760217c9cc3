"""Photographs of printed digits: how well `lockstep predict --image` sees what people photograph.

    python3 photographs.py make MNIST FOLDER [--each N] [--seed N] [--sheet FILE.png]
    python3 photographs.py count ANSWERS.json
    python3 photographs.py seven FILE.jpg

`make` takes the first N test images (20) of each class after a random shuffle, prints each in black or blue on white or cream paper, and
photographs the sheet: tilted, in uneven light, with the soft edge of a shadow, sometimes with the dark table beside the sheet; out of
focus by up to 1.3 pixels, with the grain of a small sensor, as a JPEG. It writes FOLDER/LABEL-INDEX.jpg with about 400 x 500 pixels.
`count` compares the answers of `lockstep predict --image FOLDER/*.jpg --json` with the labels in the names. `seven` photographs a seven
of two strokes, which needs no data. Equal seeds give equal photographs with one version of Pillow. Needs numpy and Pillow.
"""

import argparse
import glob
import gzip
import json
import os
import sys

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

PRINT = 560  # Pixels of a side of the printed image, on a sheet of twice that.
SHEET = 2 * PRINT


def read_idx(folder, name):
    path = os.path.join(folder, name)
    with (gzip.open(path + ".gz") if os.path.exists(path + ".gz") else open(path, "rb")) as file:
        data = file.read()
    shape = np.frombuffer(data, ">u4", count=data[3], offset=4)
    return np.frombuffer(data, np.uint8, offset=4 + 4 * data[3]).reshape(shape)


def print_sheet(digit, random):
    """A sheet in colours from 0 to 1 with the digit in its middle, from ink as grey values, light on black."""
    ink = Image.fromarray(digit).resize((PRINT, PRINT), Image.Resampling.BICUBIC)
    ink = np.asarray(ink, float) / 255
    ink = np.clip((ink - 0.3) / 0.4, 0, 1)  # A print has edges.
    paper = np.array([[0.97, 0.97, 0.96], [0.96, 0.93, 0.84]][random.integers(2)])
    pen = np.array([[0.10, 0.10, 0.11], [0.13, 0.18, 0.45]][random.integers(2)])
    sheet = np.tile(paper, (SHEET, SHEET, 1))
    middle = slice(PRINT // 2, PRINT // 2 + PRINT)
    sheet[middle, middle] += ink[..., None] * (pen - paper)
    return sheet


def homography(corners, targets):
    """The projective map, as a 3 x 3 matrix, of four points to four others."""
    rows, values = [], []
    for (x, y), (u, v) in zip(corners, targets):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        values += [u, v]
    return np.append(np.linalg.solve(np.array(rows), np.array(values)), 1).reshape(3, 3)


def smooth_noise(height, width, cells, random):
    """A smooth field of mean 0: noise of few cells, enlarged."""
    field = Image.fromarray(random.normal(size=(cells, cells)).astype(np.float32))
    return np.asarray(field.resize((width, height), Image.Resampling.BICUBIC))


def photograph(sheet, random):
    """A photograph of a sheet by a hand-held phone."""
    width, height = int(random.integers(380, 421)), int(random.integers(480, 521))
    columns, rows = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)

    # The sheet's corners in the photograph: it is larger than what is seen of it, or a side of it ends before the border.
    has_edge = random.random() < 0.2
    side = (random.uniform(1.05, 1.2) if has_edge else random.uniform(1.15, 1.75)) * width
    angle = np.deg2rad(random.normal(0, 4))
    centre = np.array([width / 2, height / 2]) + random.normal(0, 0.03, 2) * [width, height]
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    square = np.array([[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5]]) * side
    corners = square @ turn.T + centre + random.normal(0, 0.035, (4, 2)) * side
    if has_edge:
        corners += [((side - width) / 2 + random.uniform(0.02, 0.06) * width) * random.choice([-1, 1]), 0]
    to_sheet = homography(corners, [(0, 0), (SHEET, 0), (SHEET, SHEET), (0, SHEET)])
    at = np.stack([columns, rows, np.ones_like(rows)], -1) @ to_sheet.T
    x, y = at[..., 0] / at[..., 2] - 0.5, at[..., 1] / at[..., 2] - 0.5

    # Area averages: the sheet is first reduced to about the scale of the photograph.
    step = max(1, int(SHEET / side))
    small = sheet[: SHEET // step * step, : SHEET // step * step]
    small = small.reshape(SHEET // step, step, SHEET // step, step, 3).mean((1, 3))
    u, v = np.clip(x / step, 0, len(small) - 1.001), np.clip(y / step, 0, len(small) - 1.001)
    left, top = u.astype(int), v.astype(int)
    right_share, low_share = (u - left)[..., None], (v - top)[..., None]
    upper = small[top, left] * (1 - right_share) + small[top, left + 1] * right_share
    lower = small[top + 1, left] * (1 - right_share) + small[top + 1, left + 1] * right_share
    picture = upper * (1 - low_share) + lower * low_share
    outside = (x < 0) | (y < 0) | (x >= SHEET) | (y >= SHEET)
    table = np.array([0.30, 0.21, 0.14]) * (1 + 0.15 * smooth_noise(height, width, 12, random)[..., None])
    picture = np.where(outside[..., None], table, picture)

    # Light: falls off to one side and to the corners; a soft shadow over a part of the sheet.
    direction = random.uniform(0, 2 * np.pi)
    across = ((columns / width - 0.5) * np.cos(direction) + (rows / height - 0.5) * np.sin(direction))
    light = 1 - random.uniform(0.1, 0.6) * (across + 0.5)
    radius = ((columns / width - 0.5) ** 2 + (rows / height - 0.5) ** 2) * 2
    light *= 1 - random.uniform(0, 0.3) * radius
    direction = random.uniform(0, 2 * np.pi)
    across = ((columns / width - 0.5) * np.cos(direction) + (rows / height - 0.5) * np.sin(direction))
    bend = 0.03 * smooth_noise(height, width, 4, random)
    edge = np.clip((across + bend - random.uniform(-0.35, 0.35)) / random.uniform(0.03, 0.2) + 0.5, 0, 1)
    edge = edge * edge * (3 - 2 * edge)
    light *= 1 - random.uniform(0.2, 0.55) * edge
    light *= random.uniform(0.75, 1.0)
    warmth = random.normal(0, 0.04)
    picture = picture * light[..., None] * [1 + warmth, 1, 1 - warmth]

    # The camera: focus, grain that is stronger in the light of few photons, JPEG.
    pixels = Image.fromarray((np.clip(picture, 0, 1) * 255 + 0.5).astype(np.uint8))
    pixels = pixels.filter(ImageFilter.GaussianBlur(random.uniform(0.4, 1.3)))
    picture = np.asarray(pixels, float) / 255
    grain = random.normal(size=picture.shape) * 0.6 + random.normal(size=picture.shape[:2])[..., None]
    picture = picture + grain * random.uniform(0.005, 0.03)
    return Image.fromarray((np.clip(picture, 0, 1) * 255 + 0.5).astype(np.uint8)), int(random.integers(60, 93))


def make(options):
    images = read_idx(options.mnist, "t10k-images-idx3-ubyte")
    labels = read_idx(options.mnist, "t10k-labels-idx1-ubyte")
    random = np.random.default_rng(options.seed)
    order = random.permutation(len(labels))
    os.makedirs(options.folder, exist_ok=True)
    for label in range(10):
        for index in order[labels[order] == label][: options.each]:
            photo, quality = photograph(print_sheet(images[index], random), random)
            photo.save(os.path.join(options.folder, f"{label}-{index}.jpg"), quality=quality)
    if options.sheet:
        show(sorted(glob.glob(os.path.join(options.folder, "*.jpg"))), options.sheet)


def show(files, target, size=100):
    """A contact sheet, twenty photographs a row."""
    sheet = Image.new("RGB", (20 * size, -(-len(files) // 20) * size * 5 // 4))
    for number, file in enumerate(files):
        sheet.paste(Image.open(file).resize((size, size * 5 // 4)), (number % 20 * size, number // 20 * size * 5 // 4))
    sheet.save(target)


def count(options):
    with open(options.answers, encoding="utf-8") as file:
        answers = json.load(file)["predictions"]
    wrong = []
    for answer in answers:
        name = os.path.basename(answer["image"])
        if answer["answer"] != int(name.split("-")[0]):
            wrong.append(f"{name}: {answer['answer']}")
    print(f"{len(answers) - len(wrong)} of {len(answers)} are right: {1 - len(wrong) / len(answers):.1%}")
    print("\n".join(wrong))


def seven(options):
    random = np.random.default_rng(7)
    digit = Image.new("L", (28 * 8, 28 * 8))
    ImageDraw.Draw(digit).line([(58, 54), (160, 50), (104, 178)], fill=255, width=20, joint="curve")
    digit = np.asarray(digit.resize((28, 28), Image.Resampling.BOX))
    photo, quality = photograph(print_sheet(digit, random), random)
    photo.save(options.file, quality=quality)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    command = commands.add_parser("make")
    command.add_argument("mnist")
    command.add_argument("folder")
    command.add_argument("--each", type=int, default=20)
    command.add_argument("--seed", type=int, default=1)
    command.add_argument("--sheet")
    command.set_defaults(run=make)
    command = commands.add_parser("count")
    command.add_argument("answers")
    command.set_defaults(run=count)
    command = commands.add_parser("seven")
    command.add_argument("file")
    command.set_defaults(run=seven)
    options = parser.parse_args()
    options.run(options)


if __name__ == "__main__":
    sys.exit(main())
