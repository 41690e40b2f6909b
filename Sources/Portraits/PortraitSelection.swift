/// Lets finished pictures through, or keeps them back until the best can be told.
struct PortraitSelection {
    /// How many pictures are made.
    let madeCount: Int
    private let keptCount: Int
    private var waiting: [Portrait] = []

    init(_ request: PortraitRequest) {
        keptCount = request.count
        madeCount = max(request.count, request.bestOf ?? 0)
    }

    /// What can be handed on now that one more picture is finished: at the end the ones whose faces are most the
    /// person's, best first.
    mutating func add(_ portrait: Portrait) -> [Portrait] {
        guard madeCount > keptCount else { return [portrait] }
        waiting.append(portrait)
        guard waiting.count == madeCount else { return [] }
        let ranked = waiting.sorted { ($0.likeness?.score ?? -1) > ($1.likeness?.score ?? -1) }
        return Array(ranked.prefix(keptCount))
    }
}
