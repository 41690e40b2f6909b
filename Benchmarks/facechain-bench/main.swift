// Times single operations and prints one JSON line for each:
//
//     facechain-bench                  all cases
//     facechain-bench --list           their names
//     facechain-bench NAME...          some cases
//     facechain-bench -                cases named on standard input, as they come, so that another program can
//                                      alternate with its own measurements
//
// The number of threads is FACECHAIN_THREADS, or all processors. Times are the best of several runs within a second:
// by the clock, and in processor time summed over threads, which other programs on the machine disturb less. The rates
// count the operations of the textbook algorithm, so a cleverer one can exceed the processor's peak.
import Foundation
import Glibc
import Tensors

func measure(_ item: Case, in workspace: Workspace) {
    let run = item.prepare(workspace)
    let clock = ContinuousClock()
    _ = run()
    var seconds = Double.infinity
    var processorSeconds = Double.infinity
    let start = clock.now
    var runs = 0
    while runs < 3 || (clock.now - start < .seconds(1) && runs < 100) {
        let before = processorTime()
        seconds = min(seconds, clock.measure { _ = run() } / .seconds(1))
        processorSeconds = min(processorSeconds, processorTime() - before)
        runs += 1
    }
    let fields = [
        #""name": "\#(item.name)""#,
        String(format: #""milliseconds": %.3f"#, seconds * 1e3),
        String(format: #""gflops": %.1f"#, item.operations / seconds / 1e9),
        String(format: #""cpuMilliseconds": %.3f"#, processorSeconds * 1e3),
        String(format: #""gflopsPerCore": %.1f"#, item.operations / processorSeconds / 1e9),
        #""runs": \#(runs)"#,
    ]
    print("{\(fields.joined(separator: ", "))}")
    fflush(nil)
}

/// Seconds that all threads of this process have computed.
func processorTime() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

func measure(named name: String, in workspace: Workspace) {
    if let item = Case.all.first(where: { $0.name == name }) {
        measure(item, in: workspace)
    } else {
        print(#"{"name": "\#(name)", "error": "no such case"}"#)
        fflush(nil)
    }
}

let threads = ProcessInfo.processInfo.environment["FACECHAIN_THREADS"].flatMap { Int($0) }
let workspace = Workspace(threadCount: max(1, threads ?? Workspace.availableThreads))
switch Array(CommandLine.arguments.dropFirst()) {
case []: for item in Case.all { measure(item, in: workspace) }
case ["--list"]: for item in Case.all { print(item.name) }
case ["-"]: while let name = readLine() { measure(named: name, in: workspace) }
case let names: for name in names { measure(named: name, in: workspace) }
}
