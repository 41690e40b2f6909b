/// What FairFace says about a face: age and gender.
public struct FaceAttributes: Sendable, Equatable {
    /// The genders that FairFace tells apart, in the order of its answers.
    public enum Gender: Int, Sendable, CaseIterable {
        case male, female
    }

    /// The spans of age that FairFace tells apart, in the order of its answers.
    public enum AgeSpan: Int, Sendable, CaseIterable {
        case to2, from3to9, from10to19, from20to29, from30to39, from40to49, from50to59, from60to69, from70
    }

    /// For each of `Gender`, 0...1; they sum to one.
    public let genderProbabilities: [Float]
    /// For each of `AgeSpan`, 0...1; they sum to one.
    public let ageProbabilities: [Float]

    /// - Precondition: one probability for each gender and each span of age.
    public init(genderProbabilities: [Float], ageProbabilities: [Float]) {
        precondition(
            genderProbabilities.count == Gender.allCases.count
                && ageProbabilities.count == AgeSpan.allCases.count,
            "FairFace gives a probability for each gender and each span of age")
        self.genderProbabilities = genderProbabilities
        self.ageProbabilities = ageProbabilities
    }

    /// The likelier gender.
    public var gender: Gender {
        genderProbabilities[1] > genderProbabilities[0] ? .female : .male
    }

    /// The likeliest span of age.
    public var age: AgeSpan {
        // Of equal ones the first, as in NumPy's `argmax`.
        zip(AgeSpan.allCases, ageProbabilities).max { $0.1 < $1.1 }?.0 ?? .to2
    }
}

// The rule of FaceChain's `inference_fact.py`.
extension FaceAttributes {
    /// What goes before a style's prompt, so that the portrait's person has this age and gender.
    public var promptPrefix: String {
        switch (gender, age) {
        case (.male, .to2), (.male, .from3to9): "a boy, children, "
        case (.female, .to2), (.female, .from3to9): "a girl, children, "
        case (.male, .from10to19): "a handsome man, 20-year-old, "
        case (.male, .from20to29): "a handsome man, 25-year-old, "
        case (.male, .from30to39): "a handsome man, 35-year-old, "
        case (.female, .from10to19), (.female, .from20to29), (.female, .from30to39): "a beautiful woman, "
        case (.male, _): "a mature man, "
        case (.female, _): "a mature woman, "
        }
    }

    /// What goes behind the negative prompt: nothing, but for men.
    public var negativePromptSuffix: String {
        gender == .male && age.rawValue > AgeSpan.from3to9.rawValue ? ", children" : ""
    }
}
