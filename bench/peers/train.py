"""
A whole training: reads the files, trains, evaluates after every epoch, says so, and ends. One process, or one of several ranks.

    train.py FOLDER [--batch 128] [--epochs 12] [--rate 0.1] [--momentum 0.9] [--l2 0] [--keep 0.8] [--schedule constant|cosine] [--warmup 0] [--seed 1]
"""

import argparse
import math
import os

import torch
import torch.distributed as dist
from torch.nn.parallel import DistributedDataParallel

import network as net
from mnist import Mnist


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    for name, default in (("batch", 128), ("epochs", 12), ("warmup", 0), ("seed", 1)):
        parser.add_argument("--" + name, type=int, default=default)
    for name, default in (("rate", 0.1), ("momentum", 0.9), ("l2", 0.0), ("keep", 0.8)):
        parser.add_argument("--" + name, type=float, default=default)
    parser.add_argument("--schedule", choices=["constant", "cosine"], default="constant")
    parser.add_argument("--widths", default="784-256-10")
    return parser.parse_args()


def learning_rate(options, step, steps):
    warm = min(1.0, (step + 1) / options.warmup) if options.warmup else 1.0
    shape = 0.5 * (1 + math.cos(math.pi * step / steps)) if options.schedule == "cosine" else 1.0
    return options.rate * warm * shape


def main():
    options = arguments()
    rank, ranks = int(os.environ.get("RANK", 0)), int(os.environ.get("WORLD_SIZE", 1))
    torch.set_num_threads(1)
    if ranks > 1:
        dist.init_process_group("gloo")
    data = Mnist(options.folder, test=False)
    torch.manual_seed(options.seed)
    model = net.Network([int(width) for width in options.widths.split("-")], options.keep)
    wrapped = DistributedDataParallel(model, gradient_as_bucket_view=True) if ranks > 1 else model
    torch.manual_seed(options.seed * ranks + rank)
    sgd = net.optimizer(model, options.rate, options.momentum, options.l2)
    batches = net.Batches(data.images, data.labels, options.batch, options.seed, rank, ranks)
    steps = len(batches) * options.epochs
    # Each rank evaluates its part of the validation images.
    part = slice(len(data.validation[0]) * rank // ranks, len(data.validation[0]) * (rank + 1) // ranks)
    for epoch in range(options.epochs):
        for i in range(len(batches)):
            rate = learning_rate(options, epoch * len(batches) + i, steps)
            for group in sgd.param_groups:
                group["lr"] = rate
            net.step(wrapped, sgd, *batches.take())
        correct = torch.tensor(net.accuracy(model, data.validation[0][part], data.validation[1][part], 1000) * (part.stop - part.start))
        if ranks > 1:
            dist.all_reduce(correct)
        if rank == 0:
            print(f"epoch {epoch + 1} validation {round(float(correct)) / len(data.validation[0]):.4f}", flush=True)


if __name__ == "__main__":
    main()
