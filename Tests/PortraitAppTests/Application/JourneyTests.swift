import Foundation
import PortraitApp
import Portraits
import TerminalKit
import Testing

/// What a user does, key by key, and what the application then wants from the world.
@Suite struct JourneyTests {
    @Test func oneKeyMakesAPortrait() throws {
        var state = AppFixture.state()
        let effects = state.press("g")
        let started = try #require(effects.compactMap(\.startedRequest).first)
        #expect(started.style?.name == "ink")
        #expect(started.photos.map(\.path) == [AppFixture.example])
        #expect(started.seed < 1 << 32)
        #expect(state.shows("Painting: Ink drawing, seed \(started.seed)"))
    }

    @Test func theFirstStartChoosesAPersonAndTheModelsFavouriteStyle() {
        var state = AppFixture.state()
        (state.choices.photos, state.choices.style) = ([], nil)
        state.beginForTheFirstTime()
        #expect(state.choices.photos == [AppFixture.example])
        #expect(state.choices.style == "ink", "without a favourite the first that can be painted")
        var profile = AppFixture.profile
        profile.style = "neon-night"
        let model = ModelSummary(
            title: "Atelier", location: nil, profile: profile, problem: nil, hasAdapter: true,
            hasEncoder: true)
        state = AppFixture.state(models: [model])
        state.beginForTheFirstTime()
        #expect(state.choices.style == "neon-night")
    }

    @Test func whatIsMissingIsSaidInsteadOfStarting() {
        var state = AppFixture.state(models: [AppFixture.absent])
        #expect(state.press("g").compactMap(\.startedRequest).isEmpty)
        #expect(state.overlay?.kind == .checklist)
        #expect(state.shows("it is not in this copy of facechain"))
    }

    @Test func jobsFollowOneAnother() throws {
        var state = AppFixture.state()
        #expect(state.press("g").compactMap(\.startedRequest).count == 1)
        #expect(state.press("g g").compactMap(\.startedRequest).isEmpty)
        #expect(state.queue.waiting.map(\.id) == [2, 3])
        // The last is moved to the front of those that wait.
        state.press("7 K")
        #expect(state.queue.waiting.map(\.id) == [3, 2])
        let effects = update(&state, .job(1, .finished))
        #expect(effects.contains { if case .start(3, _, _, _) = $0 { true } else { false } })
    }

    @Test func cancellingARunningJobAsksFirst() {
        var state = AppFixture.state()
        state.press("g 7")
        #expect(!state.press("x").contains(.cancel(job: 1)))
        #expect(state.overlay?.kind == .confirmation)
        #expect(!state.press("n").contains(.cancel(job: 1)))
        #expect(state.press("x y").contains(.cancel(job: 1)))
        _ = update(&state, .job(1, .cancelled))
        #expect(state.queue[1]?.status == .cancelled)
    }

    @Test func aQuestionAboutAJobThatIsOverGoesAway() {
        var state = AppFixture.state()
        state.press("g 7 x")
        #expect(state.overlay?.kind == .confirmation)
        _ = update(&state, .job(1, .finished))
        #expect(state.overlays.isEmpty)
    }

    @Test func controlCAsksOnceAndLeavesTheSecondTime() {
        var state = AppFixture.state()
        state.press("g")
        #expect(!state.press("ctrl-c").contains(.quit))
        #expect(state.overlay?.kind == .confirmation)
        let effects = state.press("ctrl-c")
        #expect(effects.contains(.cancel(job: 1)) && effects.contains(.quit))
    }

    @Test func quittingWhileNothingRunsSavesAndLeaves() {
        var state = AppFixture.state()
        #expect(state.press("q") == [.save, .quit])
    }

    @Test func aFailedJobSaysWhyAndTheNextOneRuns() {
        var state = AppFixture.state()
        state.press("g g")
        let effects = update(&state, .job(1, .failed("weights are damaged")))
        #expect(effects.contains { $0.startedRequest != nil })
        #expect(state.shows("weights are damaged"))
    }

