/// Bytes as text (RFC 4648, section 4).
enum Base64 {
    private static let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// Four characters for each three bytes, `=` at the end for missing ones.
    static func encode(_ bytes: [UInt8]) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: (bytes.count + 2) / 3 * 4) { output, count in
            for start in stride(from: 0, to: bytes.count, by: 3) {
                let length = min(3, bytes.count - start)
                var group = 0
                for offset in 0..<3 {
                    group = group << 8 | (offset < length ? Int(bytes[start + offset]) : 0)
                }
                for digit in 0..<4 {
                    output[count] =
                        digit <= length ? digits[group >> (18 - 6 * digit) & 63] : UInt8(ascii: "=")
                    count += 1
                }
            }
        }
    }
}
