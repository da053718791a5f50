"""A C header with the 8-bit network, for LiteRT for Microcontrollers. Imports TensorFlow."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from ..learning.errors import InputError
from . import lite
from .packing import write_zip
from .snippets import readme
from .work import Work

#: What the flash memory of a common large microcontroller holds, program included.
FLASH_BYTES = 2 * 1024 * 1024
#: What the interpreter and a small program take of it themselves.
PROGRAM_BYTES = 128 * 1024
_TOO_LARGE = "The network is too large for a microcontroller"


def make(work: Work, name: str) -> tuple[Path, dict[str, Any]]:
    """Writes it: see `server.exports.make`."""
    room = FLASH_BYTES - PROGRAM_BYTES
    if work.graph.parameters > room:
        raise _too_large(work.graph.parameters)
    data = lite.convert(work, "tflite-int8")
    if len(data) > room:
        raise _too_large(len(data))
    work.step(0.6)
    loaded = lite.Loaded(data)
    measured = lite.check(work, "tflite-int8", loaded)
    memory = peak_memory(data)
    entry, result = loaded.entry["quantization"], loaded.exit["quantization"]
    header = render(work, data, entry, result, memory, measured)
    if parse(header) != data:
        raise InputError("The header does not hold the network", "It was written wrongly.")
    operations = ", ".join(operations_of(data))
    files = {
        "model.h": f"the network as an array, {len(data):,} bytes of flash",
        "example.cpp": "how to call it",
        "labels.txt": "the classes",
        "metadata.json": "the same facts for programs",
    }
    path = work.folder / "export.zip"
    write_zip(
        path,
        {
            "README.txt": readme(
                work,
                "microcontroller, 8 bits",
                measured,
                files,
                f"Flash: {len(data):,} bytes for the network. Memory: at least {memory:,} bytes"
                " for the pictures between two layers (the tensor arena), and some more for the"
                " interpreter. A microcontroller with external memory has that, such as an"
                " ESP32-S3 with PSRAM; most others have not.",
                f"Operations that it needs: {operations}.",
                "Input: int8, round((x / 127.5 - 1) / INPUT_SCALE) + INPUT_ZERO_POINT for each"
                " of red, green and blue, 0..255. Output: (q - OUTPUT_ZERO_POINT) * OUTPUT_SCALE.",
            ),
            "example.cpp": example(operations_of(data), memory, work),
            "labels.txt": work.labels,
            "metadata.json": json.dumps(
                work.document(measured, bytes=len(data), arena_bytes=memory),
                indent=1,
                ensure_ascii=False,
            ),
            "model.h": header,
        },
    )
    return path, measured


def _too_large(size: int) -> InputError:
    return InputError(
        _TOO_LARGE,
        f"In 8 bits it takes {size:,} bytes; with {PROGRAM_BYTES:,} for the program, there is room"
        f" for {FLASH_BYTES - PROGRAM_BYTES:,} of {FLASH_BYTES:,}.",
        "Train it again with smaller eyes (showtell_v2, mobilenet_v2_0.35_224), or take LiteRT in"
        " 8 bits for a computer such as a Raspberry Pi.",
    )


def _c_string(text: str) -> str:
    """Writes a text as a C string: other than printable ASCII in octal, which ends after three."""
    made = ""
    for byte in text.encode("utf-8"):
        plain = 32 <= byte < 127 and chr(byte) not in '"\\?'
        made += chr(byte) if plain else f"\\{byte:03o}"
    return f'"{made}"'


def render(
    work: Work,
    data: bytes,
    entry: tuple[float, int],
    result: tuple[float, int],
    memory: int,
    measured: dict[str, Any],
) -> str:
    """Returns the header: the network as an array, and what is needed to call it."""
    labels = ", ".join(_c_string(label) for label in work.classifier.labels)
    lines = [
        ", ".join(f"0x{byte:02x}" for byte in data[at : at + 16]) + ","
        for at in range(0, len(data), 16)
    ]
    size, count = work.graph.size, len(work.classifier.classes)
    same = measured["same_answers"]
    agreement = "" if same is None else f" Same answer for {same:.1%} of them."
    return f"""\
// Made by Show & Tell. Checked on {measured["pictures"]} pictures.{agreement}
#pragma once

#include <stdint.h>

#ifdef __cplusplus
#define MODEL_ALIGNED alignas(16)
#else
#define MODEL_ALIGNED _Alignas(16)
#endif
#define MODEL_SIDE {size}
#define MODEL_CLASSES {count}
#define MODEL_INPUT_SCALE {float(entry[0])!r}f
#define MODEL_INPUT_ZERO_POINT {int(entry[1])}
#define MODEL_OUTPUT_SCALE {float(result[0])!r}f
#define MODEL_OUTPUT_ZERO_POINT {int(result[1])}
#define MODEL_ARENA_BYTES {memory}  // at least; the interpreter takes some more

static const char *const model_labels[MODEL_CLASSES] = {{{labels}}};

