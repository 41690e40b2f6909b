import Glibc
import TerminalKit

/// What the program shows.
private struct Model {
    var selection = 0
    var picture = 0
    var version = 0
    var hasPopup = false
    var hasCursor = false
    var last = "-"
    private var image = (hue: 0, pixels: Self.image(0))

    /// Draws the picture that is chosen.
    mutating func updateImage() {
        let hue = picture * 50 + version * 20
        if image.hue != hue { image = (hue, Self.image(hue)) }
    }

    func frame(_ size: CellSize) -> Frame {
        var frame = Frame(size: size)
        let (upper, footer) = frame.bounds.splitRows(bottom: 1)
        let (header, middle) = upper.splitRows(top: 1)
        let (list, preview) = middle.splitColumns(left: min(30, size.columns / 2))
        frame.write("Header \(selection)", at: header.origin, style: TextStyle(isBold: true), width: nil)
        frame.box(list, title: "List", style: TextStyle(foreground: .palette(6)))
        let inner = list.inset(by: 1)
        for row in 0..<inner.rows {
            let index = selection + row
            let style = row == 2 ? TextStyle(background: .palette(4), isReversed: true) : .standard
            let text = "item \(index) 肖像 " + String(repeating: "=", count: index * 7 % 13)
            frame.fill(
                CellRect(column: inner.column, row: inner.row + row, columns: inner.columns, rows: 1),
                style: style)
            frame.write(
                text, at: CellPoint(column: inner.column, row: inner.row + row), style: style,
                width: inner.columns)
        }
        frame.box(preview, title: "Picture", style: TextStyle(foreground: .rgb(250, 150, 50)))
        frame.place(
            FramePicture(
                id: "picture \(picture)", version: version, image: image.pixels,
                rect: preview.inset(by: 1)))
        frame.write("event: \(last)", at: footer.origin)
        if hasPopup {
            let popup = frame.bounds.centered(CellSize(columns: 40, rows: 7))
            frame.fill(popup, style: TextStyle(background: .palette(1)))
            frame.box(popup, title: "Popup", style: TextStyle(background: .palette(1)))
        }
        if hasCursor { frame.cursor = CellPoint(column: 7, row: size.rows - 1) }
        return frame
    }

    /// Smooth shading and a disc with a sharp edge; `shadedDisc` in the tests draws the same.
    static func image(_ hue: Int) -> PixelImage {
        let (width, height) = (120, 150)
        var rgba: [UInt8] = []
        for y in 0..<height {
            for x in 0..<width {
                let (right, down) = (x - width / 2, y - height / 2)
                let isDisc = right * right + down * down < width * height / 9
                rgba += [
                    UInt8(x * 255 / width), UInt8(y * 255 / height), UInt8((isDisc ? 200 : 60 + hue) % 256),
                    255,
                ]
            }
        }
        return PixelImage(width: width, height: height, rgba: rgba)
    }
}

/// Runs until `q`; messages go to a file, one line for each event.
func show(log: String) -> Int32 {
    var environment: [String: String] = [:]
    var entry = environ
    while let text = entry.pointee {
        let parts = String(cString: text).split(
            separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        environment[String(parts[0])] = parts.count > 1 ? String(parts[1]) : ""
        entry += 1
    }
    let session: TerminalSession
    do {
        session = try TerminalSession.open(.init(environment: environment, logFile: log))
    } catch {
        print(error)
        return 69
    }
    var model = Model()
    session.screen.present(model.frame(session.screen.size))
    while let event = session.nextEvent(timeout: nil) {
        model.last = describe(event)
        say(model.last)
        switch event {
        case .key(let key) where key.code == .character("q"):
            session.close()
            print("closed")
            return 0
        case .key(let key):
            obey(key, &model, session)
            model.updateImage()
        case .hangup, .terminate:
            session.endBySignal()
            return 1
        default: break
        }
        session.screen.present(model.frame(session.screen.size))
    }
    return 0
}

private func obey(_ key: Key, _ model: inout Model, _ session: TerminalSession) {
    switch key.code {
    case .down: model.selection += 1
    case .up: model.selection = max(0, model.selection - 1)
    case .character("n"): model.picture += 1
    case .character("v"): model.version += 1
    case .character("p"): model.hasPopup.toggle()
    case .character("c"): model.hasCursor.toggle()
    case .character("l"): session.redraw()
    case .character("t"): session.setTitle("A title\u{1B}]2;b")
    case .character("N"): session.notify(title: "Done", body: "1 portrait")
    case .character("P"): session.setProgress(0.25)
    case .character("X"): fatalError("A crash on purpose")
    case .character("E"): exit(3)
    case .character("H"): while true { sleep(1) }
    case .character("O"): say("\(depth(of: 1))")
    case .character("T"): onAThread { fatalError("A crash on purpose") }
    case .character("S"):
        onAThread {
            SignalStack.addToThisThread()
            say("\(depth(of: 1))")
        }
    case .character("w"):
        let waker = session.waker
        onAThread { waker.wake() }
    default: break
    }
}

/// Overflows the stack.
private func depth(of count: Int) -> Int {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 1000) { bytes in
        bytes.initialize(repeating: UInt8(truncatingIfNeeded: count))
        return count > 0 ? depth(of: count + Int(bytes[0])) + Int(bytes[1]) : 0
    }
}

private final class Work: Sendable {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}

private func onAThread(_ run: @escaping @Sendable () -> Void) {
    var thread = pthread_t()
    pthread_create(
        &thread, nil,
        { context in
            if let context { Unmanaged<Work>.fromOpaque(context).takeRetainedValue().run() }
            return nil
        }, Unmanaged.passRetained(Work(run)).toOpaque())
    pthread_detach(thread)
}

private func describe(_ event: TerminalEvent) -> String {
    switch event {
    case .key(let key): "key \(key.code)"
    case .paste(let text): "paste \(text)"
    case .mouse(let mouse):
        "mouse \(mouse.kind == .press(.left) ? "press" : "other") \(mouse.at.column) \(mouse.at.row)"
    case .focus(let isIn): "focus \(isIn)"
    case .resized(let size): "resized \(size.columns) x \(size.rows)"
    case .resumed: "resumed"
    case .capabilitiesChanged(let terminal): "graphics \(terminal.graphics)"
    case .wake: "wake"
    case .hangup: "hangup"
    case .terminate: "terminate"
    }
}

private func say(_ line: String) {
    let bytes = Array("\(line)\n".utf8)
    _ = write(STDERR_FILENO, bytes, bytes.count)
}
