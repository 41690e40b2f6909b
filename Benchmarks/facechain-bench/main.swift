// Times single operations, or the networks of a model, and prints one JSON line for each:
//
//     facechain-bench                  all cases
//     facechain-bench --list           their names
//     facechain-bench NAME...          some cases
//     facechain-bench --model DIR …    whole networks of a diffusers folder instead (make_random_model.py)
//     facechain-bench -                cases named on standard input, as they come, so that another program can
//                                      alternate with its own measurements
//
// The number of threads is FACECHAIN_THREADS, or all processors. Times are the best of several runs within a second:
// by the clock, and in processor time summed over threads, which other programs on the machine disturb less. The rates
// count the operations of the textbook algorithm, so a cleverer one can exceed the processor's peak.
import Foundation
import Glibc
import Tensors

func measure(_ item: Case, in workspace: Workspace) throws {
    let run = try item.prepare(workspace)
    let clock = ContinuousClock()
    _ = try run()
    var seconds = Double.infinity
    var processorSeconds = Double.infinity
    let start = clock.now
    var runs = 0
    while runs < 3 || (clock.now - start < .seconds(1) && runs < 100) {
        let before = processorTime()
        seconds = min(seconds, try clock.measure { _ = try run() } / .seconds(1))
        processorSeconds = min(processorSeconds, processorTime() - before)
        runs += 1
    }
    var fields = [
        #""name": "\#(item.name)""#,
        String(format: #""milliseconds": %.3f"#, seconds * 1e3),
        String(format: #""cpuMilliseconds": %.3f"#, processorSeconds * 1e3),
        #""runs": \#(runs)"#,
    ]
    if item.operations.isFinite {
        fields += [
            String(format: #""gflops": %.1f"#, item.operations / seconds / 1e9),
            String(format: #""gflopsPerCore": %.1f"#, item.operations / processorSeconds / 1e9),
        ]
    }
    print("{\(fields.joined(separator: ", "))}")
    fflush(nil)
}

/// Seconds that all threads of this process have computed.
func processorTime() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

/// Measures a case and reports what went wrong as another JSON line.
func measure(named name: String, among cases: [Case], in workspace: Workspace) {
    do {
        guard let item = cases.first(where: { $0.name == name }) else {
            return report("there is no case of that name", for: name)
        }
        try measure(item, in: workspace)
    } catch {
        report("\(error)", for: name)
    }
}

func report(_ message: String, for name: String) {
    let quoted = message.replacingOccurrences(of: #"\"#, with: #"\\"#).replacingOccurrences(
        of: #"""#, with: #"\""#)
    print(#"{"name": "\#(name)", "error": "\#(quoted)"}"#)
    fflush(nil)
}

var arguments = Array(CommandLine.arguments.dropFirst())
var cases = Case.operations
if arguments.count >= 2, arguments[0] == "--model" {
    cases = Case.networks(model: URL(fileURLWithPath: arguments[1]))
    arguments.removeFirst(2)
}
let threads = ProcessInfo.processInfo.environment["FACECHAIN_THREADS"].flatMap { Int($0) }
let workspace = Workspace(threadCount: max(1, threads ?? Workspace.availableThreads))
switch arguments {
case []: for item in cases { measure(named: item.name, among: cases, in: workspace) }
case ["--list"]: for item in cases { print(item.name) }
case ["-"]: while let name = readLine() { measure(named: name, among: cases, in: workspace) }
case let names: for name in names { measure(named: name, among: cases, in: workspace) }
}
