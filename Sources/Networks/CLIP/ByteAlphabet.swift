/// The printable characters that stand for bytes in byte-level vocabularies.
///
/// Bytes that print (`!`...`~`, `¡`...`¬`, `®`...`ÿ`) stand for themselves, the other 68 for U+0100, U+0101 and so on
/// in order. Source: `bytes_to_unicode` in OpenAI's GPT-2 `encoder.py`, which CLIP's `simple_tokenizer.py` repeats.
enum ByteAlphabet {
    /// The character of each byte.
    static let scalars: [Unicode.Scalar] = {
        var scalars: [Unicode.Scalar] = []
        var next: UInt16 = 0x100
        for byte in UInt8.min...UInt8.max {
            if prints(byte) {
                scalars.append(Unicode.Scalar(byte))
            } else if let scalar = Unicode.Scalar(next) {
                scalars.append(scalar)
                next += 1
            }
        }
        return scalars
    }()

    private static func prints(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x21...0x7E, 0xA1...0xAC, 0xAE...0xFF: true
        default: false
        }
    }
}
