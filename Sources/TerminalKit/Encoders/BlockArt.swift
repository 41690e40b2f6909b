/// Pictures as characters: each cell shows four pixels in two colours, with the quadrants of U+2580...U+259F.
package enum BlockArt {
    /// Quadrants that have the foreground colour: bits 0 upper left, 1 upper right, 2 lower left, 3 lower right.
    private static let glyphs = Array(" ▘▝▀▖▌▞▛▗▚▐▜▄▙▟█").map { Array(String($0).utf8) }

    /// One line of bytes for each two rows of pixels, each beginning and ending with standard colours.
    ///
    /// Of the eight ways to divide four pixels in two groups, the one is taken whose mean colours are nearest.
    package static func encode(
        _ image: PixelImage, colors: TerminalCapabilities.ColorDepth
    ) -> [[UInt8]] {
        let rgb = image.rgbOverBlack()
        return stride(from: 0, to: image.height - image.height % 2, by: 2).map { y in
            var line = Array("\u{1B}[0m".utf8)
            var (foreground, background) = ("", "")
            for x in stride(from: 0, to: image.width - image.width % 2, by: 2) {
                let cell = bestCell(rgb, x: x, y: y, width: image.width)
                let fore = Palette.parameters(cell.foreground, isBackground: false, depth: colors)
                let back = Palette.parameters(cell.background, isBackground: true, depth: colors)
                let changes = (fore == foreground ? [] : [fore]) + (back == background ? [] : [back])
                if !changes.isEmpty { line += Array("\u{1B}[\(changes.joined(separator: ";"))m".utf8) }
                (foreground, background) = (fore, back)
                line += glyphs[cell.mask]
            }
            return line + Array("\u{1B}[0m".utf8)
        }
    }

    private struct Cell {
        let mask: Int
        let foreground: Palette.RGB
        let background: Palette.RGB
    }

    private static func bestCell(_ rgb: [UInt8], x: Int, y: Int, width: Int) -> Cell {
        let starts = [(0, 0), (1, 0), (0, 1), (1, 1)].map { ((y + $0.1) * width + x + $0.0) * 3 }
        let pixels = starts.map { SIMD4<Int>(Int(rgb[$0]), Int(rgb[$0 + 1]), Int(rgb[$0 + 2]), 0) }
        var best: (mask: Int, error: Int) = (0, .max)
        // Masks from 8 on are the complements of these.
        for mask in 0..<8 {
            let error = spread(pixels, mask) + spread(pixels, ~mask)
            if error < best.error { best = (mask, error) }
        }
        return Cell(
            mask: best.mask, foreground: color(mean(pixels, best.mask)),
            background: color(mean(pixels, ~best.mask)))
    }

    private static func mean(_ pixels: [SIMD4<Int>], _ mask: Int) -> SIMD4<Int> {
        var (sum, count) = (SIMD4<Int>.zero, 0)
        for index in 0..<4 where mask >> index & 1 == 1 {
            sum &+= pixels[index]
            count += 1
        }
        return count == 0 ? .zero : sum / count
    }

    /// The squared distances of a group's pixels from their mean.
    private static func spread(_ pixels: [SIMD4<Int>], _ mask: Int) -> Int {
        let center = mean(pixels, mask)
        return (0..<4).reduce(0) { sum, index in
            guard mask >> index & 1 == 1 else { return sum }
            let difference = pixels[index] &- center
            return sum + (difference &* difference).wrappedSum()
        }
    }

    private static func color(_ mean: SIMD4<Int>) -> Palette.RGB {
        Palette.RGB(red: UInt8(mean[0]), green: UInt8(mean[1]), blue: UInt8(mean[2]))
    }
}

/// Pictures as ASCII, one pixel a character.
package enum CharacterArt {
    /// From little ink to much.
    private static let ramp = Array(" .:-=+*#%@".utf8)

    /// One line of bytes for each row of pixels.
    ///
    /// - Parameter isDark: whether the background is dark, so that more ink is brighter.
    package static func encode(
        _ image: PixelImage, colors: TerminalCapabilities.ColorDepth, isDark: Bool
    ) -> [[UInt8]] {
        let rgb = image.rgbOverBlack()
        return (0..<image.height).map { y in
            var line = Array("\u{1B}[0m".utf8)
            var foreground = ""
            for x in 0..<image.width {
                let start = (y * image.width + x) * 3
                let pixel = Palette.RGB(red: rgb[start], green: rgb[start + 1], blue: rgb[start + 2])
                // Luma of ITU-R BT.601, in thousandths.
                let luma = (299 * Int(pixel.red) + 587 * Int(pixel.green) + 114 * Int(pixel.blue)) / 1000
                let ink = (isDark ? luma : 255 - luma) * ramp.count / 256
                let color =
                    colors == .monochrome
                    ? "" : Palette.parameters(pixel, isBackground: false, depth: colors)
                if color != foreground { line += Array("\u{1B}[\(color)m".utf8) }
                foreground = color
                line.append(ramp[ink])
            }
            return line + Array("\u{1B}[0m".utf8)
        }
    }
}