    @Test func aFinishedPictureIsShownAndCanBeRecalled() throws {
        var state = AppFixture.state()
        state.press("g")
        _ = update(&state, .job(1, .picture(try AppFixture.item("ink-7"))))
        _ = update(&state, .job(1, .finished))
        #expect(state.shows("ink, seed 7, 12 steps, euler, 320x256"))
        state.press("8 r")
        #expect(state.choices.prompt == "a sailor")
        #expect(state.choices.negativePrompt == nil)
        #expect(state.choices.steps == 12 && state.choices.sampler == "euler" && state.choices.seed == 7)
        #expect(state.choices.width == 320 && state.choices.height == 256)
        #expect(state.choices.identity == .init(weight: 0.6, start: 0, end: 0.9))
        #expect(state.choices.photos == [AppFixture.example])
        // The same choices ask for the same words again.
        let request = try #require(state.press("g").compactMap(\.startedRequest).first)
        #expect(request.prompt == "a sailor" && request.seed == 7 && request.style?.name == "ink")
    }

    @Test func twoPicturesAreCompared() throws {
        var state = AppFixture.state()
        _ = update(&state, .galleryLoaded([try AppFixture.item("a"), try AppFixture.item("b", seed: 8)]))
        state.press("8 b right b")
        guard case .viewer(let viewer) = state.overlay else { Issue.record("no viewer"); return }
        #expect(viewer.subjects.map(\.file.lastPathComponent) == ["a.png", "b.png"])
    }

    @Test func deletingAsksAndGoesToTheTrash() throws {
        var state = AppFixture.state()
        let item = try AppFixture.item("a")
        _ = update(&state, .galleryLoaded([item]))
        #expect(state.press("8 d").isEmpty)
        #expect(state.press("y") == [.trash(item.file)])
        _ = update(&state, .trashed(item.file, .success(())))
        #expect(state.shows("No pictures yet"))
    }

    @Test func stylesAreFoundByTyping() {
        var state = AppFixture.state()
        state.press("1 /")
        state.type("wtrcl")
        #expect(state.styleEntries.count == 1)
        state.press("enter enter")
        #expect(state.choices.style == "watercolour")
        state.press("/ ctrl-u")
        state.type("#photo !mono")
        #expect(state.styleEntries.isEmpty)
        state.press("esc")
        #expect(state.styleEntries.count == 6)
    }

    @Test func theWeightOfAStylesLoRAReachesTheJob() throws {
        var state = AppFixture.state()
        state.press("1 /")
        state.type("water")
        state.press("enter enter ] ]")
        let request = try #require(state.press("g").compactMap(\.startedRequest).first)
        #expect(request.style?.lora?.weight == 0.9)
    }

    @Test func everyFaceOfATemplateHasItsPerson() throws {
        var state = AppFixture.state()
        state.press("2")
        var effects = update(&state, .paste("/home/ada/party.png"))
        #expect(effects.contains(.inspect(photo: "/home/ada/party.png")))
        _ = update(
            &state, .photoInspected(path: "/home/ada/party.png", .success(AppFixture.inspection(faces: 3))))
        #expect(state.press("g").compactMap(\.startedRequest).isEmpty)
        #expect(state.shows("choose a face of party.png"))
        state.press("esc 2 down down space up space")
        effects = update(&state, .paste("/home/ada/bob.png"))
        #expect(effects.contains(.inspect(photo: "/home/ada/bob.png")))
        _ = update(
            &state, .photoInspected(path: "/home/ada/bob.png", .success(AppFixture.inspection(faces: 1))))
        #expect(state.shows("bob.png") && state.shows("the person of pane 4"))
        state.press("] ]")
        let request = try #require(state.press("g").compactMap(\.startedRequest).first)
        let template = try #require(request.template)
        #expect(template.faces.map(\.number) == [2, 3])
        #expect(template.faces.map(\.person.photos[0].lastPathComponent) == ["bob.png", "mira.png"])
        #expect(abs(template.strength - 0.8) < 1e-6)
        // Given back to the person of pane 4, and not chosen any more.
        state.press("2 x")
        #expect(state.choices.template?.faces.allSatisfy { $0.photos.isEmpty } == true)
        state.press("space")
        #expect(state.choices.template?.faces.map(\.number) == [3])
        state.press("d g")
        #expect(state.queue.jobs.last?.request.template == nil)
    }

