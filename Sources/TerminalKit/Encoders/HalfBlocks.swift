/// Pictures as characters: U+2580 shows two pixels in each cell, the upper as foreground, the lower as
/// background, in 24-bit colour (ISO 8613-6 SGR 38;2 and 48;2).
public enum HalfBlocks {
    /// Lines of `columns` cells, each ending in a reset; the picture is shrunk to fit, cells taken as 1 : 2.
    public static func encode(_ image: PixelImage, columns: Int, rows: Int) -> String {
        let size = image.fittedSize(maxWidth: columns, maxHeight: rows * 2)
        let small = image.shrunk(toWidth: size.width, height: size.height)
        let rgb = small.rgbOverBlack()
        func color(_ x: Int, _ y: Int) -> String {
            let start = (min(y, small.height - 1) * small.width + x) * 3
            return "\(rgb[start]);\(rgb[start + 1]);\(rgb[start + 2])"
        }
        var result = ""
        for y in stride(from: 0, to: small.height, by: 2) {
            var (foreground, background) = ("", "")
            for x in 0..<small.width {
                let (upper, lower) = (color(x, y), color(x, y + 1))
                if upper != foreground { result += "\u{1B}[38;2;\(upper)m" }
                if lower != background { result += "\u{1B}[48;2;\(lower)m" }
                (foreground, background) = (upper, lower)
                result += "▀"
            }
            result += "\u{1B}[0m\n"
        }
        return result
    }
}
