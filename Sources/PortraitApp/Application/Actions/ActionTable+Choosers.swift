extension ActionTable {
    static let style: [AppAction] = [
        .change(
            "style.favourite", ["f"], in: .pane(.style), hint: "favourite", "Mark as favourite, or no longer",
            if: { $0.selectedStyle != nil }
        ) { $0.toggleFavourite() },
        .change("style.favourites", ["F"], in: .pane(.style), "Show favourites only, or all") {
            $0.browser.showsFavouritesOnly.toggle()
            $0.moveCursor(to: 0)
        },
        .change("style.layout", ["v"], in: .pane(.style), hint: "grid/list", "Show as grid or as list") {
            $0.browser.layout = $0.browser.layout == .grid ? .list : .grid
        },
        .change(
            "style.lighter", ["["], in: .pane(.style), hint: "weight -", "Lower the LoRA's weight",
            if: { $0.selectedWeight != nil }
        ) { $0.changeSelectedWeight(by: -0.05) },
        .change(
            "style.heavier", ["]"], in: .pane(.style), hint: "weight +", "Raise the LoRA's weight",
            if: { $0.selectedWeight != nil }
        ) { $0.changeSelectedWeight(by: 0.05) },
        AppAction("style.lora", ["a"], in: .pane(.style), hint: "add LoRA", "Add a LoRA file of your own") {
            $0.pickFile(for: .lora)
        },
        .change(
            "style.remove", ["d"], in: .pane(.style), "Take the selected LoRA file off the list",
            if: { $0.selectedLoRA != nil }
        ) { $0.removeSelectedLoRA() },
        AppAction(
            "style.thumbnail", ["t"], in: .pane(.style), "Paint a thumbnail of the style with your model",
            if: { $0.selectedStyle != nil }
        ) { $0.paintThumbnails(all: false) },
        AppAction(
            "style.thumbnails", ["T"], in: .pane(.style),
            "Paint thumbnails of all listed styles that lack one"
        ) {
            $0.paintThumbnails(all: true)
        },
    ]

    static let template: [AppAction] = [
        AppAction(
            "template.pick", ["a"], in: .pane(.template), hint: "own picture",
            "Pick a picture of your own as the template"
        ) {
            $0.pickFile(for: .template)
        },
        .change(
            "template.face", ["space"], in: .pane(.template), hint: "face",
            "Choose the selected face, or not",
            if: { $0.templateFaceCount > 0 }
        ) { $0.toggleTemplateFace() },
        AppAction(
            "template.person", ["p"], in: .pane(.template), hint: "person",
            "Pick a photo of whoever the selected face becomes; again for more",
            if: { $0.templateFaceCount > 0 }
        ) { $0.pickFile(for: .templatePerson) },
        .change(
            "template.own", ["x"], in: .pane(.template), hint: "person of 4",
            "Let the selected face become the person of pane 4",
            if: { $0.selectedTemplateFace?.photos.isEmpty == false }
        ) { $0.forgetTemplatePhotos() },
        .change(
            "template.gentler", ["["], in: .pane(.template), hint: "strength -", "Redraw the faces less",
            if: { $0.choices.template != nil }
        ) { $0.changeTemplateStrength(by: -0.1) },
        .change(
            "template.stronger", ["]"], in: .pane(.template), hint: "strength +", "Redraw the faces more",
            if: { $0.choices.template != nil }
        ) { $0.changeTemplateStrength(by: 0.1) },
        .change(
            "template.remove", ["d"], in: .pane(.template), hint: "none",
            "Use no template; back to the library",
            if: { $0.choices.template != nil }
        ) { $0.removeTemplate() },
    ]

    static let pose: [AppAction] = [
        AppAction("pose.pick", ["a"], in: .pane(.pose), hint: "picture", "Pick a picture with the pose") {
            $0.pickFile(for: .pose)
        },
        .change(
            "pose.lighter", ["["], in: .pane(.pose), hint: "weight -", "Follow the pose less",
            if: { $0.choices.pose != nil }
        ) { $0.changePoseWeight(by: -0.1) },
        .change(
            "pose.heavier", ["]"], in: .pane(.pose), hint: "weight +", "Follow the pose more",
            if: { $0.choices.pose != nil }
        ) { $0.changePoseWeight(by: 0.1) },
        .change(
            "pose.remove", ["d"], in: .pane(.pose), hint: "none", "Use no pose",
            if: { $0.choices.pose != nil }
        ) {
            $0.choices.pose = nil
        },
    ]

    static let person: [AppAction] = [
        AppAction("person.add", ["a"], in: .pane(.person), hint: "add photo", "Add a photo of the person") {
            $0.pickFile(for: .photo)
        },
        .change(
            "person.remove", ["d"], in: .pane(.person), hint: "remove",
            "Take the selected photo off the list",
            if: { !$0.choices.photos.isEmpty }
        ) { $0.removeSelectedPhoto() },
        .change(
            "person.face", ["n"], in: .pane(.person), hint: "next face", "Use the next face of the photo",
            if: \.hasSeveralFaces
        ) { $0.useNextFace() },
        .change(
            "person.example", ["e"], in: .pane(.person), "Use the example person",
            if: { $0.facts.examplePhoto != nil }
        ) { $0.useExamplePerson() },
        .change("person.heavier", ["]"], in: .pane(.person), hint: "likeness +", "Keep the face more") {
            $0.adjust(.identityWeight, by: 1)
        },
        .change("person.lighter", ["["], in: .pane(.person), hint: "likeness -", "Keep the face less") {
            $0.adjust(.identityWeight, by: -1)
        },
    ]

    static let settings: [AppAction] = [
        AppAction("settings.edit", ["enter"], in: .pane(.settings), hint: "edit", "Edit the selected value") {
            $0.choose()
        },
        .change(
            "settings.less", ["h", "left", "["], in: .pane(.settings), hint: "less",
            "Lower the selected value"
        ) {
            $0.adjust($0.settings.row, by: -1)
        },
        .change(
            "settings.more", ["l", "right", "]"], in: .pane(.settings), hint: "more",
            "Raise the selected value"
        ) {
            $0.adjust($0.settings.row, by: 1)
        },
        .change(
            "settings.reset", ["d", "delete"], in: .pane(.settings), hint: "default",
            "Back to the model's own value"
        ) {
            $0.reset($0.settings.row)
        },
        .change(
            "settings.preset", ["p"], in: .pane(.settings), hint: "preset",
            "Next preset: draft, standard, best"
        ) {
            $0.adjust(.preset, by: 1)
        },
        .change("settings.seed", ["s"], in: .pane(.settings), hint: "new seed", "Draw a new seed and keep it")
        {
            $0.choices.seed = $0.seeds.next()
        },
    ]
}
