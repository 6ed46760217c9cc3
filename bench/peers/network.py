"""
Model and training step, as quick as we could make them in eager PyTorch. What was tried is in docs/performance.md.
The mathematics is Lockstep's: He weights (Xavier in the last layer), ReLU, inverted dropout, mean cross-entropy, L2 on weights only, SGD with momentum.
"""

import torch
import torch.nn.functional as F


class Network(torch.nn.Module):
    def __init__(self, widths, keep):
        super().__init__()
        self.layers = torch.nn.ModuleList(torch.nn.Linear(i, o) for i, o in zip(widths, widths[1:]))
        self.keep = keep
        for layer in self.layers:
            torch.nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            torch.nn.init.zeros_(layer.bias)
        torch.nn.init.xavier_normal_(self.layers[-1].weight)

    def forward(self, x):
        for layer in self.layers[:-1]:
            x = F.relu(layer(x), inplace=True)
            if self.training and self.keep < 1.0:
                x = F.dropout(x, 1.0 - self.keep, training=True)
        return self.layers[-1](x)


def lenet():
    """LeNet-5 with ReLU and maximum pooling, on rows of 784 pixels."""
    return torch.nn.Sequential(
        torch.nn.Unflatten(1, (1, 28, 28)),
        torch.nn.Conv2d(1, 6, 5, padding=2), torch.nn.ReLU(inplace=True), torch.nn.MaxPool2d(2),
        torch.nn.Conv2d(6, 16, 5), torch.nn.ReLU(inplace=True), torch.nn.MaxPool2d(2), torch.nn.Flatten(),
        torch.nn.Linear(400, 120), torch.nn.ReLU(inplace=True), torch.nn.Linear(120, 84), torch.nn.ReLU(inplace=True),
        torch.nn.Linear(84, 10))


def optimizer(network, rate, momentum, l2):
    """L2 of lambda/2 * |w|^2 has the gradient lambda * w: what PyTorch calls weight decay."""
    weights = [p for p in network.parameters() if p.ndim > 1]
    biases = [p for p in network.parameters() if p.ndim == 1]
    return torch.optim.SGD([{"params": weights, "weight_decay": l2}, {"params": biases}], lr=rate, momentum=momentum)


def table(features, rows=51_200):
    """Floats in -1..1; the class is the sign of the sum of the first ten."""
    values = torch.rand(rows, features, generator=torch.Generator().manual_seed(1)) * 2 - 1
    return values, (values[:, :10].sum(1) > 0).to(torch.int64)


class Batches:
    """
    Every example once an epoch, in an order drawn anew, copied into buffers that are used again: no DataLoader, no allocation.
    With several ranks each takes its slice of every batch; all draw the same order.
    """

    def __init__(self, images, labels, batch, seed, rank=0, ranks=1):
        self.images, self.labels, self.batch = images, labels, batch
        self.first, self.rows = batch * rank // ranks, batch * (rank + 1) // ranks - batch * rank // ranks
        self.x = torch.empty(self.rows, images.shape[1])
        self.y = torch.empty(self.rows, dtype=torch.int64)
        self.random = torch.Generator().manual_seed(seed)
        self.next = len(images)

    def __len__(self):
        return len(self.images) // self.batch

    def take(self):
        if self.next + self.batch > len(self.images):
            self.order = torch.randperm(len(self.images), generator=self.random)
            self.next = 0
        chosen = self.order[self.next + self.first:self.next + self.first + self.rows]
        self.next += self.batch
        torch.index_select(self.images, 0, chosen, out=self.x)
        torch.index_select(self.labels, 0, chosen, out=self.y)
        return self.x, self.y


def step(network, sgd, x, y):
    sgd.zero_grad(set_to_none=True)
    loss = F.cross_entropy(network(x), y)
    loss.backward()
    sgd.step()
    return loss


@torch.no_grad()
def accuracy(network, images, labels, chunk):
    network.eval()
    correct = sum(
        int((network(images[i:i + chunk]).argmax(1) == labels[i:i + chunk]).sum()) for i in range(0, len(images), chunk))
    network.train()
    return correct / len(images)
