import CTerminal

/// A real terminal: ncurses for the characters, and the pictures above them, which ncurses knows nothing of.
///
/// Under a picture ncurses has a character that it never erases by accident. A frame goes out in this order: blanks
/// where pixels must go, changed characters, new pictures; between begin and end of a synchronized update.
final class CursesScreen: Screen {
    private static let cacheByteLimit = 32 << 20
    private static let beginUpdate = "\u{1B}[?2026h"
    private static let endUpdate = "\u{1B}[?2026l"

    private let device: TerminalDevice
    private let window: CursesWindow
    private let encoder: PictureEncoder
    private var cache = PictureCache(byteLimit: cacheByteLimit)
    private var layer: PictureLayer
    private var terminal: TerminalCapabilities
    /// What was to be shown last.
    private var latest: Frame?
    /// What is shown: `latest`, but for pictures that are held back.
    private var frame: Frame?
    private var plan: PicturePlan?
    private var isActive = true
    /// Pictures of kitty's protocol that are on the screen; they lie above text until they are deleted.
    private var placements: [PictureTile: UInt32] = [:]
    private var lastPlacement: UInt32 = 0

    private(set) var size: CellSize

    init(
        device: TerminalDevice, window: CursesWindow, encoder: PictureEncoder,
        terminal: TerminalCapabilities
    ) {
        self.device = device
        self.window = window
        self.encoder = encoder
        self.terminal = terminal
        size = device.windowSize.cells
        layer = PictureLayer(size: size)
    }

    /// Becomes readable when pictures are ready for `paintPictures`.
    var pictureDescriptor: Int32 { encoder.done.descriptor }

    /// What takes the terminal back to its main screen.
    var leavingSequence: String { window.leavingSequence }

    func present(_ frame: Frame) {
        facechain_terminal_wait_if_crashing()
        guard isActive, !device.isGone else { return }
        latest = frame
        show(holdingBack(frame))
    }

    /// The frame with those pictures in their earlier version that are not painted yet: one that changes faster than
    /// it can be encoded would never be seen otherwise.
    private func holdingBack(_ frame: Frame) -> Frame {
        guard let shown = self.frame, let plan else { return frame }
        let unpainted = Set(plan.tiles.filter { layer.lacks($0, of: plan) }.map(\.encoding.id))
        var held = frame
        for (index, picture) in frame.pictures.enumerated() where unpainted.contains(picture.id) {
            let earlier = shown.pictures.first { $0.id == picture.id && $0.rect == picture.rect }
            if let earlier { held.replacePicture(at: index, with: earlier) }
        }
        return held
    }

    private func show(_ frame: Frame) {
        let plan = layer.plan(frame, terminal: terminal)
        var prelude = Self.beginUpdate
        let stale = stalePlacements(plan)
        if !plan.erased.isEmpty || !stale.isEmpty { prelude += "\u{1B}7\u{1B}[0m" }
        for rect in plan.erased {
            prelude += Self.move(rect.origin) + String(repeating: " ", count: rect.columns)
        }
        for tile in stale {
            prelude += String(decoding: delete(tile), as: UTF8.self)
            layer.forget(tile.place)
        }
        if !plan.erased.isEmpty || !stale.isEmpty { prelude += "\u{1B}8" }
        device.write(prelude)
        putRows(of: frame, plan)
        self.frame = frame
        self.plan = plan
        window.update(cursor: visibleCursor)
        // With keys waiting, the next frame matters more than pictures that it may not have.
        if !device.hasInput { paint() }
        device.write(Self.endUpdate)
        requestEncodings()
    }

    /// Paints what has been encoded and is still wanted.
    func paintPictures() {
        facechain_terminal_wait_if_crashing()
        for (encoding, picture) in encoder.takeFinished() { cache.insert(picture, for: encoding) }
        guard !device.isGone, isPaintable else { return }
        device.write(Self.beginUpdate)
        paint()
        device.write(Self.endUpdate)
        if let latest, latest.pictures != frame?.pictures { show(holdingBack(latest)) }
    }

    /// Whether an encoded picture waits to be painted.
    var isPaintable: Bool {
        guard isActive, let plan else { return false }
        return plan.tiles.contains { layer.lacks($0, of: plan) && cache.contains($0.encoding) }
    }

    /// Takes a new size; the next frame is drawn whole.
    func resize() {
        size = device.windowSize.cells
        guard isActive else { return }
        deletePlacements()
        window.resize(to: size)
        forgetAll()
    }

    /// Takes what became known of the terminal; the frame shown is drawn again.
    func adapt(to terminal: TerminalCapabilities) {
        let isOld = PictureFormat(terminal) == PictureFormat(self.terminal)
        self.terminal = terminal
        if !isOld, let latest { present(latest) }
    }

