import CTerminal
import Glibc

extension TerminalSession {
    /// How long an escape may be the beginning of something; a terminal far away sends in pieces.
    private var keyPatience: Duration {
        if probe.deadline != nil { return .milliseconds(100) }
        return options.environment["SSH_CONNECTION"] == nil ? .milliseconds(25) : .milliseconds(50)
    }

    /// Waits for the next event, and meanwhile paints pictures that have become ready.
    ///
    /// - Parameter timeout: how long to wait; for ever if nil.
    /// - Returns: nil when the time is over.
    public func nextEvent(timeout: Duration?) -> TerminalEvent? {
        guard !isClosed else { return nil }
        let end = timeout.map { clock.now + $0 }
        while true {
            if let event = takeEvent() { return event }
            let now = clock.now
            passTime(now)
            if !events.isEmpty { continue }
            if let end, now >= end {
                // Even callers that never wait get what is there.
                wait(until: now)
                return takeEvent()
            }
            wait(until: [end, nextDeadline].compactMap { $0 }.min())
        }
    }

    private func takeEvent() -> TerminalEvent? {
        if device.isGone && !hasReportedHangup {
            hasReportedHangup = true
            return .hangup
        }
        while !events.isEmpty {
            let event = events.removeFirst()
            if event == .key(Key(.character("z"), isControl: true)) {
                suspend()
                continue
            }
            return event
        }
        return nil
    }

    /// When something is to be done though nothing happens.
    private var nextDeadline: ContinuousClock.Instant? {
        let background = isInBackground ? clock.now + .milliseconds(250) : nil
        return [inputDeadline, probe.deadline, nextProbe, background].compactMap { $0 }.min()
    }

    private var inputDeadline: ContinuousClock.Instant? {
        switch parser.patience {
        case .none: nil
        case .key: lastInput + keyPatience
        case .sequence: lastInput + .seconds(1)
        case .paste: lastInput + .seconds(5)
        }
    }

    private func passTime(_ now: ContinuousClock.Instant) {
        if isInBackground && device.isForeground { comeBack() }
        if let inputDeadline, now >= inputDeadline { take(parser.giveUp()) }
        if let deadline = probe.deadline, now >= deadline {
            probe.giveUp()
            capabilitiesMayHaveChanged()
        }
        if let nextProbe, now >= nextProbe { beginProbe() }
    }

    private func wait(until deadline: ContinuousClock.Instant?) {
        let isDeaf = device.isGone || isInBackground
        var sources = [
            pollfd(fd: isDeaf ? -1 : device.descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: signals, events: Int16(POLLIN), revents: 0),
            pollfd(fd: waker.descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: curses.pictureDescriptor, events: Int16(POLLIN), revents: 0),
        ]
        if !isDeaf && (curses.isPaintable && !device.hasInput) { curses.paintPictures() }
        let milliseconds = deadline.map { max(0, ($0 - clock.now) / .milliseconds(1)).rounded(.up) }
        // Input that came during a long write is here already.
        let limit = device.hasBufferedInput ? 0 : Int32(min(milliseconds ?? -1, 3_600_000))
        let count = poll(&sources, nfds_t(sources.count), limit)
        facechain_terminal_wait_if_crashing()
        guard count > 0 || device.hasBufferedInput else { return }
        if sources[1].revents != 0 { takeSignals() }
        if isClosed { return }
        if !isDeaf && (sources[0].revents != 0 || device.hasBufferedInput) { takeInput() }
        if sources[2].revents != 0 {
            waker.clear()
            if !events.contains(.wake) { events.append(.wake) }
        }
        if sources[3].revents != 0 { curses.paintPictures() }
    }

    private func takeInput() {
        let bytes = device.takeInput()
        guard !bytes.isEmpty else { return }
        lastInput = clock.now
        take(parser.feed(bytes))
    }

    private func take(_ items: [InputParser.Item]) {
        for item in items {
            switch item {
            case .event(let event):
                events.append(event)
                // Another client may have attached to tmux.
                if event == .focus(true), capabilities.isInsideTmux { curses.repaintPictures() }
            case .reply(let reply):
                let (questions, isComplete) = probe.take(reply, now: clock.now)
                if let questions {
                    arm()
                    device.write(questions)
                }
                if isComplete { capabilitiesMayHaveChanged() }
            }
        }
    }

    /// Asks the terminal what it can do.
    func beginProbe() {
        nextProbe = nil
        // These show some questions as text, and have no pictures.
        let term = options.environment["TERM"] ?? ""
        let isMute = ["linux", "eterm", "emacs", "vt100", "ansi"].contains { term.hasPrefix($0) }
        guard !isMute, !device.isGone else { return }
        device.write(probe.begin(now: clock.now))
    }

    /// Looks at what the terminal and the system say now.
    func capabilitiesMayHaveChanged() {
        let (cells, pixels) = device.windowSize
        let found = TerminalCapabilities(
            replies: probe.replies, columns: cells.columns, rows: cells.rows, windowSize: pixels,
            isUnicode: isUnicode, forced: options.graphics, environment: options.environment)
        guard found != capabilities else { return }
        let isNews = !found.isEqualApartFromSize(to: capabilities)
        capabilities = found
        arm()
        curses.adapt(to: found)
        if isNews { events.append(.capabilitiesChanged(found)) }
    }

    /// Turns what the signal handlers noted into events.
    func takeSignals() {
        var buffer = [UInt8](repeating: 0, count: 64)
        let count = read(signals, &buffer, buffer.count)
        guard count > 0 else { return }
        let numbers = Set(buffer[..<count].map(Int32.init))
        for number in [SIGHUP, SIGTERM, SIGINT] where numbers.contains(number) {
            endingSignal = number
            if number != SIGHUP {
                events.append(.terminate)
            } else if !hasReportedHangup {
                hasReportedHangup = true
                events.append(.hangup)
            }
        }
        // On the way back from a stop the rest has been seen to.
        if isStopping { return }
        if numbers.contains(SIGTSTP) {
            suspend()
        } else if numbers.contains(SIGCONT) {
            resumeAfterUnseenStop()
        }
        if numbers.contains(SIGWINCH) && !isInBackground { resize() }
    }

    /// SIGSTOP cannot be seen before; whoever had the terminal meanwhile has changed it.
    private func resumeAfterUnseenStop() {
        guard !isInBackground else { return }
        guard device.isForeground else {
            isInBackground = true
            return
        }
        comeBack()
    }

    private func resize() {
        curses.resize()
        // What follows from pixels of the window needs no question.
        capabilitiesMayHaveChanged()
        nextProbe = clock.now + .milliseconds(150)
        events.removeAll { if case .resized = $0 { true } else { false } }
        events.append(.resized(curses.size))
    }
}
