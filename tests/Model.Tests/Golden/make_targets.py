#!/usr/bin/env python3
"""Makes regression-20-12-8.npz with PyTorch: see README.md.

    python3 make_targets.py

Needs numpy and torch.
"""
import pathlib

import numpy
import torch

BATCH, STEPS, WIDTHS, RATE, MOMENTUM, L2 = 32, 12, (20, 12, 8), 0.05, 0.9, 1e-3


def train(inputs, initial, dtype):
    parameters = {name: torch.tensor(value, dtype=dtype, requires_grad=True) for name, value in initial.items()}
    matrices = [value for value in parameters.values() if value.dim() == 2]
    biases = [value for value in parameters.values() if value.dim() == 1]
    stepper = torch.optim.SGD(
        [{"params": matrices, "weight_decay": L2}, {"params": biases, "weight_decay": 0.0}], lr=RATE, momentum=MOMENTUM)
    x, y = (torch.tensor(inputs[name], dtype=dtype) for name in ("features", "targets"))
    loss_of = torch.nn.MSELoss()
    result, losses = {}, []
    for step in range(STEPS):
        stepper.zero_grad()
        hidden = torch.nn.functional.leaky_relu(x @ parameters["W1"] + parameters["b1"], 0.01)
        loss = loss_of(hidden @ parameters["W2"] + parameters["b2"], y)
        penalty = L2 / 2 * sum((matrix ** 2).sum() for matrix in matrices)
        losses.append([loss.item(), (loss + penalty).item()])
        loss.backward()
        if step == 0:
            for name, value in parameters.items():
                decay = L2 if value.dim() == 2 else 0.0
                result[name + ".grad0"] = (value.grad + decay * value).detach().numpy().copy()
        stepper.step()
    result["loss"] = numpy.array(losses, dtype=numpy.float64 if dtype == torch.float64 else numpy.float32)
    for name, value in parameters.items():
        result[name + ".final"] = value.detach().numpy()
    return result


def main():
    random = numpy.random.RandomState(2201)
    inputs = {
        "features": random.normal(0, 1, (BATCH, WIDTHS[0])).astype(numpy.float32),
        "targets": random.normal(2, 1, (BATCH, WIDTHS[-1])).astype(numpy.float32),
    }
    initial = {}
    for layer, (fan_in, units) in enumerate(zip(WIDTHS, WIDTHS[1:]), 1):
        initial[f"W{layer}"] = random.normal(0, (2 / fan_in) ** 0.5, (fan_in, units)).astype(numpy.float32)
        initial[f"b{layer}"] = random.normal(0, 0.1, units).astype(numpy.float32)
    arrays = dict(inputs, **{key + ".init": value for key, value in initial.items()})
    for suffix, dtype in (("f64", torch.float64), ("f32", torch.float32)):
        arrays.update({f"{key}.{suffix}": value for key, value in train(inputs, initial, dtype).items()})
    path = pathlib.Path(__file__).with_name("regression-20-12-8.npz")
    numpy.savez_compressed(path, **arrays)
    print(path.name, "losses", arrays["loss.f64"][:, 0].round(4))


if __name__ == "__main__":
    main()
