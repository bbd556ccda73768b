"""PyTorch's and NumPy's side of test/parity/roundtrip.ts.

    /usr/bin/python3 test/parity/torch_weights.py DIR

DIR holds, for each of the lessons' networks, what handgrad wrote: <model>.safetensors, <model>.npz (the same weights,
packed), <model>.x.npy (an input) and <model>.y.npy (its answers). They are loaded into the same networks in PyTorch, by
their names. Then other weights go the other way: <model>.<format>.safetensors, each with PyTorch's answers to the same
input, <model>.<format>.y.npy. The last line is JSON: for each model how far handgrad's answers are from PyTorch's float64
answers, and how far PyTorch's own float32 answers are.
"""

import copy
import json
import pathlib
import sys

import numpy as np
import torch

folder = pathlib.Path(sys.argv[1])
sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "fixtures"))

import safetensors_file  # noqa: E402
from make_training import MODELS  # noqa: E402

FORMATS = {"F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16, "F64": torch.float64}


def answers(model, state, x, dtype):
    network = copy.deepcopy(model).to(dtype).eval()
    missing = network.load_state_dict({name: tensor.to(torch.float32).to(dtype) for name, tensor in state.items()})
    assert not missing.missing_keys and not missing.unexpected_keys
    with torch.no_grad():
        return network(x.to(dtype)).double().numpy()


def describe(exact, single, ours):
    """How far our answers and PyTorch's float32 answers are from PyTorch's float64 answers."""
    distances = {"handgrad": np.abs(ours - exact), "torch": np.abs(single - exact), "largest": np.abs(exact)}
    return {key: float(distance.max()) for key, distance in distances.items()}


figures = {}
for number, (name, (make, *_)) in enumerate(MODELS.items()):
    torch.manual_seed(100 + number)
    model = make()
    state, metadata = safetensors_file.load((folder / f"{name}.safetensors").read_bytes())
    assert metadata == {"format": "pt"}
    assert list(state) == list(model.state_dict()), "the names differ"
    with np.load(folder / f"{name}.npz") as archive:
        assert sorted(archive.files) == sorted(state)
        for key in state:
            assert archive[key].dtype == np.float32
            assert archive[key].tobytes() == state[key].numpy().tobytes(), f"{key} differs in .npz"
    x = torch.from_numpy(np.load(folder / f"{name}.x.npy"))
    ours = np.load(folder / f"{name}.y.npy")
    exact, single = (answers(model, state, x, dtype) for dtype in (torch.float64, torch.float32))
    figures[name] = describe(exact, single, ours)
    for key, dtype in FORMATS.items():
        state = {entry: tensor.to(dtype) for entry, tensor in model.state_dict().items()}
        (folder / f"{name}.{key}.safetensors").write_bytes(safetensors_file.save(state, {"format": "pt"}))
        np.savez_compressed(folder / f"{name}.{key}.npz", **{n: t.to(torch.float64).numpy() for n, t in state.items()})
        exact, single = (answers(model, state, x, dtype) for dtype in (torch.float64, torch.float32))
        figures[f"{name}.{key}"] = describe(exact, single, exact)
        np.save(folder / f"{name}.{key}.y.npy", exact)
print(json.dumps({"versions": f"torch {torch.__version__}, NumPy {np.__version__}", "figures": figures}))