    @Test func aTemplateIsChosenFromTheLibraryByItsTitle() throws {
        var state = AppFixture.state()
        state.press("2")
        #expect(state.shows("Five in the studio") && state.shows("5 faces"))
        let effects = state.press("down enter")
        let path = "/usr/share/facechain/Templates/five-studio.png"
        #expect(state.choices.template?.path == path)
        #expect(effects.contains(.inspect(photo: path)))
        _ = update(&state, .photoInspected(path: path, .success(AppFixture.inspection(faces: 5))))
        #expect(!state.shows("Two at sunset"))
        state.press("down space")
        #expect(state.shows("Five in the studio, face 2 of 5"))
        // Back to the library, where the cursor has stayed.
        state.press("d")
        #expect(state.choices.template == nil && state.shows("Two at sunset"))
        state.press("down enter")
        #expect(state.choices.template?.path.hasSuffix("vintage-evening.png") == true)
    }

    @Test func aTemplatesStyleIsTakenWithItAndMayBeChangedAfterwards() {
        var state = AppFixture.state()
        state.press("2 enter")
        #expect(state.choices.style == "ink")
        state.press("d down down enter")
        #expect(state.choices.style == "neon-night" && state.shows("The style is now Neon night"))
        state.press("1 up enter")
        #expect(state.choices.template != nil && state.choices.style != "neon-night")
    }

    @Test func withoutALibraryEnterPicksAFile() {
        var state = AppFixture.state()
        state.templates.library = []
        state.press("2")
        #expect(state.shows("No template"))
        state.press("enter")
        #expect(state.overlay?.kind == .files)
    }

    @Test func theOnlyFaceOfATemplateIsChosen() {
        var state = AppFixture.state()
        state.press("2")
        _ = update(&state, .paste("/home/ada/alone.png"))
        _ = update(
            &state, .photoInspected(path: "/home/ada/alone.png", .success(AppFixture.inspection(faces: 1))))
        #expect(state.choices.template?.faces.map(\.number) == [1])
    }

    @Test func aTemplateWithoutFacesKeepsTheJobFromStarting() {
        var state = AppFixture.state()
        state.press("2")
        _ = update(&state, .paste("/home/ada/tree.png"))
        _ = update(
            &state, .photoInspected(path: "/home/ada/tree.png", .success(AppFixture.inspection(faces: 0))))
        #expect(state.press("g").compactMap(\.startedRequest).isEmpty)
        #expect(state.shows("no face was found in tree.png"))
    }

    @Test func aDroppedFileIsThePerson() {
        var state = AppFixture.state()
        let effects = update(&state, .paste("'/home/ada/holiday photos/me.jpg' "))
        #expect(state.choices.photos == ["/home/ada/holiday photos/me.jpg"])
        #expect(effects.contains(.inspect(photo: "/home/ada/holiday photos/me.jpg")))
        _ = update(&state, .paste("file:///home/ada/a%20b.png"))
        #expect(state.choices.photos.last == "/home/ada/a b.png")
        _ = update(&state, .paste("just words"))
        #expect(state.choices.photos.count == 2)
    }

    @Test func aPhotoWithoutAFaceKeepsTheJobBack() {
        var state = AppFixture.state()
        _ = update(&state, .paste("/home/ada/wall.png"))
        _ = update(
            &state, .photoInspected(path: "/home/ada/wall.png", .success(AppFixture.inspection(faces: 0))))
        #expect(state.press("g").compactMap(\.startedRequest).isEmpty)
        #expect(state.shows("no face was found"))
    }

