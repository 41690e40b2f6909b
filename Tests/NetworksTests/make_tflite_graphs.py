"""Makes small TensorFlow Lite files: one with every operator in its less common forms, and damaged ones.

Needs numpy, safetensors, flatbuffers and ai-edge-litert, whose runtime computes the expected outputs.

    python3 Tests/NetworksTests/make_tflite_graphs.py        (written with ai-edge-litert 2.3.0)

Writes Fixtures/tflite_operators.{tflite,safetensors}, and Fixtures/tflite_damaged.safetensors: whole files as lists of
bytes, each named after what is wrong with it.
"""

from pathlib import Path

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter
from safetensors.numpy import save_file

FIXTURES = Path(__file__).parent / "Fixtures"
RANDOM = np.random.default_rng(3)
TYPES = {"float32": 0, "float16": 1, "int32": 2, "int8": 9}
SAME, VALID = 0, 1
RELU, RELU6 = 1, 3


def noise(*shape, kind="float32"):
    """Multiples of 1/64, which 16 bits hold exactly."""
    return (RANDOM.integers(-96, 97, shape) / 64).astype(kind)


def options(kind, **fields):
    table = getattr(schema, f"{kind}OptionsT")()
    for name, value in fields.items():
        assert hasattr(table, name), name
        setattr(table, name, value)
    return getattr(schema.BuiltinOptions, f"{kind}Options"), table


class Graph:
    def __init__(self):
        self.tensors, self.buffers, self.operators, self.codes = [], [schema.BufferT()], [], []
        self.inputs, self.outputs = [], []

    def tensor(self, shape, kind="float32", data=None):
        tensor = schema.TensorT()
        tensor.name, tensor.shape, tensor.type = f"tensor{len(self.tensors)}", list(shape), TYPES[kind]
        tensor.buffer = 0
        if data is not None:
            buffer = schema.BufferT()
            buffer.data = list(np.ascontiguousarray(data).tobytes())
            tensor.buffer = len(self.buffers)
            self.buffers.append(buffer)
        self.tensors.append(tensor)
        return len(self.tensors) - 1

    def constant(self, array):
        array = np.asarray(array)
        return self.tensor(array.shape, str(array.dtype), array)

    def input(self, *shape):
        self.inputs.append(self.tensor(shape))
        return self.inputs[-1]

    def add(self, code, inputs, shape, table=(0, None), kind="float32", custom=None, name=None):
        operator_code = schema.OperatorCodeT()
        operator_code.builtinCode = code
        operator_code.deprecatedBuiltinCode = min(code, 127)
        operator_code.customCode, operator_code.version = name, 1
        self.codes.append(operator_code)
        operator = schema.OperatorT()
        operator.opcodeIndex = len(self.codes) - 1
        operator.inputs, operator.outputs = list(inputs), [self.tensor(shape, kind)]
        operator.builtinOptionsType, operator.builtinOptions = table
        operator.customOptions = custom
        self.operators.append(operator)
        return operator.outputs[0]

    def bytes(self):
        model, graph = schema.ModelT(), schema.SubGraphT()
        graph.tensors, graph.inputs, graph.outputs = self.tensors, self.inputs, self.outputs
        graph.operators = self.operators
        model.version, model.operatorCodes, model.subgraphs, model.buffers = 3, self.codes, [graph], self.buffers
        builder = flatbuffers.Builder(1024)
        builder.Finish(model.Pack(builder), b"TFL3")
        return bytes(builder.Output())


