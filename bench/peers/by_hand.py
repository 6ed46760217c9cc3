"""
The training step of a network with one hidden layer, its backward pass written out: without autograd's bookkeeping and with every
operation in place that can be. Quicker than autograd on one thread; DDP cannot have it, since it hooks into autograd.
"""

import torch


class Training:
    def __init__(self, widths, keep, rate, momentum, l2):
        if len(widths) != 3:
            raise SystemExit(f"{widths}: only one hidden layer is written out.")
        self.keep, self.rate, self.momentum, self.l2 = keep, rate, momentum, l2
        self.parameters = []
        for inputs, outputs in zip(widths, widths[1:]):
            self.parameters += [torch.randn(inputs, outputs) * (2.0 / inputs) ** 0.5, torch.zeros(outputs)]
        self.velocities = [torch.zeros_like(p) for p in self.parameters]

    @torch.no_grad()
    def step(self, x, y):
        w1, b1, w2, b2 = self.parameters
        a = torch.addmm(b1, x, w1).relu_()
        mask = torch.empty_like(a).bernoulli_(self.keep).div_(self.keep)
        a.mul_(mask)
        log_p = torch.log_softmax(torch.addmm(b2, a, w2), 1)
        rows = torch.arange(len(y))
        loss = -log_p[rows, y].mean()
        d2 = log_p.exp_()
        d2[rows, y] -= 1.0
        d2.div_(len(y))
        # The mask is zero where a unit was dropped; where ReLU cut, the activation is.
        d1 = torch.mm(d2, w2.t()).mul_(mask).mul_(a > 0)
        gradients = torch.mm(x.t(), d1), d1.sum(0), torch.mm(a.t(), d2), d2.sum(0)
        for p, g, v in zip(self.parameters, gradients, self.velocities):
            if p.ndim > 1:
                g.add_(p, alpha=self.l2)
            p.sub_(v.mul_(self.momentum).add_(g), alpha=self.rate)
        return loss
