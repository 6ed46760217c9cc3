#!/usr/bin/env python3
"""Makes nesterov-16-8-5.npz, adam-16-8-5.npz and targets-16-8-5.npz with PyTorch: see README.md.

    python3 make_optimizers.py

Needs numpy and torch.
"""
import pathlib

import numpy
import torch

BATCH, STEPS, WIDTHS = 24, 12, (16, 8, 5)

# What the tests have too: GoldenTests.cs.
CASES = {
    "nesterov-16-8-5": dict(optimizer=lambda groups: torch.optim.SGD(groups, lr=0.1, momentum=0.9, nesterov=True), l2=1e-3, clip=0.4),
    "adam-16-8-5": dict(optimizer=lambda groups: torch.optim.Adam(groups, lr=0.01, betas=(0.8, 0.95), eps=1e-3), l2=1e-2, clip=0.1),
    "targets-16-8-5": dict(
        optimizer=lambda groups: torch.optim.SGD(groups, lr=0.5), l2=0.0, weight=(0.5, 1.0, 2.0, 0.0, 1.5), smoothing=0.2),
}


def train(inputs, initial, dtype, optimizer, l2, clip=None, weight=None, smoothing=0.0):
    parameters = {name: torch.tensor(value, dtype=dtype, requires_grad=True) for name, value in initial.items()}
    matrices = [value for value in parameters.values() if value.dim() == 2]
    biases = [value for value in parameters.values() if value.dim() == 1]
    stepper = optimizer([{"params": matrices, "weight_decay": l2}, {"params": biases, "weight_decay": 0.0}])
    x = (torch.tensor(inputs["pixels"], dtype=torch.float32) / 255).to(dtype)
    labels = torch.tensor(inputs["labels"], dtype=torch.int64)
    loss_of = torch.nn.CrossEntropyLoss(
        weight=None if weight is None else torch.tensor(weight, dtype=dtype), label_smoothing=smoothing, reduction="sum")
    result, losses, norms = {}, [], []
    for step in range(STEPS):
        stepper.zero_grad()
        hidden = torch.relu(x @ parameters["W1"] + parameters["b1"])
        loss = loss_of(hidden @ parameters["W2"] + parameters["b2"], labels) / BATCH
        penalty = l2 / 2 * sum((matrix ** 2).sum() for matrix in matrices)
        losses.append([loss.item(), (loss + penalty).item()])
        loss.backward()
        if step == 0:
            for name, value in parameters.items():
                decay = l2 if value.dim() == 2 else 0.0
                result[name + ".grad0"] = (value.grad + decay * value).detach().numpy().copy()
        if clip is not None:
            norms.append(torch.nn.utils.clip_grad_norm_(parameters.values(), clip).item())
        stepper.step()
    result["loss"] = numpy.array(losses, dtype=numpy.float64 if dtype == torch.float64 else numpy.float32)
    for name, value in parameters.items():
        result[name + ".final"] = value.detach().numpy()
    return result, norms


def main():
    for seed, (name, case) in enumerate(CASES.items()):
        random = numpy.random.RandomState(2100 + seed)
        inputs = {
            "pixels": (random.randint(1, 256, (BATCH, WIDTHS[0])) * (random.rand(BATCH, WIDTHS[0]) < 0.6)).astype(numpy.uint8),
            "labels": random.randint(0, WIDTHS[-1], BATCH).astype(numpy.uint8),
        }
        initial = {}
        for layer, (fan_in, units) in enumerate(zip(WIDTHS, WIDTHS[1:]), 1):
            initial[f"W{layer}"] = random.normal(0, (2 / fan_in) ** 0.5, (fan_in, units)).astype(numpy.float32)
            initial[f"b{layer}"] = random.normal(0, 0.1, units).astype(numpy.float32)
        arrays = dict(inputs, **{key + ".init": value for key, value in initial.items()})
        for suffix, dtype in (("f64", torch.float64), ("f32", torch.float32)):
            result, norms = train(inputs, initial, dtype, **case)
            arrays.update({f"{key}.{suffix}": value for key, value in result.items()})
        numpy.savez_compressed(pathlib.Path(__file__).with_name(name + ".npz"), **arrays)
        print(name, "losses", arrays["loss.f64"][:, 0].round(4), "norms", numpy.round(norms, 3))


if __name__ == "__main__":
    main()
