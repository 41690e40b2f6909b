import Portraits

/// `facechain version`: what bug reports need.
enum VersionCommand {
    static func run() {
        print(
            """
            facechain \(ProgramVersion.current)
            CPU kernels: \(EngineInfo.kernelLevel), \(EngineInfo.defaultThreadCount) threads
            BLAS: \(EngineInfo.blas)
            """)
    }
}
