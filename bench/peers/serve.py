"""
Trains and evaluates on one thread, or as one of several ranks (RANK, WORLD_SIZE, MASTER_ADDR, MASTER_PORT), when it is asked to:
one JSON request a line on the standard input of rank 0, one JSON answer a line on its standard output. So a benchmark measures both
sides in turn without starting this again. Between requests it waits without using a processor.

    {"do": "train", "widths": [784, 256, 10], "batch": 128, "keep": 0.5, "steps": 400}   -> {"seconds": ..., "loss": ...}
    the same with "byHand": true                                                         -> by_hand.py instead of autograd
    the same with "lenet": true                                                          -> LeNet-5 with Adam instead
    {"do": "evaluate", "widths": [784, 256, 10], "batch": 1000, "times": 5}              -> {"seconds": ..., "accuracy": ...}
"""

import ctypes
import json
import os
import sys
import time

import torch
import torch.distributed as dist
from torch.nn.parallel import DistributedDataParallel

import by_hand
import network as net
from mnist import Mnist

OPTIMIZER = 0.1, 0.9, 1e-4  # rate, momentum, L2


def blas():
    """Which kernels OpenBLAS chose, where it is OpenBLAS."""
    try:
        library = ctypes.CDLL("libopenblas.so.0")
        library.openblas_get_corename.restype = ctypes.c_char_p
        return "OpenBLAS " + library.openblas_get_corename().decode()
    except OSError:
        return "not OpenBLAS"


class Server:
    def __init__(self, folder):
        self.rank, self.ranks = int(os.environ.get("RANK", 0)), int(os.environ.get("WORLD_SIZE", 1))
        torch.set_num_threads(1)
        if self.ranks > 1:
            dist.init_process_group("gloo")
        self.data = Mnist(folder)
        self.trainings = {}

    def training(self, request):
        """A step, and batches for it, of a training that goes on from request to request."""
        by_hand_too = request.get("byHand", False)
        is_lenet = request.get("lenet", False)
        key = json.dumps([request["widths"], request["batch"], request["keep"], by_hand_too, is_lenet])
        if key not in self.trainings:
            images, labels = (self.data.images, self.data.labels) if request["widths"][0] == 784 else net.table(request["widths"][0])
            batches = net.Batches(images, labels, request["batch"], 1, self.rank, self.ranks)
            if by_hand_too:
                training = by_hand.Training(request["widths"], request["keep"], *OPTIMIZER)
                self.trainings[key] = training.step, batches, None
                return self.trainings[key]
            torch.manual_seed(1)
            model = net.lenet() if is_lenet else net.Network(request["widths"], request["keep"])
            wrapped = DistributedDataParallel(model, gradient_as_bucket_view=True) if self.ranks > 1 else model
            torch.manual_seed(1 + self.rank)
            sgd = torch.optim.Adam(model.parameters(), lr=1e-3) if is_lenet else net.optimizer(model, *OPTIMIZER)
            self.trainings[key] = (lambda x, y: net.step(wrapped, sgd, x, y).detach()), batches, model
        return self.trainings[key]

    def train(self, request):
        step, batches, _ = self.training(request)
        total = torch.zeros(())
        if self.ranks > 1:
            dist.barrier()
        start = time.perf_counter()
        for _ in range(request["steps"]):
            total += step(*batches.take())
        seconds = time.perf_counter() - start
        return {"seconds": seconds, "loss": float(total) / request["steps"]}

    def evaluate(self, request):
        model = net.Network(request["widths"], 1.0)
        for key, (_, _, trained) in self.trainings.items():
            if trained is not None and json.loads(key)[0] == request["widths"]:
                model = trained
        start = time.perf_counter()
        for _ in range(request["times"]):
            accuracy = net.accuracy(model, *self.data.test, request["batch"])
        return {"seconds": (time.perf_counter() - start) / request["times"], "accuracy": accuracy}

    def run(self):
        if self.rank == 0:
            print(json.dumps({"torch": torch.__version__, "blas": blas(), "threads": torch.get_num_threads()}), flush=True)
        while True:
            request = [json.loads(line) if self.rank == 0 and (line := sys.stdin.readline()) else None]
            if self.ranks > 1:
                dist.broadcast_object_list(request)
            if request[0] is None:
                return
            answer = getattr(self, request[0]["do"])(request[0])
            if self.rank == 0:
                print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    Server(sys.argv[1]).run()