    @Test func anotherFaceOfThePhotoCanBeUsed() throws {
        var state = AppFixture.state()
        _ = update(
            &state, .photoInspected(path: AppFixture.example, .success(AppFixture.inspection(faces: 3))))
        state.press("4")
        #expect(state.shows("3 faces; the largest, number 3, is used"))
        state.press("n n")
        #expect(try #require(state.press("g").compactMap(\.startedRequest).first).faceNumber == 2)
    }

    @Test func aFileIsPickedWithTheKeyboard() {
        var state = AppFixture.state()
        #expect(state.press("4 a") == [.list(AppFixture.home, .photo)])
        _ = update(
            &state,
            .folderListed(
                AppFixture.home,
                .success([.init(name: "Pictures", kind: .folder), .init(name: "me.jpg", kind: .file)])))
        let folder = AppFixture.home.appendingPathComponent("Pictures")
        #expect(state.press("enter") == [.list(folder, .photo)])
        _ = update(&state, .folderListed(folder, .success([.init(name: "ada.png", kind: .file)])))
        state.press("enter")
        #expect(state.choices.photos == [folder.appendingPathComponent("ada.png").path])
        #expect(state.overlays.isEmpty)
    }

    @Test func settingsAreChangedWithArrowsAndWords() throws {
        var state = AppFixture.state()
        state.press("5 p")
        #expect(state.choices.steps == 32)
        state.press("p")
        #expect(state.choices.steps == 8)
        state.press("j enter")
        state.type("a captain, sea")
        state.press("alt-enter")
        state.type("storm")
        state.press("enter")
        #expect(state.choices.prompt == "a captain, sea\nstorm")
        // A number that is none is refused in words, and the editor stays.
        state.press("j j j j j j enter ctrl-u")
        state.type("many")
        state.press("enter")
        #expect(state.shows("Steps takes a whole number from 1 to 1000"))
        state.press("ctrl-u")
        state.type("14")
        state.press("enter")
        #expect(state.choices.steps == 14)
    }

    @Test func thePersonsWordsAreReadTypedOrLeftOut() throws {
        var state = AppFixture.state()
        state.press("5 j j")
        #expect(state.shows("read by FairFace"))
        #expect(try #require(state.press("g").compactMap(\.startedRequest).first).promptPrefix == nil)
        state.press("enter")
        state.type("an old sailor")
        state.press("enter")
        #expect(state.choices.promptPrefix == "an old sailor" && state.shows("an old sailor"))
        state.press("l")
        #expect(state.choices.promptPrefix == nil)
        state.press("l g")
        #expect(state.queue.jobs.last?.request.promptPrefix == "")
        state.press("enter")
        state.type("none")
        state.press("enter")
        #expect(state.choices.promptPrefix == "")
        state.press("d")
        #expect(state.choices.promptPrefix == nil)
    }

    @Test func recalledPromptsLoseWhatWasReadFromThePhoto() throws {
        var state = AppFixture.state()
        var settings = try AppFixture.settings()
        settings.personWords = [
            PersonWords(prefix: "a handsome man, 25-year-old", avoided: "children", reader: "FairFace")
        ]
        settings.prompt = "a handsome man, 25-year-old, \(settings.prompt)"
        settings.negativePrompt += ", children"
        state.choices.recall(settings, styles: state.browser.styles, models: state.models)
        #expect(state.choices.prompt == "a sailor" && state.choices.negativePrompt == nil)
        #expect(state.choices.promptPrefix == nil)
        settings.personWords = [PersonWords(prefix: "a handsome man, 25-year-old")]
        state.choices.recall(settings, styles: state.browser.styles, models: state.models)
        #expect(state.choices.promptPrefix == "a handsome man, 25-year-old")
    }

