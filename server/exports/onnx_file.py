"""ONNX, written node by node. Needs the packages onnx and onnxruntime, not TensorFlow.

ONNX has its channels first: the picture is turned round at the beginning, and again where an image
becomes a row of numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..learning.errors import InputError
from ..learning.neighbours import TINY
from .graph import Graph, Node, Shape, same_padding, shapes
from .snippets import predict_py, write_archive
from .tf_graph import vote_tables
from .verify import FLOAT, require
from .work import Work

#: The oldest with all that is used here; the newer the fewer programs read it.
OPSET = 13
#: Of the file's own layout: what onnxruntime has read since 2021.
IR_VERSION = 8


class _Writer:
    """Collects the nodes and constants of one file."""

    def __init__(self, graph: Graph):
        self.shapes = shapes(graph)
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def constant(self, name: str, values: Any, kind: Any = np.float32) -> str:
        from onnx import numpy_helper

        array = np.ascontiguousarray(values, kind)
        self.constants.append(numpy_helper.from_array(array, name))
        return name

    def op(self, kind: str, inputs: Sequence[str], output: str, **attributes: Any) -> str:
        from onnx import helper

        self.nodes.append(helper.make_node(kind, list(inputs), [output], output, **attributes))
        return output

    def shape(self, name: str) -> Shape:
        return self.shapes[name]

    def per_channel(self, name: str, values: np.ndarray, rank: int) -> str:
        """Stores numbers of channels so that they spread over a picture or a row."""
        return self.constant(name, values.reshape(-1, 1, 1) if rank == 3 else values)


def _pads(node: Node, shape: Shape, window: Sequence[int]) -> list[int]:
    if node.options["padding"] == "valid":
        return [0, 0, 0, 0]
    strides, dilation = node.options["strides"], node.options.get("dilation", (1, 1))
    (top, bottom), (left, right) = (
        same_padding(*values) for values in zip(shape, window, strides, dilation, strict=False)
    )
    return [top, left, bottom, right]


def _conv(w: _Writer, node: Node) -> None:
    kernel = node.weights["kernel"]
    height, width, channels, last = kernel.shape
    group = 1
    if node.kind == "DepthwiseConv2D":
        group = channels
        kernel = kernel.reshape(height, width, 1, channels * last)
    (source,) = node.inputs
    w.op(
        "Conv",
        [
            source,
            w.constant(f"{node.name}/kernel", kernel.transpose(3, 2, 0, 1)),
            w.constant(f"{node.name}/bias", node.weights["bias"]),
        ],
        node.name,
        kernel_shape=[height, width],
        strides=list(node.options["strides"]),
        dilations=list(node.options["dilation"]),
        pads=_pads(node, w.shape(source), (height, width)),
        group=group,
    )


def _dense(w: _Writer, node: Node) -> None:
    kernel = w.constant(f"{node.name}/kernel", node.weights["kernel"])
    bias = w.constant(f"{node.name}/bias", node.weights["bias"])
    w.op("Gemm", [node.inputs[0], kernel, bias], node.name)


def _affine(w: _Writer, node: Node) -> None:
    rank = len(w.shape(node.name))
    scale = w.per_channel(f"{node.name}/scale", node.weights["scale"], rank)
    shift = w.per_channel(f"{node.name}/shift", node.weights["shift"], rank)
    scaled = w.op("Mul", [node.inputs[0], scale], f"{node.name}/scaled")
    w.op("Add", [scaled, shift], node.name)


def _activation(w: _Writer, node: Node) -> None:
    function, (source,) = node.options["function"], node.inputs
    if function == "relu6":
        low, high = w.constant(f"{node.name}/0", 0), w.constant(f"{node.name}/6", 6)
        w.op("Clip", [source, low, high], node.name)
        return
    kinds = {"relu": "Relu", "sigmoid": "Sigmoid", "tanh": "Tanh", "elu": "Elu"}
    if function == "softmax":
        axis = 1 if len(w.shape(node.name)) == 3 else -1
        w.op("Softmax", [source], node.name, axis=axis)
        return
    w.op(kinds[function], [source], node.name)


def _chain(kind: str) -> Callable[[_Writer, Node], None]:
    def write(w: _Writer, node: Node) -> None:
        result = node.inputs[0]
        for i, other in enumerate(node.inputs[1:], 2):
            last = i == len(node.inputs)
            result = w.op(kind, [result, other], node.name if last else f"{node.name}/{i}")

    return write


def _pool(w: _Writer, node: Node) -> None:
    (source,) = node.inputs
    average = {"count_include_pad": 0} if node.kind == "AveragePooling2D" else {}
    w.op(
        "AveragePool" if average else "MaxPool",
        [source],
        node.name,
        kernel_shape=list(node.options["pool"]),
        strides=list(node.options["strides"]),
        pads=_pads(node, w.shape(source), node.options["pool"]),
        **average,
    )


def _global(w: _Writer, node: Node) -> None:
    kind = "GlobalMaxPool" if node.kind == "GlobalMaxPooling2D" else "GlobalAveragePool"
    if node.options["keepdims"]:
        w.op(kind, node.inputs, node.name)
        return
    pooled = w.op(kind, node.inputs, f"{node.name}/pooled")
    w.op("Flatten", [pooled], node.name, axis=1)


def _pad(w: _Writer, node: Node) -> None:
    (top, bottom), (left, right) = node.options["padding"]
    pads = w.constant(f"{node.name}/pads", [0, 0, top, left, 0, 0, bottom, right], np.int64)
    w.op("Pad", [node.inputs[0], pads], node.name)


def _reshape(w: _Writer, node: Node) -> None:
    """Of pictures with the channels last, as the numbers are counted everywhere else."""
    (source,) = node.inputs
    if len(w.shape(source)) == 3:
        source = w.op("Transpose", [source], f"{node.name}/last", perm=[0, 2, 3, 1])
    target = w.shape(node.name)
    picture = len(target) == 3
    shape = w.constant(f"{node.name}/shape", [-1, *target], np.int64)
    made = w.op("Reshape", [source, shape], f"{node.name}/rows" if picture else node.name)
    if picture:
        w.op("Transpose", [made], node.name, perm=[0, 3, 1, 2])


def _layer_norm(w: _Writer, node: Node) -> None:
    name, (source,) = node.name, node.inputs
    if len(w.shape(source)) != 1:
        raise InputError("This classifier cannot be written as ONNX", f"{name} is of a picture.")
    mean = w.op("ReduceMean", [source], f"{name}/mean", axes=[-1], keepdims=1)
    centred = w.op("Sub", [source, mean], f"{name}/centred")
    square = w.op("Mul", [centred, centred], f"{name}/square")
    variance = w.op("ReduceMean", [square], f"{name}/variance", axes=[-1], keepdims=1)
    epsilon = w.constant(f"{name}/epsilon", node.options["epsilon"])
    root = w.op("Sqrt", [w.op("Add", [variance, epsilon], f"{name}/sum")], f"{name}/root")
    w.op("Div", [centred, root], name)


def _unit_length(w: _Writer, node: Node) -> None:
    name, (source,) = node.name, node.inputs
    length = w.op("ReduceL2", [source], f"{name}/length", axes=[-1], keepdims=1)
    # A row of zeros stays one.
    least = w.op("Max", [length, w.constant(f"{name}/least", 1e-12)], f"{name}/above_zero")
    w.op("Div", [source, least], name)


def _resample(w: _Writer, node: Node) -> None:
    name, (source,) = node.name, node.inputs
    matrix = node.weights["matrix"]
    rows = w.op("MatMul", [w.constant(f"{name}/rows", matrix), source], f"{name}/by_rows")
    w.op("MatMul", [rows, w.constant(f"{name}/columns", matrix.T)], name)


def _cosine(w: _Writer, node: Node, vectors: np.ndarray) -> str:
    """Negative distances, as all three: the nearest are then the largest."""
    name, (source,) = node.name, node.inputs
    product = w.op("MatMul", [source, w.constant(f"{name}/vectors", vectors.T)], f"{name}/product")
    return w.op("Sub", [product, w.constant(f"{name}/one", 1)], f"{name}/closeness")


def _l1(w: _Writer, node: Node, vectors: np.ndarray) -> str:
    name, (source,) = node.name, node.inputs
    spread = w.op(
        "Unsqueeze", [source, w.constant(f"{name}/axes", [1], np.int64)], f"{name}/spread"
    )
    apart = w.op("Sub", [spread, w.constant(f"{name}/vectors", vectors)], f"{name}/apart")
    length = w.op("ReduceL1", [apart], f"{name}/length", axes=[-1], keepdims=0)
    return w.op("Neg", [length], f"{name}/closeness")


def _l2(w: _Writer, node: Node, vectors: np.ndarray) -> str:
    name = node.name
    cosine = _cosine(w, node, vectors)  # -(1 - x v); both sides have unit length
    twice = w.op("Mul", [cosine, w.constant(f"{name}/minus_two", -2)], f"{name}/square")
    least = w.op("Max", [twice, w.constant(f"{name}/zero", 0)], f"{name}/above_zero")
    return w.op("Neg", [w.op("Sqrt", [least], f"{name}/length")], f"{name}/nearness")


_CLOSENESS = {"cosine": _cosine, "l1": _l1, "l2": _l2}


def _neighbours(w: _Writer, node: Node) -> None:
    from onnx import helper

    name, options = node.name, node.options
    one_hot, floor, share = vote_tables(node)
    closeness = _CLOSENESS[options["metric"]](w, node, node.weights["vectors"])
    near, index = f"{name}/near", f"{name}/index"
    k = w.constant(f"{name}/k", [options["k"]], np.int64)
    w.nodes.append(helper.make_node("TopK", [closeness, k], [near, index], f"{name}/top", axis=-1))
    sharp = w.op(
        "Mul", [near, w.constant(f"{name}/sharpness", options["sharpness"])], f"{name}/sharp"
    )
    weights = w.op("Softmax", [sharp], f"{name}/weights", axis=-1)
    classes = w.op("Gather", [w.constant(f"{name}/classes", one_hot), index], f"{name}/whose")
    # [n, 1, k] times [n, k, classes].
    axes = w.constant(f"{name}/second", [1], np.int64)
    row = w.op("Unsqueeze", [weights, axes], f"{name}/row")
    votes = w.op("Squeeze", [w.op("MatMul", [row, classes], f"{name}/sum"), axes], f"{name}/votes")
    shared = w.op("Mul", [votes, w.constant(f"{name}/share", share)], f"{name}/shared")
    raised = w.op("Add", [shared, w.constant(f"{name}/floor", floor)], f"{name}/raised")
    least = w.op("Max", [raised, w.constant(f"{name}/tiny", TINY)], f"{name}/least")
    w.op("Log", [least], name)


def _concatenate(w: _Writer, node: Node) -> None:
    w.op("Concat", node.inputs, node.name, axis=1)


#: kind: function that writes a node.
WRITERS: dict[str, Callable[[_Writer, Node], None]] = {
    "Conv2D": _conv,
    "DepthwiseConv2D": _conv,
    "Dense": _dense,
    "Affine": _affine,
    "Activation": _activation,
    "Add": _chain("Add"),
    "Multiply": _chain("Mul"),
    "Concatenate": _concatenate,
    "ZeroPadding2D": _pad,
    "MaxPooling2D": _pool,
    "AveragePooling2D": _pool,
    "GlobalAveragePooling2D": _global,
    "GlobalMaxPooling2D": _global,
    "Flatten": _reshape,
    "Reshape": _reshape,
    "LayerNormalization": _layer_norm,
    "UnitLength": _unit_length,
    "Resample": _resample,
    "Neighbours": _neighbours,
}


def write(graph: Graph, output: str) -> bytes:
    """Returns the file: `image` float32[n, S, S, 3] in, `output` float32[n, outputs] out."""
    import onnx
    from onnx import TensorProto, helper

    # Names below net/, so that none is that of the input or the output.
    names = {node.name: f"net/{node.name}" for node in graph.nodes}
    names[graph.nodes[-1].name] = output
    graph = Graph(
        [
            Node(names[n.name], n.kind, [names[i] for i in n.inputs], n.options, n.weights)
            for n in graph.nodes
        ]
    )
    writer = _Writer(graph)
    first, *others = graph.nodes
    writer.op("Transpose", ["image"], first.name, perm=[0, 3, 1, 2])
    for node in others:
        WRITERS[node.kind](writer, node)
    size = graph.size
    made = helper.make_model(
        helper.make_graph(
            writer.nodes,
            "classifier",
            [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["n", size, size, 3])],
            [helper.make_tensor_value_info(output, TensorProto.FLOAT, ["n", graph.outputs])],
            writer.constants,
        ),
        producer_name="Show & Tell",
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
    )
    onnx.checker.check_model(made, full_check=True)
    return made.SerializeToString(deterministic=True)


_PACKAGES = "onnxruntime pillow"


def make(work: Work, name: str) -> tuple[Path, dict[str, Any]]:
    """Writes it: see `server.exports.make`."""
    import onnxruntime

    data = write(work.graph, work.output)
    work.step(0.5)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    measured = require(
        work,
        work.run(lambda x: session.run([work.output], {"image": x})[0]),
        FLOAT,
        "The ONNX file",
    )
    program = predict_py(
        work,
        needs=f"pip install {_PACKAGES}",
        imports="import onnxruntime\n",
        load='session = onnxruntime.InferenceSession(HERE / "model.onnx")',
        call='session.run(None, {"image": pixels(path)})[0][0]',
    )
    described = f"the network, {len(data):,} bytes, opset {OPSET}; image -> {work.output}"
    path = write_archive(
        work,
        "ONNX",
        measured,
        contents={"model.onnx": data},
        described={"model.onnx": described},
        packages=_PACKAGES,
        program=program,
        opset=OPSET,
    )
    return path, measured
