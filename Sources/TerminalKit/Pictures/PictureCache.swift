/// Encoded pictures, the least recently used of which go when there are too many bytes.
struct PictureCache {
    private var entries: [PictureEncoding: (picture: EncodedPicture, lastUse: Int)] = [:]
    private var clock = 0
    private var byteCount = 0
    private let byteLimit: Int

    init(byteLimit: Int) {
        self.byteLimit = byteLimit
    }

    /// Whether a picture is there.
    func contains(_ encoding: PictureEncoding) -> Bool { entries[encoding] != nil }

    /// A picture that is there.
    mutating func picture(for encoding: PictureEncoding) -> EncodedPicture? {
        guard let entry = entries[encoding] else { return nil }
        clock += 1
        entries[encoding] = (entry.picture, clock)
        return entry.picture
    }

    /// Keeps a picture, even one that is larger than all others together may be.
    mutating func insert(_ picture: EncodedPicture, for encoding: PictureEncoding) {
        clock += 1
        byteCount += picture.byteCount - (entries[encoding]?.picture.byteCount ?? 0)
        entries[encoding] = (picture, clock)
        while byteCount > byteLimit, entries.count > 1,
            let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse })
        {
            byteCount -= oldest.value.picture.byteCount
            entries[oldest.key] = nil
        }
    }
}