    @Test func thePosePaneSaysWhoReadsPoses() {
        let model = ModelSummary(
            title: "Atelier", location: nil, profile: AppFixture.profile, problem: nil, hasAdapter: true,
            hasEncoder: true, hasControlNet: true)
        var state = AppFixture.state(models: [model])
        state.press("3")
        _ = update(&state, .paste("/home/ada/dance.png"))
        #expect(state.shows("Read by OpenPose (body, hands)"))
    }

    @Test func whatMaySpoilAPortraitIsSaidInThePersonPane() {
        var state = AppFixture.state()
        _ = update(
            &state,
            .photoInspected(
                path: AppFixture.example, .success(AppFixture.inspection(faces: 1, warnings: [.lookingUp]))))
        state.press("4")
        #expect(state.shows("the face looks up"))
    }

    @Test func anEncoderThatWantsHeadsIsShownThem() {
        var profile = AppFixture.profile
        profile.masksHead = nil
        let model = ModelSummary(
            title: "Own", location: nil, profile: profile, problem: nil, hasAdapter: true, hasEncoder: true)
        func state(head: Bool) -> AppState {
            var state = AppFixture.state(models: [model])
            let seen = AppFixture.inspection(faces: 1, hasHead: head)
            _ = update(&state, .photoInspected(path: AppFixture.example, .success(seen)))
            state.press("4")
            return state
        }
        #expect(state(head: true).shows("aligned head") && !state(head: true).shows("used whole"))
        #expect(state(head: false).shows("aligned face"))
        #expect(state(head: false).photoProblem(AppFixture.example)?.sentence == PhotoInspection.wholeUse)
        #expect(state(head: false).isReady)
    }

    @Test func helpRunsWhatIsSelected() {
        var state = AppFixture.state()
        state.press("?")
        state.type("messages so far")
        state.press("enter")
        #expect(state.overlay?.kind == .messages)
    }

    @Test func clicksSelectAndChoose() throws {
        var state = AppFixture.state()
        let row = try #require(state.screen.firstIndex { $0.contains("Neon night") })
        let point = CellPoint(column: 8, row: row)
        func click() {
            let drawing = draw(state, theme: .named(.terminal, isColorless: false))
            if let target = drawing.target(at: point) { _ = update(&state, .pointed(target, .press(.left))) }
        }
        click()
        #expect(state.choices.style == "ink")
        click()
        #expect(state.choices.style == "neon-night")
        // When the message about the choice is gone, the hints are back; they can be clicked too.
        _ = update(&state, .clock(60))
        let footer = try #require(state.screen.last)
        let help = try #require(footer.firstRange(of: "? help"))
        let column = footer.distance(from: footer.startIndex, to: help.lowerBound)
        let drawing = draw(state, theme: .named(.terminal, isColorless: false))
        let target = drawing.target(at: CellPoint(column: column, row: state.screen.count - 1))
        #expect(target == .action("help"))
    }

    @Test func picturesAreAskedForOnce() throws {
        var state = AppFixture.state()
        _ = update(&state, .galleryLoaded([try AppFixture.item("a")]))
        state.press("8")
        let wanted = draw(state, theme: .named(.terminal, isColorless: false)).wanted
        #expect(!wanted.isEmpty)
        #expect(!state.pictures.claim(wanted).isEmpty)
        #expect(state.pictures.claim(wanted).isEmpty)
    }

    @Test func nobodyIsNotifiedWhileLooking() {
        var state = AppFixture.state()
        state.press("g g")
        #expect(!update(&state, .job(1, .finished)).contains { if case .notify = $0 { true } else { false } })
        _ = update(&state, .focus(false))
        #expect(update(&state, .job(2, .finished)).contains { if case .notify = $0 { true } else { false } })
    }
}

extension AppEffect {
    /// The request of a job that is started.
    var startedRequest: PortraitRequest? {
        if case .start(_, let request, _, _) = self { return request }
        return nil
    }
}
