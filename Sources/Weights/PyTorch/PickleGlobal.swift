/// What a name in a pickle stands for.
///
/// Nothing is ever looked up or called: a name is only recognised.
enum PickleGlobal: Equatable {
    case orderedDictionary
    case rebuildTensor
    case rebuildTensorV2
    case rebuildTensorV3
    /// `_rebuild_parameter` and its variant with state: the tensor is the first argument.
    case rebuildParameter
    case rebuildFromType
    case size
    case storage(ElementType)
    /// A storage of bytes whose element type stands with each tensor.
    case untypedStorage
    case elementType(ElementType)
    /// An object that training programs leave beside the tensors; kept as a value without content.
    case inert

    /// The meaning of `module.name`, or `nil` if a file of weights has no use for it.
    static func named(_ module: String, _ name: String) -> PickleGlobal? {
        let path = "\(module == "__builtin__" ? "builtins" : module).\(name)"
        if let known = semantic[path] { return known }
        let isInert = inertNames.contains(path) || inertPackages.contains { path.hasPrefix($0) }
        return isInert ? .inert : nil
    }

    /// Whether `module.name` is known to run code or to reach files, processes or the network.
    static func runsCode(_ module: String, _ name: String) -> Bool {
        if module == "builtins" || module == "__builtin__" { return true }
        let package = module.prefix { $0 != "." }
        return dangerousPackages.contains(String(package))
    }

    // From torch/_weights_only_unpickler.py, `_get_allowed_globals`.
    private static let semantic: [String: PickleGlobal] = [
        "collections.OrderedDict": .orderedDictionary,
        "torch._utils._rebuild_tensor": .rebuildTensor,
        "torch._utils._rebuild_tensor_v2": .rebuildTensorV2,
        "torch._utils._rebuild_tensor_v3": .rebuildTensorV3,
        "torch._utils._rebuild_parameter": .rebuildParameter,
        "torch._utils._rebuild_parameter_with_state": .rebuildParameter,
        "torch._tensor._rebuild_from_type_v2": .rebuildFromType,
        "torch.Size": .size,
        "torch.DoubleStorage": .storage(.float64),
        "torch.FloatStorage": .storage(.float32),
        "torch.HalfStorage": .storage(.float16),
        "torch.BFloat16Storage": .storage(.bfloat16),
        "torch.LongStorage": .storage(.int64),
        "torch.IntStorage": .storage(.int32),
        "torch.ShortStorage": .storage(.int16),
        "torch.CharStorage": .storage(.int8),
        "torch.ByteStorage": .storage(.uint8),
        "torch.BoolStorage": .storage(.bool),
        "torch.ComplexFloatStorage": .storage(.complex64),
        "torch.storage.UntypedStorage": .untypedStorage,
        "torch.storage._UntypedStorage": .untypedStorage,
        "torch.UntypedStorage": .untypedStorage,
        "torch.float64": .elementType(.float64),
        "torch.float32": .elementType(.float32),
        "torch.float16": .elementType(.float16),
        "torch.bfloat16": .elementType(.bfloat16),
        "torch.int64": .elementType(.int64),
        "torch.int32": .elementType(.int32),
        "torch.int16": .elementType(.int16),
        "torch.int8": .elementType(.int8),
        "torch.uint64": .elementType(.uint64),
        "torch.uint32": .elementType(.uint32),
        "torch.uint16": .elementType(.uint16),
        "torch.uint8": .elementType(.uint8),
        "torch.bool": .elementType(.bool),
        "torch.float8_e4m3fn": .elementType(.float8e4m3),
        "torch.float8_e5m2": .elementType(.float8e5m2),
        "torch.float8_e8m0fnu": .elementType(.float8e8m0),
        "torch.float8_e4m3fnuz": .elementType(.float8e4m3fnuz),
        "torch.float8_e5m2fnuz": .elementType(.float8e5m2fnuz),
        "torch.complex64": .elementType(.complex64),
    ]

    private static let inertNames: Set<String> = [
        "torch.device", "torch.Tensor", "torch.nn.parameter.Parameter",
        "torch.nn.modules.container.ParameterDict",
        "torch.serialization._get_layout", "_codecs.encode", "collections.Counter", "collections.defaultdict",
        "builtins.set", "builtins.frozenset", "builtins.dict", "builtins.list", "builtins.tuple",
        "builtins.int",
        "builtins.float", "builtins.bool", "builtins.str", "builtins.bytes", "builtins.bytearray",
        "builtins.complex", "builtins.slice", "builtins.object", "copyreg._reconstructor",
        "copy_reg._reconstructor", "numpy.core.multiarray.scalar", "numpy.core.multiarray._reconstruct",
        "numpy._core.multiarray.scalar", "numpy._core.multiarray._reconstruct", "numpy.dtype",
        "numpy.ndarray",
        "argparse.Namespace", "datetime.datetime", "datetime.timedelta", "pathlib.PosixPath", "typing.Any",
    ]

    private static let inertPackages = [
        "pytorch_lightning.", "lightning.", "lightning_fabric.", "omegaconf.", "numpy.dtypes.",
        "torch.optim.",
    ]

    // The packages through which published attacks on pickle readers have gone.
    private static let dangerousPackages: Set<String> = [
        "os", "posix", "nt", "sys", "subprocess", "pty", "commands", "runpy", "importlib", "imp", "pkgutil",
        "code",
        "codeop", "ctypes", "cffi", "socket", "ssl", "http", "httplib", "urllib", "urllib2", "requests",
        "aiohttp",
        "ftplib", "smtplib", "telnetlib", "webbrowser", "shutil", "tempfile", "pathlib", "io", "pickle",
        "_pickle",
        "cloudpickle", "dill", "joblib", "marshal", "shelve", "types", "functools", "itertools", "operator",
        "inspect", "gc", "threading", "multiprocessing", "asyncio", "concurrent", "pip", "setuptools",
        "distutils",
        "ensurepip", "venv", "idlelib", "pydoc", "doctest", "timeit", "trace", "profile", "cProfile", "pdb",
        "bdb",
        "platform", "signal", "logging", "sqlite3", "zipimport", "linecache", "getpass", "builtins",
        "nturl2path",
        "uuid", "lib2to3", "test", "unittest", "mailcap", "xmlrpc", "bz2", "lzma", "gzip", "tarfile",
        "zipfile",
    ]
}
