#!/usr/bin/env python3
"""Reads a Lockstep checkpoint with nothing but Python's standard library, from docs/checkpoint-format.md alone.

    python3 samples/read_checkpoint.py runs/RUN/checkpoints/step-000005160.ckpt

Prints what the checkpoint holds and checks both of its digests. As a module: read(path) returns the document as a dict, in which
"parameters" is a dict from name to (shape, array of float32, row-major), and "slots", the state of the optimizer, a dict from the name of a
slot to such a dict.
"""
import array
import hashlib
import struct
import sys


NEWEST = 7  # Version of the format that this program was last brought up to.


class BadCheckpoint(Exception):
    """The file is not a checkpoint that this program can read."""


class Reader:
    """The part of MessagePack (https://github.com/msgpack/msgpack/blob/master/spec.md) that checkpoints use."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, count):
        if count > len(self.data) - self.at:
            raise BadCheckpoint(f"it ends at byte {len(self.data)}, within a value of {count} bytes")
        self.at += count
        return self.data[self.at - count:self.at]

    def number(self, form):
        return struct.unpack(">" + form, self.take(struct.calcsize(form)))[0]

    def value(self):
        kind = self.take(1)[0]
        if kind <= 0x7F:
            return kind
        if kind >= 0xE0:
            return kind - 0x100
        if kind <= 0x8F:
            return self.map(kind & 0x0F)
        if kind <= 0x9F:
            return self.list(kind & 0x0F)
        if kind <= 0xBF:
            return self.take(kind & 0x1F).decode("utf-8")
        if kind == 0xC0:
            return None
        if kind in (0xC2, 0xC3):
            return kind == 0xC3
        lengths = {0xC4: "B", 0xC5: "H", 0xC6: "I", 0xD9: "B", 0xDA: "H", 0xDB: "I", 0xDC: "H", 0xDD: "I", 0xDE: "H", 0xDF: "I"}
        if kind in lengths:
            length = self.number(lengths[kind])
            if kind <= 0xC6:
                return self.take(length)
            if kind <= 0xDB:
                return self.take(length).decode("utf-8")
            return self.list(length) if kind <= 0xDD else self.map(length)
        numbers = {0xCA: "f", 0xCB: "d", 0xCC: "B", 0xCD: "H", 0xCE: "I", 0xCF: "Q", 0xD0: "b", 0xD1: "h", 0xD2: "i", 0xD3: "q"}
        if kind in numbers:
            return self.number(numbers[kind])
        raise BadCheckpoint(f"byte {self.at - 1} is 0x{kind:02x}, which no checkpoint contains")

    def list(self, count):
        return [self.value() for _ in range(count)]

    def map(self, count):
        return {self.value(): self.value() for _ in range(count)}


def tensors(entries):
    result = {}
    for name, shape, dtype, data in entries:
        values = array.array("f")
        values.frombytes(data)
        if sys.byteorder == "big":
            values.byteswap()
        count = 1
        for dimension in shape:
            count *= dimension
        if dtype != "f32" or count != len(values):
            raise BadCheckpoint(f"{name} has shape {shape}, type {dtype} and {len(data)} bytes, which do not belong together")
        result[name] = (shape, values)
    return result


def weights_sha256(parameters):
    """The digest that Lockstep prints everywhere: of names, shapes and values, in the order of the names."""
    digest = hashlib.sha256()
    for name in sorted(parameters, key=lambda name: name.encode("utf-16-be")):
        shape, values = parameters[name]
        little = array.array("f", values)
        if sys.byteorder == "big":
            little.byteswap()
        digest.update(name.encode("utf-8") + b"\0" + struct.pack(f"<{1 + len(shape)}i", len(shape), *shape) + little.tobytes())
    return digest.hexdigest()


def read(path):
    with open(path, "rb") as file:
        content = file.read()
    if len(content) < 32 or hashlib.sha256(content[:-32]).digest() != content[-32:]:
        raise BadCheckpoint("its last 32 bytes are not the SHA-256 of those before: it is cut, damaged or no checkpoint")
    document = Reader(content[:-32]).value()
    if not isinstance(document, dict) or document.get("format") != "lockstep-checkpoint":
        raise BadCheckpoint("it is no Lockstep checkpoint")
    if document["version"] not in range(1, NEWEST + 1):
        raise BadCheckpoint(f"it has format {document['version']}; this program reads 1 to {NEWEST}")
    if document["length"] != len(content):
        raise BadCheckpoint(f"it says that it has {document['length']} bytes, but has {len(content)}")
    document["parameters"] = tensors(document["parameters"])
    if document["version"] == 1:
        document["slots"] = [["velocity", document["velocities"]]] if document["velocities"] else []
    document["slots"] = {name: tensors(entries) for name, entries in document["slots"]}
    if weights_sha256(document["parameters"]) != document["weightsSha256"]:
        raise BadCheckpoint("the digest of its weights is not the one it states")
    return document


def main():
    if len(sys.argv) != 2:
        sys.exit(f"usage: {sys.argv[0]} CHECKPOINT")
    try:
        document = read(sys.argv[1])
    except (BadCheckpoint, OSError) as problem:
        sys.exit(f"{sys.argv[1]}: {problem}")
    spec = document["spec"]
    print(f"run {document['runId']}, step {document['step']} of {spec['totalSteps']}, data {spec['data']['name']}")
    print(f"weights sha256 {document['weightsSha256']}")
    for name, (shape, values) in document["parameters"].items():
        print(f"{name} {shape} mean {sum(values) / len(values):.6f} min {min(values):.6f} max {max(values):.6f}")


if __name__ == "__main__":
    main()
