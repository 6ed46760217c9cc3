#!/usr/bin/env python3
"""Reads the metrics of a Lockstep run with nothing but Python's standard library, as docs/metrics.md describes them.

    python3 samples/read_metrics.py runs/RUN/metrics.jsonl
    lockstep metrics runs/RUN > metrics.csv && python3 samples/read_metrics.py metrics.csv

Prints the same table from both. As a module: read(path) gives a list of dicts from the name of a field to a number, or None where there is
no value.
"""
import csv
import json
import sys

COLUMNS = ["step", "epoch", "trainLoss", "validationLoss", "trainAccuracy", "validationAccuracy", "trainR2", "validationR2", "learningRate"]


def read_jsonl(path):
    """The lines of metrics.jsonl. The last one may be half a line: a run that is under way, or was killed, writes it again."""
    rows = []
    with open(path, encoding="utf-8") as file:
        for line in file:
            try:
                rows.append(json.loads(line))
            except json.JSONDecodeError:
                break
    return rows


def read_csv(path):
    """The lines of 'lockstep metrics RUN'. An empty field is no value."""
    with open(path, encoding="utf-8", newline="") as file:
        return [{name: float(text) if text else None for name, text in row.items()} for row in csv.DictReader(file)]


def read(path):
    return read_jsonl(path) if path.endswith(".jsonl") else read_csv(path)


def table(rows):
    """Lines of text: the columns that have a value in any row. Fields that this program does not know are left out."""
    names = [name for name in COLUMNS if any(row.get(name) is not None for row in rows)]
    cells = [names] + [["-" if row.get(name) is None else f"{row[name]:.6g}" for name in names] for row in rows]
    widths = [max(len(line[i]) for line in cells) for i in range(len(names))]
    return ["  ".join(cell.rjust(width) for cell, width in zip(line, widths)) for line in cells]


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python3 read_metrics.py metrics.jsonl|metrics.csv")
    print("\n".join(table(read(sys.argv[1]))))
