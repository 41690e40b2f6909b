import Foundation
import Portraits

/// `facechain template`: people into a picture that is there already.
enum TemplateCommand {
    static let table: [CommandOption<GenerateOptions>] =
        templateOptions + GenerateOptions.identityOptions + GenerateOptions.styleOptions
        + GenerateOptions.modelOptions + GenerateOptions.drawingOptions + GenerateOptions.outputOptions

    private static let templateOptions: [CommandOption<GenerateOptions>] = [
        .value(
            "--template", "FILE",
            "the picture whose faces are redrawn (PNG or JPEG), or the name of one in Templates"
        ) {
            $0.template.picture = try TemplateLibrary.picture(
                $1, folders: ResourceLocator().templateFolders)
        },
        .value(
            "--face", "N=PHOTO[,PHOTO...]",
            "face N, counted from the left, becomes the person of these photos; repeat for more faces. "
                + "PHOTO#M takes the photo's face M"
        ) {
            try $0.template.faces.append(face($1, besides: $0.template.faces.map(\.number)))
        },
        .value("--strength", "S", "how much of a face is drawn anew, 0.05 to 1 (default 0.6)") {
            $0.template.strength = try ArgumentValue.decimal($1, "--strength", in: 0.05...1)
        },
        .value(
            "--controlnet", "DIR|FILE|none",
            "the pose ControlNet that holds the posture (default: controlnet/ beside the model, if there is one)"
        ) {
            $0.template.poseNetwork = $1 == "none" ? .none : .file(URL(fileURLWithPath: $1))
        },
        .value("--canny", "DIR|FILE", "a Canny ControlNet, which holds the edges around the face") {
            $0.template.cannyNetwork = URL(fileURLWithPath: $1)
        },
    ]

    static func run(_ arguments: [String]) async throws {
        var options = GenerateOptions()
        try CommandLineParser(command: "template", options: table).parse(arguments, into: &options)
        if options.wantsHelp {
            print(
                HelpText.text(
                    command: "template",
                    purpose: "Redraws faces of a picture as other people; everything else stays as it is.",
                    options: table))
            return
        }
        guard options.template.picture != GenerateOptions.noPicture else {
            throw UsageError("A picture whose faces are redrawn is needed: --template FILE.")
        }
        guard !options.template.faces.isEmpty else {
            throw UsageError("Who becomes whom? --face N=PHOTO; 'facechain faces FILE' shows the numbers.")
        }
        if options.styleName == nil { options.styleName = try style(of: options) }
        try await GenerateCommand.paint(options)
    }

    /// The style that the template is drawn in, if it is one for the model.
    private static func style(of options: GenerateOptions) throws -> String? {
        guard let name = LibraryTemplate(picture: options.template.picture)?.description.style else {
            return nil
        }
        let resources = try ResourceLocator()
        let model = ModelCatalog(resources: resources)
            .summary(of: options.request.models.base ?? resources.embeddedModel)
        let style = try StyleLibrary(folders: resources.styleFolders).style(named: name)
        return style.isMade(for: model.profile) ? name : nil
    }

    /// `2=a.jpg,b.jpg`, or `2=group.jpg#3`.
    private static func face(_ text: String, besides taken: [Int]) throws -> TemplateChoice.Face {
        guard let equals = text.firstIndex(of: "="), let number = Int(text[..<equals]) else {
            throw UsageError("--face takes a number and photos, such as 1=me.jpg, not '\(text)'.")
        }
        guard !taken.contains(number) else { throw UsageError("--face \(number) is given twice.") }
        let list = String(text[text.index(after: equals)...])
        let isOneFile = FileManager.default.fileExists(atPath: list)
        let names = isOneFile ? [list] : list.split(separator: ",").map(String.init)
        guard !names.isEmpty else { throw UsageError("--face \(number)= needs the photo of a person.") }
        return TemplateChoice.Face(number: number, person: person(names))
    }

    /// A `#` that no number follows, or that belongs to a file's name, is part of it.
    private static func person(_ names: [String]) -> PersonPhotos {
        guard names.count == 1, let hash = names[0].lastIndex(of: "#"),
            let number = Int(names[0][names[0].index(after: hash)...]),
            !FileManager.default.fileExists(atPath: names[0])
        else { return PersonPhotos(photos: names.map { URL(fileURLWithPath: $0) }) }
        return PersonPhotos(photos: [URL(fileURLWithPath: String(names[0][..<hash]))], faceNumber: number)
    }
}

extension GenerateOptions {
    /// Stands for the template until it is named.
    fileprivate static let noPicture = URL(fileURLWithPath: "/dev/null")

    /// The request's template, as long as its options are read.
    fileprivate var template: TemplateChoice {
        get { request.template ?? TemplateChoice(picture: Self.noPicture, faces: []) }
        set { request.template = newValue }
    }
}
