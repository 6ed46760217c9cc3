#!/usr/bin/env python3
"""Writes customers.csv: who left, as a shop might export it. The same file on every machine.

2,000 rows with a number, a name, texts, missing values, and the column to learn, `left`.
Only Python's standard library.
"""

import csv
import random
import sys

FIRST = ["Ada", "Bo", "Chen", "Dina", "Emil", "Fay", "Goran", "Hana", "Ivo", "June"]
LAST = ["Abel", "Berg", "Costa", "Diaz", "Ekman", "Fox", "Gruber", "Hall", "Ito", "Jansen"]
CITIES = ["Lisbon", "Oslo", "Porto", "Zagreb"]
PLANS = ["basic", "family", "pro"]


def rows(draw, count):
    for number in range(1, count + 1):
        # random() is the only draw that Python promises to keep the same in all versions.
        city = CITIES[int(draw() * len(CITIES))]
        plan = PLANS[int(draw() * len(PLANS))]
        age = 18 + int(draw() * 60)
        months = 1 + int(draw() * 48)
        tickets = int(draw() * draw() * 8)
        unhappy = 0.9 * tickets - 0.08 * months + (1.5 if plan == "basic" else 0) + (1 if city == "Oslo" else 0)
        left = "yes" if unhappy + 1.5 * (draw() - 0.5) > 1 else "no"
        yield [
            number,
            f"{FIRST[number % 10]} {LAST[number // 10 % 10]} {number}",
            city if draw() > 0.04 else "",
            plan,
            age if draw() > 0.1 else "",
            months,
            tickets,
            left,
        ]


def main():
    path = sys.argv[1] if len(sys.argv) > 1 else "customers.csv"
    with open(path, "w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["id", "name", "city", "plan", "age", "months", "tickets", "left"])
        table.writerows(rows(random.Random(1).random, 2000))
    print(f"wrote {path}: 2,000 rows")


if __name__ == "__main__":
    main()