static const uint32_t model_length = {len(data)};
MODEL_ALIGNED static const uint8_t model_data[] = {{
{chr(10).join(lines)}
}};
"""


def parse(header: str) -> bytes:
    """Reads the network back out of a header."""
    body = header.partition("model_data[] = {")[2].partition("}")[0]
    return bytes(int(number, 16) for number in body.replace("\n", " ").split(",") if number.strip())


def _operations(data: bytes) -> tuple[Any, list[dict[str, Any]]]:
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(
        model_content=data,
        num_threads=1,
        experimental_op_resolver_type=_plain_resolver(),
        experimental_preserve_all_tensors=True,
    )
    interpreter.allocate_tensors()
    return interpreter, interpreter._get_ops_details()


def _plain_resolver() -> Any:
    """Without delegates, whose fused operations a microcontroller does not have."""
    from ai_edge_litert.interpreter import OpResolverType

    return OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES


def operations_of(data: bytes) -> list[str]:
    """Returns the names of the operations that a network needs, sorted."""
    return sorted({str(op["op_name"]) for op in _operations(data)[1]})


def peak_memory(data: bytes) -> int:
    """Returns the most bytes that results between operations take at one time.

    A result lives from the operation that makes it to the last one that takes it; what is constant
    is in the flash.
    """
    interpreter, operations = _operations(data)
    sizes = {
        d["index"]: math.prod(int(n) for n in d["shape"]) * d["dtype"]().itemsize
        for d in interpreter.get_tensor_details()
    }
    born = {d["index"]: 0 for d in interpreter.get_input_details()}
    dies: dict[int, int] = {}
    for step, op in enumerate(operations):
        for tensor in op["outputs"]:
            born.setdefault(int(tensor), step)
        for tensor in op["inputs"]:
            dies[int(tensor)] = step
    for d in interpreter.get_output_details():
        dies[d["index"]] = len(operations)
    return max(
        sum(sizes.get(t, 0) for t, start in born.items() if start <= step <= dies.get(t, start))
        for step in range(len(operations))
    )


def _method(operation: str) -> str:
    """Names the method that adds an operation to a resolver: FULLY_CONNECTED, AddFullyConnected."""
    special = {"CONV_2D": "Conv2D", "DEPTHWISE_CONV_2D": "DepthwiseConv2D"}
    special |= {"MAX_POOL_2D": "MaxPool2D", "AVERAGE_POOL_2D": "AveragePool2D"}
    words = operation.split("_")
    return "Add" + special.get(operation, "".join(word.capitalize() for word in words))


def example(operations: list[str], memory: int, work: Work) -> str:
    """Returns a program that calls the network with LiteRT for Microcontrollers."""
    added = "\n".join(f"  resolver.{_method(operation)}();" for operation in operations)
    arena = memory + 64 * 1024
    return f"""\
// How to call the network with LiteRT for Microcontrollers (tflite-micro).
#include "model.h"
#include "tensorflow/lite/micro/micro_interpreter.h"
#include "tensorflow/lite/micro/micro_mutable_op_resolver.h"
#include "tensorflow/lite/schema/schema_generated.h"

constexpr int kArenaBytes = {arena};  // put it into external memory
alignas(16) static uint8_t arena[kArenaBytes];

static tflite::MicroInterpreter *interpreter() {{
  static tflite::MicroMutableOpResolver<{len(operations)}> resolver;
  static bool ready = false;
  if (!ready) {{
    ready = true;
{added.replace("  resolver", "    resolver")}
  }}
  static tflite::MicroInterpreter made(tflite::GetModel(model_data), resolver, arena, kArenaBytes);
  static TfLiteStatus status = made.AllocateTensors();
  return status == kTfLiteOk ? &made : nullptr;
}}

// Returns the best class of a picture, MODEL_SIDE x MODEL_SIDE x 3 bytes, or -1.
int classify(const uint8_t *rgb, float *score) {{
  tflite::MicroInterpreter *network = interpreter();
  if (!network) return -1;
  int8_t *input = network->input(0)->data.int8;
  for (int i = 0; i < MODEL_SIDE * MODEL_SIDE * 3; ++i) {{
    float x = (rgb[i] / 127.5f - 1.0f) / MODEL_INPUT_SCALE + MODEL_INPUT_ZERO_POINT;
    int q = (int)(x < 0 ? x - 0.5f : x + 0.5f);
    input[i] = (int8_t)(q < -128 ? -128 : q > 127 ? 127 : q);
  }}
  if (network->Invoke() != kTfLiteOk) return -1;
  const int8_t *output = network->output(0)->data.int8;
  int best = 0;
  for (int i = 1; i < MODEL_CLASSES; ++i) {{
    if (output[i] > output[best]) best = i;
  }}
  *score = (output[best] - MODEL_OUTPUT_ZERO_POINT) * MODEL_OUTPUT_SCALE;
  return best;
}}
"""
