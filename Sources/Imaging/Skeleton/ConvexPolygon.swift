extension Canvas {
    /// Fills a convex polygon of whole pixels, its outline included.
    mutating func fillConvexPolygon(_ vertices: [GridPoint], _ color: SIMD3<UInt8>) {
        for edge in Self.edges(vertices) { strokeLine(edge, color) }
        fillInterior(
            vertices.map { GridPoint(x: $0.x * Self.one, y: $0.y * Self.one) }, color)
    }

    /// Fills a convex polygon in fixed point, its outline included.
    mutating func fillFixedPointConvexPolygon(_ vertices: [GridPoint], _ color: SIMD3<UInt8>) {
        for edge in Self.edges(vertices) { strokeFixedPointLine(edge, color) }
        fillInterior(vertices, color)
    }

    /// Draws a line with round ends between pixels.
    ///
    /// - Parameter thickness: in pixels, even.
    mutating func strokeLine(_ line: Segment, thickness: Int, _ color: SIMD3<UInt8>) {
        let (deltaX, deltaY) = (Double(line.start.x - line.end.x), Double(line.end.y - line.start.y))
        let square = deltaX * deltaX + deltaY * deltaY
        if square > 0 {
            // Half the thickness, across the line.
            let scale = Double(thickness * Self.half) / square.squareRoot()
            let across = GridPoint(
                x: Int((deltaY * scale).rounded(.toNearestOrEven)),
                y: Int((deltaX * scale).rounded(.toNearestOrEven)))
            func corner(_ point: GridPoint, _ side: Int) -> GridPoint {
                GridPoint(
                    x: point.x * Self.one + side * across.x, y: point.y * Self.one + side * across.y)
            }
            fillFixedPointConvexPolygon(
                [corner(line.start, 1), corner(line.start, -1), corner(line.end, -1), corner(line.end, 1)],
                color)
        }
        for end in [line.start, line.end] { fillCircle(center: end, radius: thickness / 2, color) }
    }

    /// The edges in the order of OpenCV: the one that closes the polygon comes first.
    private static func edges(_ vertices: [GridPoint]) -> [Segment] {
        zip(vertices.suffix(1) + vertices.dropLast(), vertices).map { Segment(start: $0, end: $1) }
    }

    /// Fills what lies between a convex polygon's two flanks, row by row.
    ///
    /// - Parameter vertices: in fixed point.
    private mutating func fillInterior(_ vertices: [GridPoint], _ color: SIMD3<UInt8>) {
        let rows = vertices.map { ($0.y + Self.half) >> Self.fractionBits }
        guard vertices.count >= 3, let top = vertices.indices.min(by: { vertices[$0].y < vertices[$1].y }),
            let lastRow = rows.max(), lastRow >= 0, rows[top] < height
        else { return }
        var unusedEdges = vertices.count
        var flanks = (
            Flank(vertex: top, row: rows[top], direction: 1),
            Flank(vertex: top, row: rows[top], direction: vertices.count - 1)
        )
        for row in rows[top]...min(lastRow, height - 1) {
            guard flanks.0.advance(to: row, vertices, rows: rows, unusedEdges: &unusedEdges),
                flanks.1.advance(to: row, vertices, rows: rows, unusedEdges: &unusedEdges)
            else { return }
            let left = (min(flanks.0.x, flanks.1.x) + Self.half) >> Self.fractionBits
            let right = (max(flanks.0.x, flanks.1.x) + Self.half) >> Self.fractionBits
            fillRow(row, columns: left...right, color)
            flanks.0.x += flanks.0.slope
            flanks.1.x += flanks.1.slope
        }
    }
}

/// One of the two chains of edges that lead from a convex polygon's top to its bottom.
private struct Flank {
    /// Where the flank crosses the row in work, in fixed point.
    var x = -Canvas.one
    /// What `x` changes by from row to row.
    private(set) var slope = 0
    /// The vertex at the lower end of the edge in work.
    private var vertex: Int
    /// The row of that vertex.
    private var lastRow: Int
    /// What leads from a vertex to the next one, modulo their number.
    private let direction: Int

    init(vertex: Int, row: Int, direction: Int) {
        self.vertex = vertex
        lastRow = row
        self.direction = direction
    }

    /// Goes on to the next edge that reaches below `row` once the edge in work has ended.
    ///
    /// - Parameter unusedEdges: how many edges of the polygon neither flank has looked at.
    /// - Returns: false if there is no such edge.
    mutating func advance(
        to row: Int, _ vertices: [GridPoint], rows: [Int], unusedEdges: inout Int
    ) -> Bool {
        guard row >= lastRow else { return true }
        var start = vertex
        while unusedEdges > 0 {
            unusedEdges -= 1
            let end = (start + direction) % vertices.count
            if rows[end] > row {
                let rowCount = rows[end] - row
                // Rounded division.
                slope = ((vertices[end].x - vertices[start].x) * 2 + rowCount) / (2 * rowCount)
                x = vertices[start].x
                vertex = end
                lastRow = rows[end]
                return true
            }
            start = end
        }
        return false
    }
}
