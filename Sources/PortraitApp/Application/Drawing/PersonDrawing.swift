import Portraits
import TerminalKit

extension Canvas {
    // MARK: Person

    mutating func drawPerson(in rect: CellRect, _ layout: Layout) {
        let photos = state.choices.photos
        let inner = box(.person, in: rect, note: Phrases.count(photos.count, "photo", "photos"))
        guard !photos.isEmpty else {
            drawInvitation(
                [
                    "Whose portrait?",
                    "\(keyName(of: "person.add")) picks a photo, \(keyName(of: "person.example")) takes the example person;",
                    "or drop a picture file onto this window.",
                ], in: inner)
            return
        }
        let list = layout.list(of: .person)
        for (row, index) in state.person.cursor.window(rows: list.rows, in: photos.count).enumerated() {
            let line = list.splitRows(top: row + 1).top.splitRows(bottom: 1).bottom
            drawPhotoLine(photos[index], in: line, isSelected: index == state.person.cursor.index)
            target(line, .entry(.person, index))
        }
        let details = inner.splitRows(bottom: layout.detailRows(of: .person)).bottom
        if details.rows > 2 {
            drawPhoto(photos[min(state.person.cursor.index, photos.count - 1)], in: details)
        }
    }

    mutating func drawInvitation(_ lines: [String], in rect: CellRect) {
        let first = max(0, (rect.rows - lines.count) / 2)
        for (index, line) in lines.enumerated() {
            centered(line, in: rect, row: first + index, index == 0 ? theme.label : theme.faint)
        }
    }

    private mutating func drawPhotoLine(_ path: String, in line: CellRect, isSelected: Bool) {
        let style = entryStyle(isSelected: isSelected, pane: .person, otherwise: theme.text)
        if isSelected { frame.fill(line, style: style) }
        let (mark, markStyle) = photoMark(path)
        write(mark, in: line, column: 1, isSelected ? style : markStyle)
        let used = write(Phrases.fileName(path), in: line, column: 3, style)
        let note = path == state.facts.examplePhoto ? "example" : ""
        if used + note.count + 5 < line.columns {
            writeRight("\(note) ", in: line, isSelected ? style : theme.faint)
        }
    }

    private func photoMark(_ path: String) -> (String, TextStyle) {
        switch state.person.inspections[path] {
        case nil, .pending: return ("…", theme.faint)
        default: break
        }
        guard let problem = state.photoProblem(path) else { return ("✓", theme.good) }
        return problem.isFatal ? ("✗", theme.failure) : ("!", theme.warning)
    }

    /// The photo with its faces framed, the used face as the encoder sees it, and what to know about it.
    private mutating func drawPhoto(_ path: String, in rect: CellRect) {
        drawRule(in: rect)
        let textRows = min(4, max(1, rect.rows / 4))
        let (text, pictures) = rect.splitRows(top: 1).bottom.splitRows(top: textRows)
        let face = state.usedFace(of: path)
        let faceColumns = face != nil && pictures.columns >= 34 ? min(24, pictures.columns * 2 / 5) : 0
        let (photo, aligned) = pictures.splitColumns(right: faceColumns)
        pictureWithFaces(path, chosen: [face.map { $0 + 1 }].compactMap { $0 }, in: photo)
        if let face, faceColumns > 0 { drawAlignedFace(path, face, in: aligned.splitColumns(left: 1).right) }
        drawPhotoFacts(path, in: text.inset(columns: 1, rows: 0))
    }

    /// The picture as it is until its faces are known.
    mutating func pictureWithFaces(_ path: String, chosen: [Int], in rect: CellRect) {
        let isKnown = state.person.inspection(of: path) != nil
        picture(isKnown ? .numberedFaces(path, chosen: chosen) : .file(path, side: 800), in: rect)
    }

    private mutating func drawAlignedFace(_ path: String, _ face: Int, in rect: CellRect) {
        let (caption, area) = rect.splitRows(top: 1)
        let isHead = state.usesHead(of: path, face: face)
        centered(isHead ? "aligned head" : "aligned face", in: caption, theme.faint)
        picture(.face(path, index: face, isHead: isHead), in: area)
    }

    private mutating func drawPhotoFacts(_ path: String, in rect: CellRect) {
        var row = 0
        switch state.person.inspections[path] {
        case nil, .pending: row += write("Looking for faces…", in: rect, theme.faint) > 0 ? 1 : 0
        case .failed(let sentence): row += writeWrapped(sentence, in: rect, theme.failure)
        case .done(let seen):
            let faces = Phrases.count(seen.faces.count, "face", "faces")
            write("\(seen.width)x\(seen.height), \(faces)", in: rect, theme.text)
            row = 1
            if let problem = state.photoProblem(path) {
                row += writeWrapped(
                    problem.sentence, in: rect, row: row, problem.isFatal ? theme.failure : theme.warning)
            }
        }
        let likeness = state.choices.identity.weight ?? state.model.profile.identityWeight
        if row < rect.rows { _ = drawWeight("Likeness", likeness, in: rect, row: row) }
    }

    // MARK: Pose

    mutating func drawPose(in rect: CellRect) {
        let inner = box(.pose, in: rect)
        guard let pose = state.choices.pose else {
            drawInvitation(
                [
                    "No pose", "\(keyName(of: "pose.pick")) picks a picture with the posture:",
                    "a photo, or OpenPose's skeleton.",
                ], in: inner)
            return
        }
        let (area, text) = inner.splitRows(bottom: min(4, inner.rows / 2))
        picture(.posed(pose.path), in: area)
        let lines = text.inset(columns: 1, rows: 0)
        write(Phrases.fileName(pose.path), in: lines, theme.label)
        _ = drawWeight("Weight", pose.weight, in: lines, row: 1)
        if state.model.hasControlNet {
            write("Read by \(state.facts.poseDetector)", in: lines, row: 2, theme.faint)
        } else {
            writeWrapped(
                "\(state.model.title) has no ControlNet beside it, so it cannot follow a pose.", in: lines,
                row: 2, theme.warning)
        }
    }
}
