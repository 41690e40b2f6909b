/// How one number of a tensor is stored in a file, little-endian.
package enum ElementType: String, Sendable, CaseIterable {
    case bool = "BOOL"
    case uint8 = "U8"
    case int8 = "I8"
    case uint16 = "U16"
    case int16 = "I16"
    case uint32 = "U32"
    case int32 = "I32"
    case uint64 = "U64"
    case int64 = "I64"
    case float16 = "F16"
    case bfloat16 = "BF16"
    case float32 = "F32"
    case float64 = "F64"
    case float8e4m3 = "F8_E4M3"
    case float8e5m2 = "F8_E5M2"
    case float8e8m0 = "F8_E8M0"
    case float8e4m3fnuz = "F8_E4M3FNUZ"
    case float8e5m2fnuz = "F8_E5M2FNUZ"
    case float6e2m3 = "F6_E2M3"
    case float6e3m2 = "F6_E3M2"
    case float4 = "F4"
    case complex64 = "C64"

    /// Size of one element in bits; the 4- and 6-bit types are packed.
    package var bitCount: Int {
        switch self {
        case .float4: 4
        case .float6e2m3, .float6e3m2: 6
        case .bool, .uint8, .int8: 8
        case .float8e4m3, .float8e5m2, .float8e8m0, .float8e4m3fnuz, .float8e5m2fnuz: 8
        case .uint16, .int16, .float16, .bfloat16: 16
        case .uint32, .int32, .float32: 32
        case .uint64, .int64, .float64, .complex64: 64
        }
    }
}

/// The number of elements of a shape, or `nil` if it does not fit an `Int`.
///
/// A zero among the extents hides no overflow of the others, so that whoever multiplies only some of the extents of
/// an accepted shape cannot overflow. The reference reader accepts such shapes when the zero comes first.
func elementCount(of shape: [Int]) -> Int? {
    var count = 1
    for extent in shape where extent != 0 {
        guard extent > 0 else { return nil }
        let (product, overflow) = count.multipliedReportingOverflow(by: extent)
        guard !overflow else { return nil }
        count = product
    }
    return shape.contains(0) ? 0 : count
}
