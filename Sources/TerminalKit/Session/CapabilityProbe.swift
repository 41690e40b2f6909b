/// The questions to a terminal and its answers, which come among the keys whenever they come.
///
/// Nobody waits for them: until the answers are there, the terminal counts as one that shows blocks.
struct CapabilityProbe {
    /// A terminal that is slower counts as one that does not answer, until it does.
    static let patience = Duration.seconds(1)

    /// What the terminal said so far.
    private(set) var replies = TerminalReplies()
    /// When the answers should be complete; nil if none are awaited.
    private(set) var deadline: ContinuousClock.Instant?
    /// Registers the terminal had before we asked for more; nil if they were not changed.
    private(set) var originalRegisters: Int?

    private let environment: [String: String]
    private var incoming = TerminalReplies()
    private var hasAskedFurther = false

    init(environment: [String: String]) {
        self.environment = environment
    }

    /// The questions to send.
    mutating func begin(now: ContinuousClock.Instant) -> String {
        incoming = TerminalReplies()
        hasAskedFurther = false
        deadline = now + Self.patience
        return TerminalReplies.questions
    }

    /// Takes an answer.
    ///
    /// - Returns: further questions to send, and whether `replies` has changed.
    mutating func take(
        _ reply: TerminalReply, now: ContinuousClock.Instant
    ) -> (questions: String?, isComplete: Bool) {
        incoming.add(reply)
        guard incoming.deviceAttributes != nil else { return (nil, false) }
        let further = [incoming.registerRequest, incoming.kittyQuestion(environment: environment)].compactMap
        { $0 }
        if !hasAskedFurther, !further.isEmpty {
            hasAskedFurther = true
            if incoming.registerRequest != nil, originalRegisters == nil {
                originalRegisters = incoming.colorRegisters
            }
            incoming.awaitDeviceAttributes()
            deadline = now + Self.patience
            return (further.joined() + TerminalReplies.lastQuestion, false)
        }
        deadline = nil
        replies = incoming
        return (nil, true)
    }

    /// The answers will not come.
    mutating func giveUp() {
        deadline = nil
        if replies.deviceAttributes == nil { replies = incoming }
    }

    /// The registers are as they were.
    mutating func registersRestored() { originalRegisters = nil }
}
