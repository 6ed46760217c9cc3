"""Makes convolution-10x9x3.npz with PyTorch 1.13 and NumPy: see README.md."""
import numpy as np
import torch
from torch import nn

BATCH, STEPS, RATE, MOMENTUM, L2 = 20, 5, 0.1, 0.9, 1e-3


def network(dtype):
    torch.manual_seed(1)
    return nn.Sequential(
        nn.Conv2d(3, 5, 3, padding=1), nn.LeakyReLU(0.01), nn.MaxPool2d(2),
        nn.Conv2d(5, 6, 3, stride=2, padding=1), nn.LeakyReLU(0.01), nn.AvgPool2d(2, stride=1), nn.Flatten(),
        nn.Linear(12, 7), nn.LeakyReLU(0.01), nn.Linear(7, 4)).to(dtype)


def canonical(tensor):
    """[out, in, row, column] becomes [in, row, column, out]; [out, in] becomes [in, out]."""
    array = tensor.detach().numpy().copy()
    return np.moveaxis(array, 0, -1) if array.ndim > 1 else array


random = np.random.default_rng(5)
pixels = random.integers(0, 256, (BATCH, 10, 9, 3), dtype=np.uint8)
pixels[random.random(pixels.shape) < 0.4] = 0
labels = random.integers(0, 4, BATCH, dtype=np.uint8)
out = {"pixels": pixels.reshape(BATCH, -1), "labels": labels}
for name, dtype in (("f64", torch.float64), ("f32", torch.float32)):
    model = network(torch.float32).to(dtype)
    layers = [layer for layer in model if hasattr(layer, "weight")]
    x = torch.tensor(pixels.astype(np.float32) / np.float32(255)).to(dtype).permute(0, 3, 1, 2)
    y = torch.tensor(labels.astype(np.int64))
    optimizer = torch.optim.SGD([
        {"params": [layer.weight for layer in layers], "weight_decay": L2},
        {"params": [layer.bias for layer in layers]}], lr=RATE, momentum=MOMENTUM)
    losses = []
    for step in range(STEPS):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        penalty = L2 / 2 * sum((layer.weight ** 2).sum() for layer in layers)
        losses.append([loss.item(), (loss + penalty).item()])
        loss.backward()
        for i, layer in enumerate(layers, 1):
            if step == 0:
                if name == "f32":
                    out[f"W{i}.init"] = canonical(layer.weight)
                    out[f"b{i}.init"] = canonical(layer.bias)
                out[f"W{i}.grad0.{name}"] = canonical(layer.weight.grad + L2 * layer.weight)
                out[f"b{i}.grad0.{name}"] = canonical(layer.bias.grad)
        optimizer.step()
    out[f"loss.{name}"] = np.array(losses)
    for i, layer in enumerate(layers, 1):
        out[f"W{i}.final.{name}"] = canonical(layer.weight)
        out[f"b{i}.final.{name}"] = canonical(layer.bias)
np.savez_compressed("convolution-10x9x3.npz", **{key: np.ascontiguousarray(value).copy() for key, value in out.items()})
