"""Makes normalization-10x9x3.npz with PyTorch 1.13 and NumPy: see README.md."""
import numpy as np
import torch
from torch import nn

BATCH, STEPS, RATE, MOMENTUM, L2 = 20, 5, 0.1, 0.9, 1e-3


def network(dtype):
    torch.manual_seed(1)
    return nn.Sequential(
        nn.Conv2d(3, 5, 3, padding=1), nn.BatchNorm2d(5), nn.SiLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(100, 9), nn.BatchNorm1d(9), nn.SiLU(), nn.Linear(9, 7), nn.LayerNorm(7), nn.GELU(), nn.Linear(7, 4)).to(dtype)


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
    weights = [layer.weight for layer in layers if layer.weight.ndim > 1]
    rest = [layer.weight for layer in layers if layer.weight.ndim == 1] + [layer.bias for layer in layers]
    optimizer = torch.optim.SGD([{"params": weights, "weight_decay": L2}, {"params": rest}], lr=RATE, momentum=MOMENTUM)
    losses = []
    for step in range(STEPS):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        penalty = L2 / 2 * sum((weight ** 2).sum() for weight in weights)
        losses.append([loss.item(), (loss + penalty).item()])
        loss.backward()
        for i, layer in enumerate(layers, 1):
            if step == 0:
                if name == "f32":
                    out[f"W{i}.init"] = canonical(layer.weight)
                    out[f"b{i}.init"] = canonical(layer.bias)
                decay = L2 * layer.weight if layer.weight.ndim > 1 else 0
                out[f"W{i}.grad0.{name}"] = canonical(layer.weight.grad + decay)
                out[f"b{i}.grad0.{name}"] = canonical(layer.bias.grad)
        optimizer.step()
    out[f"loss.{name}"] = np.array(losses)
    for i, layer in enumerate(layers, 1):
        out[f"W{i}.final.{name}"] = canonical(layer.weight)
        out[f"b{i}.final.{name}"] = canonical(layer.bias)
        if hasattr(layer, "running_mean"):
            out[f"M{i}.final.{name}"] = canonical(layer.running_mean)
            out[f"V{i}.final.{name}"] = canonical(layer.running_var)
    out[f"logits.{name}"] = model.eval()(x).detach().numpy()
np.savez_compressed("normalization-10x9x3.npz", **{key: np.ascontiguousarray(value).copy() for key, value in out.items()})
