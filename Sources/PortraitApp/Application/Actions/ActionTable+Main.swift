extension ActionTable {
    static let main: [AppAction] =
        [
            AppAction(
                "generate", ["g"], in: .main, hint: "generate", "Make a portrait of what is chosen"
            ) { $0.generate() },
            .change(
                "help", ["?", "f1"], in: .main, hint: "help", "Show all keys; Enter runs what is selected"
            ) {
                $0.overlays.append(.help(ActionSearch()))
            },
            .change("palette", [":", "ctrl-p"], in: .main, "Find an action by name and run it") {
                $0.overlays.append(.palette(ActionSearch()))
            },
            .change("pane.next", ["tab"], in: .main, "Go to the next pane") {
                $0.focus(on: $0.focus.neighbor(1))
            },
            .change("pane.previous", ["shift-tab"], in: .main, "Go to the pane before") {
                $0.focus(on: $0.focus.neighbor(-1))
            },
        ] + Pane.allCases.map(goTo) + [
            .change("checklist", ["c"], in: .main, "Show what is there and what is missing") {
                $0.overlays.append(.checklist)
            },
            .change("messages", ["L"], in: .main, "Show the messages so far") {
                $0.overlays.append(.messages(ListCursor($0.messages.count - 1)))
            },
            .change("preview.larger", ["+", "="], in: .main, "Give the preview more of the screen") {
                $0.magnifyPreview(by: 1)
            },
            .change("preview.smaller", ["_", "-"], in: .main, "Give the preview less of the screen") {
                $0.magnifyPreview(by: -1)
            },
            AppAction("quit", ["q"], in: .main, hint: "quit", "Leave; asks first while a portrait is made") {
                $0.quit()
            },
            .change("back", ["esc"], in: .main, "Go back one step: end a filter, leave the large preview") {
                $0.goBack()
            },
            AppAction(
                "interrupt", ["ctrl-c"], in: .always,
                "Cancel the running job; twice within two seconds leaves"
            ) { $0.interrupt() },
            AppAction("redraw", ["ctrl-l"], in: .always, "Draw the screen again") { _ in [.redraw] },
            AppAction("suspend", ["ctrl-z"], in: .always, "Go to the background; 'fg' comes back") { _ in
                [.suspend]
            },
        ]

    private static func goTo(_ pane: Pane) -> AppAction {
        .change("go.\(pane)", ["\(pane.rawValue)"], in: .main, "Go to \(pane.title)") { $0.focus(on: pane) }
    }

    static let lists: [AppAction] = [
        .change("down", ["j", "down"], in: .list, "Down", if: \.hasList) { $0.moveRows(1) },
        .change("up", ["k", "up"], in: .list, "Up", if: \.hasList) { $0.moveRows(-1) },
        .change("left", ["h", "left"], in: .list, "Left, in a grid", if: \.hasGrid) {
            $0.moveCursor(to: $0.cursor.index - 1)
        },
        .change("right", ["l", "right"], in: .list, "Right, in a grid", if: \.hasGrid) {
            $0.moveCursor(to: $0.cursor.index + 1)
        },
        .change("page.down", ["pagedown", "ctrl-d"], in: .list, "One screen down", if: \.hasList) {
            $0.movePages(1)
        },
        .change("page.up", ["pageup", "ctrl-u"], in: .list, "One screen up", if: \.hasList) {
            $0.movePages(-1)
        },
        .change("first", ["home", "<"], in: .list, "To the first entry", if: \.hasList) {
            $0.moveCursor(to: 0)
        },
        .change("last", ["end", "G", ">"], in: .list, "To the last entry", if: \.hasList) {
            $0.moveCursor(to: .max)
        },
        .change(
            "filter", ["/"], in: .list, hint: "filter", "Filter: words in any order, !word excludes, #tag",
            if: \.hasFilter
        ) { $0.isFiltering = true },
        AppAction(
            "choose", ["enter"], in: .list, hint: "choose", "Choose the selected entry", if: \.canChoose
        ) {
            $0.choose()
        },
    ]

    static let overlays: [AppAction] =
        Overlay.Kind.allCases.map { kind in
            .change(
                "close.\(kind)", kind == .viewer ? ["esc", "q"] : ["esc"], in: .overlay(kind), hint: "close",
                "Close"
            ) {
                $0.closeOverlay()
            }
        } + [
            AppAction(
                "files.up", ["backspace", "left", "alt-up"], in: .overlay(.files), hint: "folder above",
                "Go to the folder above"
            ) {
                $0.leaveFolder()
            },
            AppAction("files.enter", ["right"], in: .overlay(.files), "Go into the selected folder") {
                $0.enterFolder()
            },
            AppAction(
                "files.home", ["f2"], in: .overlay(.files), hint: "home", "Go to your own folder"
            ) {
                $0.enterHomeFolder()
            },
            AppAction(
                "files.examples", ["f3"], in: .overlay(.files), hint: "examples",
                "Go to the shipped examples"
            ) {
                $0.enterExampleFolder()
            },
            AppAction(
                "editor.keep", ["enter", "ctrl-s"], in: .overlay(.editor), hint: "keep", "Keep the text"
            ) {
                $0.keepEditedText()
            },
            .change(
                "editor.newline", ["ctrl-n", "alt-enter"], in: .overlay(.editor), hint: "new line",
                "Begin a new line",
                if: \.editsSeveralLines
            ) { $0.changeText { $0.insert("\n") } },
            .change("editor.up", ["up"], in: .overlay(.editor), "One line up", if: \.editsSeveralLines) {
                $0.moveEditorLine(by: -1)
            },
            .change("editor.down", ["down"], in: .overlay(.editor), "One line down", if: \.editsSeveralLines)
            {
                $0.moveEditorLine(by: 1)
            },
            AppAction("question.yes", ["y", "enter"], in: .overlay(.confirmation), hint: "yes", "Yes") {
                $0.confirm()
            },
            .change("question.no", ["n"], in: .overlay(.confirmation), hint: "no", "No") {
                $0.closeOverlay()
            },
            .change("viewer.enlarge", ["+", "=", "z"], in: .overlay(.viewer), hint: "zoom", "Enlarge") {
                $0.changeViewer { $0.zoom.enlarge() }
            },
            .change("viewer.shrink", ["-", "_", "Z"], in: .overlay(.viewer), hint: "smaller", "Make smaller")
            {
                $0.changeViewer { $0.zoom.shrink() }
            },
            .change(
                "viewer.left", ["h", "left"], in: .overlay(.viewer), "Move left, or to the newer picture"
            ) {
                $0.panViewer(-1, 0)
            },
            .change(
                "viewer.right", ["l", "right"], in: .overlay(.viewer), "Move right, or to the older picture"
            ) {
                $0.panViewer(1, 0)
            },
            .change("viewer.up", ["k", "up"], in: .overlay(.viewer), "Move up") { $0.panViewer(0, -1) },
            .change("viewer.down", ["j", "down"], in: .overlay(.viewer), "Move down") { $0.panViewer(0, 1) },
        ]
}
