import TerminalKit

/// Something that can be shown as a picture.
package enum PictureKey: Sendable, Hashable {
    /// A picture file, scaled to about so many pixels on its longer side.
    case file(String, side: Int)
    /// A part of a picture file.
    case part(String, zoom: Zoom, side: Int)
    /// A photo with its faces' numbers and frames drawn in.
    case numberedFaces(String, chosen: [Int])
    /// A picture of people with their skeletons drawn over it.
    case posed(String)
    /// An aligned face: photo and number, counted from 0; with its surroundings, or the head alone.
    case face(String, index: Int, isHead: Bool)
    /// What a job has painted so far.
    case live(job: Int)

    /// What the terminal's cache calls it.
    package var name: String { "\(self)" }
}

/// The pictures that are ready to be shown; loading is left to effects.
package struct PictureShelf: Sendable {
    package struct Entry: Sendable {
        package let image: PixelImage
        /// Counts up when a later picture takes its place.
        package let version: Int
    }

    /// Small pictures, so a few hundred of them are some dozen megabytes.
    private static let capacity = 300

    private var entries: [PictureKey: Entry] = [:]
    private var order: [PictureKey] = []
    /// Kept beyond the pictures themselves: a version never means other pixels.
    private var versions: [PictureKey: Int] = [:]
    /// Pictures that could not be loaded, so that nobody tries again and again.
    package private(set) var failures: [PictureKey: String] = [:]
    /// Pictures that are being loaded.
    package private(set) var pending: Set<PictureKey> = []

    package init() {}

    package subscript(key: PictureKey) -> Entry? { entries[key] }

    /// Of the pictures wanted, those nobody has asked for yet; they count as pending from now on.
    package mutating func claim(_ wanted: [PictureKey]) -> [PictureKey] {
        let new = wanted.filter { entries[$0] == nil && failures[$0] == nil && !pending.contains($0) }
        pending.formUnion(new)
        return new
    }

    package mutating func put(_ image: PixelImage, for key: PictureKey) {
        pending.remove(key)
        let version = (versions[key] ?? 0) + 1
        versions[key] = version
        if entries[key] == nil { order.append(key) }
        entries[key] = Entry(image: image, version: version)
        if order.count > Self.capacity { entries[order.removeFirst()] = nil }
    }

    package mutating func fail(_ key: PictureKey, _ sentence: String) {
        pending.remove(key)
        failures[key] = sentence
    }

    /// Forgets a picture whose file is another one now.
    package mutating func forget(where isStale: (PictureKey) -> Bool) {
        entries = entries.filter { !isStale($0.key) }
        failures = failures.filter { !isStale($0.key) }
        order.removeAll(where: isStale)
    }
}
