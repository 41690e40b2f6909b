/// Something that shows frames.
public protocol Screen: AnyObject {
    /// The size a frame should have.
    var size: CellSize { get }
    /// Shows a frame; cells outside `size` are not shown, missing ones are blank.
    func present(_ frame: Frame)
}

/// A screen that keeps what it is given, for tests.
public final class MemoryScreen: Screen {
    /// The size frames should have; tests may change it.
    public var size: CellSize
    /// All frames so far.
    public private(set) var frames: [Frame] = []

    /// Makes a screen.
    public init(size: CellSize) {
        self.size = size
    }

    /// Keeps the frame.
    public func present(_ frame: Frame) {
        frames.append(frame)
    }

    /// The rows of the last frame.
    public var text: [String] { frames.last?.text() ?? [] }
}
