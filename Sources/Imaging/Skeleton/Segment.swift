/// A straight line between two points, whole pixels or in fixed point.
struct Segment: Equatable {
    var start: GridPoint
    var end: GridPoint

    /// The part inside `0..<width` and `0..<height`, or nil if there is none.
    ///
    /// Cohen and Sutherland's algorithm (Newman and Sproull, "Principles of Interactive Computer Graphics", 1979), in
    /// integers and in OpenCV's order: rows before columns, the start before the end. Since each step rounds towards
    /// zero, the order is part of the result.
    func clipped(width: Int, height: Int) -> Segment? {
        var line = self
        let (right, bottom) = (width - 1, height - 1)
        func sides(_ point: GridPoint) -> Sides { Sides(of: point, right: right, bottom: bottom) }
        guard sides(start).isDisjoint(with: sides(end)) else { return nil }

        if let row = sides(start).row(bottom: bottom) {
            line.start = line.start.moved(to: end, untilRow: row)
        }
        if let row = sides(end).row(bottom: bottom) {
            line.end = line.end.moved(to: line.start, untilRow: row)
        }
        guard sides(line.start).isDisjoint(with: sides(line.end)) else { return nil }

        if let column = sides(line.start).column(right: right) {
            line.start = line.start.moved(to: line.end, untilColumn: column)
        }
        if let column = sides(line.end).column(right: right) {
            line.end = line.end.moved(to: line.start, untilColumn: column)
        }
        return line
    }
}

/// On which sides of the picture a point lies outside.
private struct Sides: OptionSet {
    let rawValue: Int
    static let left = Sides(rawValue: 1)
    static let right = Sides(rawValue: 2)
    static let top = Sides(rawValue: 4)
    static let bottom = Sides(rawValue: 8)

    init(rawValue: Int) { self.rawValue = rawValue }

    init(of point: GridPoint, right: Int, bottom: Int) {
        self = []
        if point.x < 0 { insert(.left) }
        if point.x > right { insert(.right) }
        if point.y < 0 { insert(.top) }
        if point.y > bottom { insert(.bottom) }
    }

    /// The row at which a line that comes from there enters; nil if it starts in one of the picture's rows.
    func row(bottom: Int) -> Int? {
        contains(.top) ? 0 : contains(.bottom) ? bottom : nil
    }

    /// The column at which a line that comes from there enters.
    func column(right: Int) -> Int? {
        contains(.left) ? 0 : contains(.right) ? right : nil
    }
}

extension GridPoint {
    /// The point on the way to `goal` that lies in a row.
    ///
    /// `goal` lies in another row than this point.
    fileprivate func moved(to goal: GridPoint, untilRow row: Int) -> GridPoint {
        GridPoint(x: x + (row - y) * (goal.x - x) / (goal.y - y), y: row)
    }

    /// The point on the way to `goal` that lies in a column.
    ///
    /// `goal` lies in another column than this point.
    fileprivate func moved(to goal: GridPoint, untilColumn column: Int) -> GridPoint {
        GridPoint(x: column, y: y + (column - x) * (goal.y - y) / (goal.x - x))
    }
}
