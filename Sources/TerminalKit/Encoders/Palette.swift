/// The colours of terminals with 256 and 16 of them.
package enum Palette {
    /// Intensities of the 6 x 6 x 6 cube, palette entries 16...231 (xterm's 256colres).
    private static let cube = [0, 95, 135, 175, 215, 255]

    /// The 16 colours as xterm has them; users may have others.
    private static let standard: [(Int, Int, Int)] = [
        (0, 0, 0), (205, 0, 0), (0, 205, 0), (205, 205, 0), (0, 0, 238), (205, 0, 205), (0, 205, 205),
        (229, 229, 229), (127, 127, 127), (255, 0, 0), (0, 255, 0), (255, 255, 0), (92, 92, 255),
        (255, 0, 255), (0, 255, 255), (255, 255, 255),
    ]

    /// The entry of the cube or the greys that is nearest; the user's 16 colours are left out.
    package static func nearest256(red: UInt8, green: UInt8, blue: UInt8) -> Int {
        let color = (Int(red), Int(green), Int(blue))
        func level(_ value: Int) -> Int { value < 48 ? 0 : value < 115 ? 1 : (value - 35) / 40 }
        let (r, g, b) = (level(color.0), level(color.1), level(color.2))
        let grey = min(max((color.0 + color.1 + color.2) / 3 - 3, 0) / 10, 23)
        let greyLevel = 8 + 10 * grey
        let isGrey =
            distance(color, (greyLevel, greyLevel, greyLevel)) < distance(color, (cube[r], cube[g], cube[b]))
        return isGrey ? 232 + grey : 16 + 36 * r + 6 * g + b
    }

    /// The nearest of the 16 colours.
    package static func nearest16(red: UInt8, green: UInt8, blue: UInt8) -> Int {
        let color = (Int(red), Int(green), Int(blue))
        let distances = standard.map { distance(color, $0) }
        return distances.indices.min { distances[$0] < distances[$1] } ?? 0
    }

    private static func distance(_ first: (Int, Int, Int), _ second: (Int, Int, Int)) -> Int {
        let (r, g, b) = (first.0 - second.0, first.1 - second.1, first.2 - second.2)
        return r * r + g * g + b * b
    }

    /// Parameters of SGR that choose a colour.
    static func parameters(
        _ color: RGB, isBackground: Bool, depth: TerminalCapabilities.ColorDepth
    ) -> String {
        switch depth {
        case .direct:
            return "\(isBackground ? 48 : 38);2;\(color.red);\(color.green);\(color.blue)"
        case .palette256:
            let index = nearest256(red: color.red, green: color.green, blue: color.blue)
            return "\(isBackground ? 48 : 38);5;\(index)"
        case .palette16, .monochrome:
            let index = nearest16(red: color.red, green: color.green, blue: color.blue)
            let bright = index >= 8 ? 60 : 0
            return "\((isBackground ? 40 : 30) + bright + index % 8)"
        }
    }

    /// A colour of 24 bits.
    struct RGB: Equatable {
        let red: UInt8
        let green: UInt8
        let blue: UInt8
    }
}
