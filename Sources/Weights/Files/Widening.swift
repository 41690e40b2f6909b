/// Converts stored elements to 32-bit floats.
///
/// - Parameters:
///   - source: `destination.count` elements of `type`, at any alignment.
///   - destination: uninitialised or initialised memory; every element is written.
/// - Returns: `false`, with nothing written, if the type has no conversion (packed and complex numbers).
func widen(
    _ source: UnsafeRawBufferPointer, of type: ElementType, to destination: UnsafeMutableBufferPointer<Float>
) -> Bool {
    precondition(
        source.count == destination.count * type.bitCount / 8, "widen: source and destination disagree")
    switch type {
    case .float32: UnsafeMutableRawBufferPointer(destination).copyMemory(from: source)
    case .float16: widenHalf(source, to: destination)
    case .bfloat16: widenBrain(source, to: destination)
    case .float64: convert(source, to: destination) { (value: UInt64) in Float(Double(bitPattern: value)) }
    case .bool: convert(source, to: destination) { (value: UInt8) in value == 0 ? 0 : 1 }
    case .uint8: convert(source, to: destination) { (value: UInt8) in Float(value) }
    case .int8: convert(source, to: destination) { (value: Int8) in Float(value) }
    case .uint16: convert(source, to: destination) { (value: UInt16) in Float(value) }
    case .int16: convert(source, to: destination) { (value: Int16) in Float(value) }
    case .uint32: convert(source, to: destination) { (value: UInt32) in Float(value) }
    case .int32: convert(source, to: destination) { (value: Int32) in Float(value) }
    case .uint64: convert(source, to: destination) { (value: UInt64) in Float(value) }
    case .int64: convert(source, to: destination) { (value: Int64) in Float(value) }
    case .float8e4m3: convert(source, to: destination, float8E4M3)
    case .float8e5m2: convert(source, to: destination) { (value: UInt8) in halfToFloat(UInt16(value) << 8) }
    case .float8e8m0, .float8e4m3fnuz, .float8e5m2fnuz, .float6e2m3, .float6e3m2, .float4, .complex64:
        return false
    }
    return true
}

private func convert<Stored: FixedWidthInteger>(
    _ source: UnsafeRawBufferPointer, to destination: UnsafeMutableBufferPointer<Float>,
    _ value: (Stored) -> Float
) {
    for index in destination.indices {
        let stored = source.loadUnaligned(
            fromByteOffset: index * MemoryLayout<Stored>.size, as: Stored.self)
        destination.initializeElement(at: index, to: value(Stored(littleEndian: stored)))
    }
}

// Subnormal numbers of 16 bits are normal in 32, and no step passes through a 32-bit subnormal, so no flush-to-zero mode
// of the processor can change them.

/// The type of most large files: a plain loop without branches, which the compiler vectorizes.
private func widenHalf(_ source: UnsafeRawBufferPointer, to destination: UnsafeMutableBufferPointer<Float>) {
    guard let input = source.baseAddress, let output = destination.baseAddress else { return }
    for index in 0..<destination.count {
        let half = UInt16(littleEndian: input.loadUnaligned(fromByteOffset: index &* 2, as: UInt16.self))
        (output + index).initialize(to: halfToFloat(half))
    }
}

private func widenBrain(_ source: UnsafeRawBufferPointer, to destination: UnsafeMutableBufferPointer<Float>) {
    let vectorEnd = destination.count & ~7
    let target = UnsafeMutableRawBufferPointer(destination)
    for start in stride(from: 0, to: vectorEnd, by: 8) {
        let brain = source.loadUnaligned(fromByteOffset: start * 2, as: SIMD8<UInt16>.self)
        let bits = SIMD8<UInt32>(truncatingIfNeeded: brain) &<< 16
        target.storeBytes(of: bits, toByteOffset: start * 4, as: SIMD8<UInt32>.self)
    }
    for index in vectorEnd..<destination.count {
        let brain = source.loadUnaligned(fromByteOffset: index * 2, as: UInt16.self)
        destination.initializeElement(at: index, to: Float(bitPattern: UInt32(brain) << 16))
    }
}

/// IEEE 754 binary16 to binary32, exactly.
@inline(__always)
private func halfToFloat(_ half: UInt16) -> Float {
    let magnitude = UInt32(half & 0x7FFF) &<< 13
    let exponent = magnitude & 0x0F80_0000
    let rebias: UInt32 = (127 - 15) << 23
    let normal = magnitude &+ rebias
    // Infinity and NaN: the exponent of all ones stays all ones.
    let special = normal &+ rebias
    // Zero and subnormals: place the fraction behind an implicit one, then subtract that one.
    let one: UInt32 = (127 - 14) << 23
    let subnormal = (Float(bitPattern: magnitude &+ one) - Float(bitPattern: one)).bitPattern
    let bits = exponent == 0 ? subnormal : exponent == 0x0F80_0000 ? special : normal
    return Float(bitPattern: bits | UInt32(half & 0x8000) &<< 16)
}

/// The 8-bit float with 4 exponent bits (bias 7), no infinities, and NaN only as all ones.
private func float8E4M3(_ value: UInt8) -> Float {
    let sign: Float = value & 0x80 == 0 ? 1 : -1
    let exponent = Int(value >> 3 & 0xF)
    let fraction = Float(value & 7) / 8
    if value & 0x7F == 0x7F { return .nan }
    if exponent == 0 { return sign * fraction * 0x1p-6 }
    return sign * Float(sign: .plus, exponent: exponent - 7, significand: 1 + fraction)
}

/// How many values are infinite or NaN.
///
/// Every value is read once: zero times a finite number is zero, so one sum tells whether there is anything
/// to count.
func nonFiniteCount(_ values: UnsafeBufferPointer<Float>) -> Int {
    let vectorEnd = values.count & ~15
    let raw = UnsafeRawBufferPointer(values)
    var sum = SIMD16<Float>.zero
    for start in stride(from: 0, to: vectorEnd, by: 16) {
        sum += raw.loadUnaligned(fromByteOffset: start * 4, as: SIMD16<Float>.self) * 0
    }
    var total = sum.sum()
    for index in vectorEnd..<values.count { total += values[index] * 0 }
    return total == 0 ? 0 : values.count { !$0.isFinite }
}
