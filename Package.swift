// swift-tools-version: 6.1
import PackageDescription

let swiftSettings: [SwiftSetting] = [
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("ExistentialAny"),
]

/// A library target in `Sources/<name>`.
func module(_ name: String, imports dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: swiftSettings)
}

/// The tests of one module, with their fixtures beside them.
func tests(of name: String, imports dependencies: [Target.Dependency]) -> Target {
    .testTarget(
        name: "\(name)Tests",
        dependencies: [.target(name: name), "TestSupport"] + dependencies,
        exclude: [],
        resources: [.copy("Fixtures")],
        swiftSettings: swiftSettings)
}

let package = Package(
    name: "facechain",
    products: [.executable(name: "facechain", targets: ["facechain"])],
    targets: [
        .target(
            name: "CKernels",
            cSettings: [.unsafeFlags(["-O3", "-fno-math-errno", "-ffp-contract=off"])]),
        .systemLibrary(name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
        .target(name: "CPNG", linkerSettings: [.linkedLibrary("png")]),
        .target(name: "CJPEG", linkerSettings: [.linkedLibrary("jpeg")]),
        .systemLibrary(name: "CSixel", pkgConfig: "libsixel", providers: [.apt(["libsixel-dev"])]),
        .systemLibrary(name: "CNcurses", providers: [.apt(["libncurses-dev"])]),
        .target(name: "CTerminal"),

        module("Tensors", imports: ["CKernels", "COpenBLAS"]),
        module("Weights", imports: ["Tensors"]),
        module("Imaging", imports: ["Tensors", "CPNG", "CJPEG"]),
        module("Networks", imports: ["Tensors", "Weights", "Imaging"]),
        module("Diffusion", imports: ["Tensors"]),
        module("Portraits", imports: ["Tensors", "Weights", "Imaging", "Networks", "Diffusion"]),
        module("TerminalKit", imports: ["CSixel", "CNcurses", "CPNG", "CTerminal"]),
        module("PortraitApp", imports: ["Portraits", "Imaging", "TerminalKit"]),
        .executableTarget(name: "facechain", dependencies: ["PortraitApp"], swiftSettings: swiftSettings),
        .executableTarget(
            name: "facechain-bench", dependencies: ["Tensors", "Weights", "Networks"],
            path: "Benchmarks/facechain-bench",
            swiftSettings: swiftSettings),

        .target(
            name: "TestSupport", dependencies: ["Tensors", "Weights"], path: "Tests/TestSupport",
            swiftSettings: swiftSettings),
        tests(of: "Tensors", imports: ["CKernels", "Weights"]),
        tests(of: "Weights", imports: ["Tensors"]),
        tests(of: "Imaging", imports: ["Tensors"]),
        tests(of: "Networks", imports: ["Tensors", "Weights", "Imaging"]),
        tests(of: "Diffusion", imports: ["Tensors", "Weights"]),
        tests(of: "Portraits", imports: ["Tensors", "Weights", "Imaging", "Networks", "Diffusion"]),
        .executableTarget(
            name: "terminal-test-program", dependencies: ["TerminalKit"], path: "Tests/TerminalTestProgram",
            swiftSettings: swiftSettings),
        tests(of: "TerminalKit", imports: ["Imaging", "terminal-test-program"]),
        tests(of: "PortraitApp", imports: ["Portraits", "Imaging", "TerminalKit"]),
    ])
