"""One timed piece of work in PyTorch: MODEL BATCH train|predict THREADS SECONDS [WAY] -> {"ms": median, "way": ...}.

WAY is eager, channels_last or jit (scripted; for predictions also frozen and optimized). Without it all three are tried for a
moment and the fastest is measured.
"""
import json
import sys
import time

import torch
from torch import nn

name, batch, mode, threads, seconds = sys.argv[1], int(sys.argv[2]), sys.argv[3], int(sys.argv[4]), float(sys.argv[5])
torch.set_num_threads(threads)
torch.manual_seed(1)


class Residual(nn.Module):
    """What handgrad's Residual does; the ReLU behind it is the caller's."""

    def __init__(self, channels, out, stride):
        super().__init__()
        self.body = nn.Sequential(
            *[nn.Conv2d(channels, out, 3, stride, 1, bias=False), nn.BatchNorm2d(out), nn.ReLU()],
            *[nn.Conv2d(out, out, 3, 1, 1, bias=False), nn.BatchNorm2d(out)],
        )
        same = channels == out and stride == 1
        side = [nn.Conv2d(channels, out, 1, stride, bias=False), nn.BatchNorm2d(out)]
        self.shortcut = nn.Identity() if same else nn.Sequential(*side)

    def forward(self, x):
        return self.body(x) + self.shortcut(x)


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
    if kind == "resnet18":
        layers = [nn.Conv2d(3, 32, 3, 1, 1, bias=False), nn.BatchNorm2d(32), nn.ReLU()]
        channels = 32
        for out, first in ((32, 1), (64, 2), (128, 2), (256, 2)):
            for stride in (first, 1):
                layers += [Residual(channels, out, stride), nn.ReLU()]
                channels = out
        return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(256, 10)), (3, 32, 32)
    head = [nn.Conv2d(64, 128, 3, padding=1), nn.ReLU(), nn.Conv2d(128, 128, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]
    return nn.Sequential(*head, nn.Flatten(), nn.Linear(8192, 10)), (64, 16, 16)


if mode == "export":
    model, shape = network(name)
    axes = {"x": {0: "n"}, "y": {0: "n"}}
    example = torch.zeros(1, *shape)
    torch.onnx.export(model.eval(), example, sys.argv[6], input_names=["x"], output_names=["y"], dynamic_axes=axes, opset_version=13)
    sys.exit(0)


def make(way):
    """A function that does the work once."""
    if name == "matmul":
        left, right = torch.rand(512, 512), torch.rand(512, 512)
        return lambda: torch.mm(left, right)
    model, shape = network(name)
    model.train(mode == "train")
    x, y = torch.randn(batch, *shape), torch.arange(batch) % 10
    if way == "channels_last":
        model, x = model.to(memory_format=torch.channels_last), x.contiguous(memory_format=torch.channels_last)
    if way == "jit":
        model = torch.jit.script(model)
        if mode == "predict":
            model = torch.jit.optimize_for_inference(torch.jit.freeze(model))

    if mode == "train":
        optimizer, loss = torch.optim.Adam(model.parameters(), lr=1e-3), nn.CrossEntropyLoss()

        def train():
            optimizer.zero_grad()
            loss(model(x), y).backward()
            optimizer.step()

        return train

    def predict():
        with torch.no_grad():
            model(x)

    return predict


def warm_up(call):
    end = time.perf_counter() + 1.5
    for i in range(5):
        if i >= 2 and time.perf_counter() > end:
            break
        call()


def times_of(call, seconds, least):
    times = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(times) < least:
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return sorted(times)


ways = sys.argv[6:7] or (["eager"] if name == "matmul" else ["eager", "channels_last", "jit"])
tried = {}
for way in ways:
    call = make(way)
    warm_up(call)
    tried[way] = (times_of(call, 0.2, 2)[0] if len(ways) > 1 else 0, call)
best = min(tried, key=lambda way: tried[way][0])
times = times_of(tried[best][1], seconds, 3)
version = f"PyTorch {torch.__version__}"
print(json.dumps({"ms": times[len(times) // 2] * 1e3, "version": version, "way": best}))
