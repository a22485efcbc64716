"""Plain stochastic gradient descent, to count epochs: softmax regression, or one hidden layer before it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

BATCH = 32
HIDDEN = 16


@dataclass(slots=True)
class Net:
    """Weights, with the last row of each layer as its bias; no hidden layer makes it softmax regression."""

    layers: list[np.ndarray]

    @classmethod
    def drawn(cls, inputs: int, classes: int, *, hidden: bool, rng: np.random.Generator) -> Net:
        """Weights after He et al. (2015): normal, variance 2 over the inputs; biases 0."""
        widths = [inputs, HIDDEN, classes] if hidden else [inputs, classes]
        drawn = [rng.normal(0, np.sqrt(2 / n), (n + 1, m)) for n, m in pairwise(widths)]
        for layer in drawn:
            layer[-1] = 0
        return cls(drawn)

    def forward(self, x: np.ndarray) -> tuple[list[np.ndarray], np.ndarray]:
        """The inputs of each layer and the probabilities."""
        seen = [x]
        for layer in self.layers[:-1]:
            seen.append(np.maximum(seen[-1] @ layer[:-1] + layer[-1], 0))
        scores = seen[-1] @ self.layers[-1][:-1] + self.layers[-1][-1]
        powers = np.exp(scores - scores.max(axis=1, keepdims=True))
        return seen, powers / powers.sum(axis=1, keepdims=True)

    def step(self, x: np.ndarray, y: np.ndarray, rate: float) -> None:
        """One step down the mean cross-entropy of a batch; `y` holds a 1 per row."""
        seen, shares = self.forward(x)
        error = (shares - y) / len(x)
        for layer, given in zip(reversed(self.layers), reversed(seen), strict=True):
            back = (error @ layer[:-1].T) * (given > 0)
            layer[:-1] -= rate * given.T @ error
            layer[-1] -= rate * error.sum(axis=0)
            error = back


def losses(x: np.ndarray, y: np.ndarray, rate: float, *, hidden: bool, seed: int, epochs: int) -> np.ndarray:
    """The training loss after each epoch, in nats a row; infinite from where it diverges."""
    rng = np.random.default_rng(seed)
    wanted = np.eye(int(y.max()) + 1)[y]
    net = Net.drawn(x.shape[1], wanted.shape[1], hidden=hidden, rng=rng)
    curve = np.full(epochs, np.inf)
    with np.errstate(all="ignore"):
        for epoch in range(epochs):
            order = rng.permutation(len(x))
            for i in range(0, len(x), BATCH):
                chosen = order[i : i + BATCH]
                net.step(x[chosen], wanted[chosen], rate)
            loss = -np.log(np.maximum(net.forward(x)[1][wanted > 0], 1e-300)).mean()
            if not np.isfinite(loss):
                break
            curve[epoch] = loss
    return curve