def sparse(graph, dense):
    """A constant [rows, 1, 1, columns] of which only blocks of four columns that are not zero are stored."""
    rows, columns = dense.shape[0], dense.shape[3]
    blocks = dense.reshape(rows, columns // 4, 4)
    kept = np.abs(blocks).sum(-1) > 0
    tensor = graph.tensors[graph.tensor(dense.shape, "float16", blocks[kept].astype("float16"))]
    table = schema.SparsityParametersT()
    table.traversalOrder, table.blockMap, table.dimMetadata = [0, 1, 2, 3, 4], [3], []
    for size in (rows, 1, 1, None, 4):
        dimension = schema.DimensionMetadataT()
        dimension.format, dimension.denseSize = 0, size or 0
        dimension.arraySegmentsType = dimension.arrayIndicesType = 0
        if size is None:
            dimension.format = 1
            dimension.arraySegmentsType, dimension.arraySegments = 1, schema.Int32VectorT()
            dimension.arraySegments.values = [0, *np.cumsum(kept.sum(-1)).tolist()]
            dimension.arrayIndicesType, dimension.arrayIndices = 3, schema.Uint8VectorT()
            dimension.arrayIndices.values = np.nonzero(kept)[1].tolist()
        table.dimMetadata.append(dimension)
    tensor.sparsity = table
    return len(graph.tensors) - 1


def every_operator():
    graph, code = Graph(), schema.BuiltinOperator
    x = graph.input(1, 6, 5, 8)

    def convolution(padding, stride, activation):
        return options("Conv2D", padding=padding, strideW=stride, strideH=stride, fusedActivationFunction=activation,
                       dilationWFactor=1, dilationHFactor=1)

    def depthwise(padding, stride, activation):
        return options("DepthwiseConv2D", padding=padding, strideW=stride, strideH=stride, depthMultiplier=1,
                       fusedActivationFunction=activation, dilationWFactor=1, dilationHFactor=1)

    def pool(padding, stride, height, width, activation=0):
        return options("Pool2D", padding=padding, strideW=stride, strideH=stride, filterHeight=height,
                       filterWidth=width, fusedActivationFunction=activation)

    half = graph.constant(noise(5, 3, 3, 8, kind="float16"))
    weight = graph.add(code.DEQUANTIZE, [half], (5, 3, 3, 8))
    uneven = graph.add(code.CONV_2D, [x, weight, graph.constant(noise(5))], (1, 3, 3, 5), convolution(SAME, 2, RELU))
    inside = graph.add(code.CONV_2D, [x, graph.constant(noise(4, 2, 3, 8)), graph.constant(noise(4))], (1, 5, 3, 4),
                       convolution(VALID, 1, 0))
    dense = noise(8, 1, 1, 8)
    dense[RANDOM.random((8, 2)).repeat(4, axis=1).reshape(8, 1, 1, 8) < 0.5] = 0
    filled = graph.add(code.DENSIFY, [sparse(graph, dense)], dense.shape, kind="float16")
    filled = graph.add(code.DEQUANTIZE, [filled], dense.shape)
    sparsely = graph.add(code.CONV_2D, [x, filled, graph.constant(noise(8))], (1, 6, 5, 8), convolution(SAME, 1, RELU6))
    each = graph.add(code.DEPTHWISE_CONV_2D, [x, graph.constant(noise(1, 5, 5, 8)), graph.constant(noise(8))],
                     (1, 3, 3, 8), depthwise(SAME, 2, RELU6))
    largest = graph.add(code.MAX_POOL_2D, [x], (1, 3, 3, 8), pool(SAME, 2, 3, 2))
    means = graph.add(code.AVERAGE_POOL_2D, [x], (1, 6, 5, 8), pool(SAME, 1, 3, 4, RELU))
    axes = graph.constant(np.array([2, -3], "int32"))
    flat = graph.add(code.MEAN, [x, axes], (1, 8), options("Reducer", keepDims=False))
    kept = graph.add(code.MEAN, [x, axes], (1, 1, 1, 8), options("Reducer", keepDims=True))
    gated = graph.add(code.MUL, [kept, x], (1, 6, 5, 8), options("Mul", fusedActivationFunction=RELU))
    shifted = graph.add(code.ADD, [graph.constant(noise(8)), gated], (1, 6, 5, 8), options("Add", fusedActivationFunction=0))
    sizes = graph.constant(np.array([4, 9], "int32"))
    corners = graph.add(code.RESIZE_BILINEAR, [x, sizes], (1, 4, 9, 8), options("ResizeBilinear", alignCorners=True))
    first = graph.add(code.RESIZE_BILINEAR, [x, sizes], (1, 4, 9, 8), options("ResizeBilinear"))
    centres = graph.add(code.RESIZE_BILINEAR, [x, sizes], (1, 4, 9, 8), options("ResizeBilinear", halfPixelCenters=True))
    blocks = graph.add(code.DEPTH_TO_SPACE, [x], (1, 12, 10, 2), options("DepthToSpace", blockSize=2))
    padding = graph.constant(np.array([[0, 0], [1, 2], [0, 1], [3, 0]], "int32"))
    padded = graph.add(code.PAD, [x, padding], (1, 9, 6, 11))
    joined = graph.add(code.CONCATENATION, [x, shifted, x], (1, 6, 15, 8),
                       options("Concatenation", axis=-2))
    rectified = graph.add(code.PRELU, [x, graph.constant(noise(1, 1, 8))], (1, 6, 5, 8))
    hard = graph.add(code.HARD_SWISH, [x], (1, 6, 5, 8))
    logistic = graph.add(code.LOGISTIC, [x], (1, 6, 5, 8))
    reshaped = graph.add(code.RESHAPE, [x, graph.constant(np.array([-1, 24], "int32"))], (10, 24))
    spread = graph.add(code.CUSTOM, [x, graph.constant(noise(3, 2, 2, 8)), graph.constant(noise(3))], (1, 12, 10, 3),
                       custom=list(np.array([1, 2, 2], "<i4").tobytes()), name="Convolution2DTransposeBias")
    graph.outputs = [uneven, inside, sparsely, each, largest, means, flat, kept, gated, shifted, corners, first, centres,
                     blocks, padded, joined, rectified, hard, logistic, reshaped, spread]
    return graph


def small(change=lambda graph: None, shape=(1, 4, 4, 2)):
    """A convolution of 1 x 1 pixels and a RELU, changed in one way."""
    graph, code = Graph(), schema.BuiltinOperator
    x = graph.input(*shape)
    y = graph.add(code.CONV_2D, [x, graph.constant(noise(2, 1, 1, 2)), graph.constant(noise(2))], shape,
                  options("Conv2D", padding=SAME, strideW=1, strideH=1, dilationWFactor=1, dilationHFactor=1))
    graph.outputs = [graph.add(code.RELU, [y], shape)]
    change(graph)
    return graph.bytes()


def damaged():
    def quantize(graph):
        graph.tensors[1].quantization = schema.QuantizationParametersT()
        graph.tensors[1].quantization.scale, graph.tensors[1].quantization.zeroPoint = [0.5], [3]

    def set_shape(shape):
        return lambda graph: setattr(graph.tensors[0], "shape", shape)

    def set_option(**fields):
        def change(graph):
            for name, value in fields.items():
                setattr(graph.operators[0].builtinOptions, name, value)
        return change

    def set_code(code, name=None):
        def change(graph):
            graph.codes[1].builtinCode, graph.codes[1].deprecatedBuiltinCode = code, min(code, 127)
            graph.codes[1].customCode = name
        return change

    def loop(graph):
        graph.operators[0].inputs[0] = graph.operators[1].outputs[0]

    def not_a_number(graph):
        graph.buffers[1].data[:4] = np.array([np.nan], "<f4").tobytes()

    def short(graph):
        graph.buffers[1].data = graph.buffers[1].data[:-4]

    files = {
        "none": small(),
        "quantised": small(quantize),
        "int8": small(lambda graph: setattr(graph.tensors[0], "type", 9)),
        "negative shape": small(set_shape([1, -4, 4, 2])),
        "empty shape": small(set_shape([1, 0, 4, 2])),
        "huge shape": small(set_shape([2147483647, 2147483647, 2147483647, 2147483647])),
        "large shape": small(shape=(1, 30000, 30000, 2)),
        "other shape": small(set_shape([1, 4, 5, 2])),
        "no image": small(set_shape([16, 2])),
        "unknown operator": small(set_code(25)),
        "unknown custom operator": small(set_code(32, "Warp")),
        "tensor index": small(lambda graph: setattr(graph.operators[0], "inputs", [99, 1, 2])),
        "output index": small(lambda graph: setattr(graph, "outputs", [-1])),
        "buffer index": small(lambda graph: setattr(graph.tensors[1], "buffer", 77)),
        "code index": small(lambda graph: setattr(graph.operators[1], "opcodeIndex", 5)),
        "no weight": small(lambda graph: setattr(graph.operators[0], "inputs", [0])),
        "two outputs": small(lambda graph: setattr(graph.operators[0], "outputs", [3, 4])),
        "computed twice": small(lambda graph: setattr(graph.operators[1], "outputs", [3])),
        "computed late": small(loop),
        "dilation": small(set_option(dilationHFactor=2)),
        "zero stride": small(set_option(strideH=0, strideW=0)),
        "strides": small(set_option(strideH=2)),
        "activation": small(set_option(fusedActivationFunction=4)),
        "not finite": small(not_a_number),
        "short data": small(short),
    }
    return {name: np.frombuffer(data, "uint8").copy() for name, data in files.items()}


def main() -> None:
    data = every_operator().bytes()
    (FIXTURES / "tflite_operators.tflite").write_bytes(data)
    interpreter = Interpreter(model_content=data, num_threads=1)
    interpreter.allocate_tensors()
    x = noise(1, 6, 5, 8) * 4
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], x)
    interpreter.invoke()
    tensors = {"x": x}
    for number, output in enumerate(interpreter.get_output_details()):
        tensors[f"y{number}"] = interpreter.get_tensor(output["index"])
    save_file(tensors, FIXTURES / "tflite_operators.safetensors")
    save_file(damaged(), FIXTURES / "tflite_damaged.safetensors")


if __name__ == "__main__":
    main()
