"""Makes the golden files of this folder; see README.md. Needs NumPy and PyTorch."""

import os

import numpy
import torch

here = os.path.dirname(os.path.abspath(__file__))


def path(name):
    return os.path.join(here, name)


numbers = numpy.arange(12, dtype="<f4").reshape(3, 4) / 8 - 0.5
arrays = {
    "layer0/weights": numbers,
    "layer0/biases": numpy.array([1, -2, 3.5, 0], dtype="<f4"),
    "fortran": numpy.asfortranarray(numbers),
    "cube": numpy.asfortranarray(numpy.arange(24, dtype="<f4").reshape(2, 3, 4)),
    "half": numpy.array([1.5, -65504, 6e-8, numpy.inf], dtype="<f2"),
    "double": numpy.array([0.1, -1e-50, 3.4028234663852886e38], dtype="<f8"),
    "scalar": numpy.array(0.25, dtype="<f4"),
}
numpy.savez(path("numpy-savez.npz"), **arrays)
numpy.savez_compressed(path("numpy-savez-compressed.npz"), **arrays)

torch.manual_seed(11)
model = torch.nn.Sequential(torch.nn.Linear(784, 6), torch.nn.ReLU(), torch.nn.Dropout(0.2), torch.nn.Linear(6, 10))
model.eval()
numpy.savez(path("torch-state-dict.npz"), **{name: tensor.numpy() for name, tensor in model.state_dict().items()})
pixels = torch.randint(0, 256, (5, 784)) * (torch.rand(5, 784) < 0.2)
with torch.no_grad():
    logits = model(pixels.float() / 255)
numpy.savez_compressed(path("torch-logits.npz"), pixels=pixels.float().numpy(), logits=logits.numpy())
