"""One timed piece of work in PyTorch: MODEL BATCH train|predict THREADS SECONDS -> {"ms": median}."""
import json
import sys
import time

import torch
from torch import nn

name, batch, mode, threads, seconds = sys.argv[1], int(sys.argv[2]), sys.argv[3], int(sys.argv[4]), float(sys.argv[5])
torch.set_num_threads(threads)
torch.manual_seed(1)


def network(kind):
    if kind == "seed3":
        head = [nn.Conv2d(1, 16, 3), nn.ReLU(), nn.MaxPool2d(2, 2, 1), nn.Conv2d(16, 32, 3), nn.ReLU(), nn.MaxPool2d(2, 2, 1)]
        return nn.Sequential(*head, nn.Flatten(), nn.Linear(1568, 32), nn.ReLU(), nn.Dropout(0.3), nn.Linear(32, 10)), (1, 28, 28)
    if kind == "seed2":
        head = [nn.Conv2d(1, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Dropout2d(0.5)]
        head += [nn.Conv2d(32, 64, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Dropout2d(0.5)]
        return nn.Sequential(*head, nn.Flatten(), nn.Linear(3136, 32), nn.ReLU(), nn.Linear(32, 10)), (1, 28, 28)
    if kind == "seed0":
        head = [nn.Conv2d(3, 64, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(64, 128, 5), nn.ReLU(), nn.MaxPool2d(2)]
        return nn.Sequential(*head, nn.Flatten(), nn.Linear(3200, 10)), (3, 32, 32)
    head = [nn.Conv2d(64, 128, 3, padding=1), nn.ReLU(), nn.Conv2d(128, 128, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]
    return nn.Sequential(*head, nn.Flatten(), nn.Linear(8192, 10)), (64, 16, 16)


if mode == "export":
    model, shape = network(name)
    axes = {"x": {0: "n"}, "y": {0: "n"}}
    example = torch.zeros(1, *shape)
    torch.onnx.export(model.eval(), example, sys.argv[6], input_names=["x"], output_names=["y"], dynamic_axes=axes, opset_version=13)
    sys.exit(0)

if name == "matmul":
    left, right = torch.rand(512, 512), torch.rand(512, 512)

    def call():
        torch.mm(left, right)

else:
    model, shape = network(name)
    x, y = torch.randn(batch, *shape), torch.arange(batch) % 10
    optimizer, loss = torch.optim.Adam(model.parameters(), lr=1e-3), nn.CrossEntropyLoss()

    def train():
        optimizer.zero_grad()
        loss(model(x), y).backward()
        optimizer.step()

    def predict():
        with torch.no_grad():
            model(x)

    model.train(mode == "train")
    call = train if mode == "train" else predict

for _ in range(5):
    call()
times = []
end = time.perf_counter() + seconds
while time.perf_counter() < end or len(times) < 7:
    start = time.perf_counter()
    call()
    times.append(time.perf_counter() - start)
times.sort()
print(json.dumps({"ms": times[len(times) // 2] * 1e3, "version": "PyTorch " + torch.__version__}))