    /// Draws all that is shown again.
    func redraw() {
        guard isActive, let latest else { return }
        deletePlacements()
        window.invalidate()
        forgetAll()
        present(latest)
    }

    /// Draws all pictures again, which some terminals forget.
    func repaintPictures() {
        guard isActive, let latest else { return }
        layer = PictureLayer(size: size)
        present(latest)
    }

    /// Takes the pixels away and leaves the alternate screen.
    func leave() {
        guard isActive else { return }
        if !device.isGone {
            deletePlacements()
            for rect in layer.occupied() {
                device.write(
                    "\u{1B}[0m" + Self.move(rect.origin) + String(repeating: " ", count: rect.columns))
            }
            window.leave()
        }
        isActive = false
    }

    /// Comes back to the alternate screen; the next frame is drawn whole.
    func resume() {
        isActive = true
        resize()
        window.update(cursor: nil)
    }

    /// Ends the screen for good.
    func end() {
        leave()
        encoder.stop()
        window.end()
    }

    private var visibleCursor: CellPoint? {
        frame?.cursor.flatMap { CellRect(size).contains($0) ? $0 : nil }
    }

    private func forgetAll() {
        layer = PictureLayer(size: size)
        frame = nil
        plan = nil
    }

    private func putRows(of frame: Frame, _ plan: PicturePlan) {
        for row in 0..<size.rows {
            let holes = row * size.columns..<(row + 1) * size.columns
            let isSame =
                self.frame?.size == frame.size && row < frame.size.rows
                && self.frame.map { Frame.rowsAreEqual($0, frame, row: row) } == true
                && self.plan?.isHole[holes] == plan.isHole[holes]
            if isSame { continue }
            let cells = row < frame.size.rows ? frame[row: row] : []
            window.put(cells, isHole: plan.isHole[holes], row: row, columns: size.columns)
            layer.rowChanged(row, tiles: plan.tiles)
        }
    }

    private func paint() {
        // While the window changes, a picture of the old size might scroll the new one.
        guard let plan, device.windowSize.cells == size else { return }
        var output: [UInt8] = []
        for tile in plan.tiles where layer.lacks(tile, of: plan) {
            guard let picture = cache.picture(for: tile.encoding) else { continue }
            for piece in picture.pieces {
                let place = CellPoint(column: tile.place.column, row: tile.place.row + piece.row)
                output += Array(Self.move(place).utf8)
                output += terminal.graphics == .kitty ? transmission(of: piece.bytes, as: tile) : piece.bytes
            }
            layer.paint(tile, of: plan)
        }
        guard !output.isEmpty else { return }
        // A visible cursor would be drawn over the picture; some terminals show it after each picture.
        let cursor = visibleCursor == nil ? "\u{1B}[?25l" : "\u{1B}[?25h"
        device.write(Array("\u{1B}[?25l\u{1B}7".utf8) + output + Array("\u{1B}8\(cursor)".utf8))
    }

    private func requestEncodings() {
        guard let plan, let frame else { return }
        let images = Dictionary(
            frame.pictures.map { (PictureName(id: $0.id, version: $0.version), $0.image) },
            uniquingKeysWith: { first, _ in first })
        encoder.encode(
            plan.tiles.compactMap { tile in
                guard layer.lacks(tile, of: plan), !cache.contains(tile.encoding) else { return nil }
                let name = PictureName(id: tile.encoding.id, version: tile.encoding.version)
                return images[name].map { PictureEncoder.Job(encoding: tile.encoding, image: $0) }
            })
    }

    private struct PictureName: Hashable {
        let id: String
        let version: Int
    }

    /// Placements that no tile replaces.
    private func stalePlacements(_ plan: PicturePlan) -> [PictureTile] {
        placements.keys.filter { old in !plan.tiles.contains { $0.place == old.place } }
    }

    private func transmission(of payload: [UInt8], as tile: PictureTile) -> [UInt8] {
        let replaced = placements.keys.filter { $0.place == tile.place }
        lastPlacement += 1
        let bytes = KittyGraphics.transmission(of: payload, id: lastPlacement)
        let deletions = replaced.flatMap(delete)
        placements[tile] = lastPlacement
        return bytes + deletions
    }

    private func delete(_ tile: PictureTile) -> [UInt8] {
        placements.removeValue(forKey: tile).map(KittyGraphics.deletion) ?? []
    }

    private func deletePlacements() {
        guard !placements.isEmpty else { return }
        device.write(KittyGraphics.deletionOfAll)
        placements = [:]
    }

    private static func move(_ point: CellPoint) -> String {
        "\u{1B}[\(point.row + 1);\(point.column + 1)H"
    }
}
