"""MNIST from its four IDX files, packed or not, as float tensors: what Lockstep trains on, split as it splits."""

import gzip
import os
import struct

import torch


def _read(folder, name):
    for path, opener in ((os.path.join(folder, name), open), (os.path.join(folder, name + ".gz"), gzip.open)):
        if os.path.exists(path):
            with opener(path, "rb") as file:
                return bytearray(file.read())
    raise SystemExit(f"{os.path.join(folder, name)}[.gz] is missing: give the folder of the four IDX files of MNIST.")


def _images(folder, name):
    data = _read(folder, name)
    magic, count, rows, columns = struct.unpack_from(">IIII", data)
    if magic != 0x803 or len(data) != 16 + count * rows * columns:
        raise SystemExit(f"{name} is not an IDX file of images.")
    return torch.frombuffer(data, dtype=torch.uint8, offset=16).reshape(count, rows * columns).to(torch.float32).div_(255.0)


def _labels(folder, name):
    data = _read(folder, name)
    magic, count = struct.unpack_from(">II", data)
    if magic != 0x801 or len(data) != 8 + count:
        raise SystemExit(f"{name} is not an IDX file of labels.")
    return torch.frombuffer(data, dtype=torch.uint8, offset=8).to(torch.int64)


class Mnist:
    """The last twelfth of the training file is for validation."""

    def __init__(self, folder, test=True):
        images, labels = _images(folder, "train-images-idx3-ubyte"), _labels(folder, "train-labels-idx1-ubyte")
        train = len(images) - len(images) // 12
        self.images, self.labels = images[:train], labels[:train]
        self.validation = images[train:], labels[train:]
        if test:
            self.test = _images(folder, "t10k-images-idx3-ubyte"), _labels(folder, "t10k-labels-idx1-ubyte")
