import Foundation

/// Numbers as people read them.
enum Phrases {
    /// `12 s`, `3 min 20 s`, `1 h 5 min`.
    static func duration(_ seconds: Double) -> String {
        let whole = Int(max(0, seconds).rounded())
        if whole < 60 { return "\(whole) s" }
        if whole < 3600 { return whole % 60 == 0 ? "\(whole / 60) min" : "\(whole / 60) min \(whole % 60) s" }
        return "\(whole / 3600) h \(whole % 3600 / 60) min"
    }

    /// `0.4 s`, `12.5 s`.
    static func seconds(_ seconds: Double) -> String { String(format: "%.1f s", seconds) }

    /// `812 MB`, `1.4 GB`.
    static func bytes(_ count: Int) -> String {
        count < 1_000_000_000
            ? "\(count / 1_000_000) MB" : String(format: "%.1f GB", Double(count) / 1_000_000_000)
    }

    static func weight(_ weight: Float) -> String { String(format: "%.2f", weight) }

    static func count(_ number: Int, _ one: String, _ several: String) -> String {
        number == 1 ? "1 \(one)" : "\(number) \(several)"
    }

    static func fileName(_ path: String) -> String { URL(fileURLWithPath: path).lastPathComponent }
}
