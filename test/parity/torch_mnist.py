"""Trains the same MNIST network in PyTorch, once for each seed, and prints the test accuracy after each run.

/usr/bin/python3 test/parity/torch_mnist.py DIR EPOCHS SEED [SEED ...]   (IDX files in DIR; batch 64, Adam 1e-3)
"""
import json
import os
import struct
import sys

import numpy
import torch
from torch import nn

folder, epochs, seeds = sys.argv[1], int(sys.argv[2]), [int(seed) for seed in sys.argv[3:]]


def read(name):
    raw = open(os.path.join(folder, name), "rb").read()
    axes = raw[3]
    shape = struct.unpack(f">{axes}I", raw[4 : 4 + 4 * axes])
    return torch.from_numpy(numpy.frombuffer(raw, numpy.uint8, offset=4 + 4 * axes).reshape(shape).copy())


images = read("train-images-idx3-ubyte")[:, None].float() / 255
labels = read("train-labels-idx1-ubyte").long()
test_images = read("t10k-images-idx3-ubyte")[:, None].float() / 255
test_labels = read("t10k-labels-idx1-ubyte").long()

results = {}
for seed in seeds:
    torch.manual_seed(seed)
    model = nn.Sequential(
        *[nn.Conv2d(1, 16, 3), nn.ReLU(), nn.MaxPool2d(2, 2, 1), nn.Conv2d(16, 32, 3), nn.ReLU(), nn.MaxPool2d(2, 2, 1)],
        *[nn.Flatten(), nn.Linear(1568, 32), nn.ReLU(), nn.Dropout(0.3), nn.Linear(32, 10)],
    )
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    loss = nn.CrossEntropyLoss()
    for epoch in range(epochs):
        model.train()
        for rows in torch.randperm(len(images)).split(64):
            optimizer.zero_grad()
            loss(model(images[rows]), labels[rows]).backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        right = sum((model(x).argmax(1) == y).sum().item() for x, y in zip(test_images.split(500), test_labels.split(500)))
    results[seed] = right / len(test_labels)
    print(json.dumps({"peer": f"torch {torch.__version__}", "seed": seed, "accuracy": results[seed]}), flush=True)
print(json.dumps({"mean": sum(results.values()) / len(results)}))
