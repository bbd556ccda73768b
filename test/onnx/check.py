"""ONNX's own checker (full check) and strict shape inference on every .onnx file of a folder. Last line: N passed, N failed.

/usr/bin/python3 test/onnx/check.py FOLDER, with Debian's python3-onnx."""
import pathlib
import sys

import onnx

passed = failed = 0
for path in sorted(pathlib.Path(sys.argv[1]).glob("*.onnx")):
    try:
        model = onnx.load(path)
        onnx.checker.check_model(model, full_check=True)
        onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True, data_prop=True)
        assert model.ir_version == 8 and model.opset_import[0].version == 17
        assert model.graph.input[0].type.tensor_type.shape.dim[0].dim_param == "N"
        assert all(node.name for node in model.graph.node)
        names = [node.name for node in model.graph.node]
        assert len(set(names)) == len(names), "node names twice"
        passed += 1
    except Exception as error:  # each file counts, whatever is wrong with it
        failed += 1
        print(f"FAIL {path.name}: {error}")
print(f"{passed} passed, {failed} failed (onnx {onnx.__version__})")
sys.exit(failed > 0 or passed == 0)
