import Imaging

/// People in the making: limb after limb joins candidates to them.
struct Crowd {
    private struct Person {
        /// For each joint, which candidate.
        var joints: [Int?] = Array(repeating: nil, count: BodyPose.Joint.allCases.count)
        /// What candidates and connections scored together.
        var score = 0.0
        /// How often a joint was added: one more than there are joints where one was replaced.
        var count = 0
    }

    private let candidates: [[BodySearch.Candidate]]
    private var people: [Person] = []

    /// - Parameter candidates: for each joint.
    init(_ candidates: [[BodySearch.Candidate]]) { self.candidates = candidates }

    /// Adds a limb to the person, or the two people, with one of its ends; or begins a person with it.
    mutating func add(_ connection: Connection, _ limb: Limb) {
        let (start, end) = (limb.start.rawValue, limb.end.rawValue)
        let owners = people.indices.filter {
            people[$0].joints[start] == connection.start || people[$0].joints[end] == connection.end
        }
        if owners.isEmpty, limb.foundsPerson {
            var person = Person()
            person.joints[start] = connection.start
            person.joints[end] = connection.end
            person.count = 2
            person.score =
                candidates[start][connection.start].score + candidates[end][connection.end].score
                + connection.score
            people.append(person)
        } else if owners.count == 1, people[owners[0]].joints[end] != connection.end {
            extend(owners[0], by: connection, limb)
        } else if owners.count >= 2 {
            if haveNoCommonJoint(owners[0], owners[1]) {
                merge(owners[0], with: owners[1])
                people[owners[0]].score += connection.score
                people.remove(at: owners[1])
            } else {
                extend(owners[0], by: connection, limb)
            }
        }
    }

    private mutating func extend(_ person: Int, by connection: Connection, _ limb: Limb) {
        let end = limb.end.rawValue
        people[person].joints[end] = connection.end
        people[person].count += 1
        people[person].score += candidates[end][connection.end].score + connection.score
    }

    private func haveNoCommonJoint(_ first: Int, _ second: Int) -> Bool {
        zip(people[first].joints, people[second].joints).allSatisfy { $0 == nil || $1 == nil }
    }

    private mutating func merge(_ first: Int, with second: Int) {
        let other = people[second]
        for (joint, candidate) in other.joints.enumerated() where candidate != nil {
            people[first].joints[joint] = candidate
        }
        people[first].count += other.count
        people[first].score += other.score
    }

    /// Those with at least four joints that score 0.4 each on average.
    var poses: [BodyPose] {
        people.filter { $0.count >= 4 && $0.score / Double($0.count) >= 0.4 }.map { person in
            BodyPose(
                points: zip(person.joints, candidates).map { chosen, candidates in
                    chosen.map { index in
                        let candidate = candidates[index]
                        return Keypoint(
                            position: Point(x: Double(candidate.x), y: Double(candidate.y)),
                            confidence: Float(min(max(candidate.score, 0), 1)))
                    }
                })
        }
    }
}
