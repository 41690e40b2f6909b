import Foundation
import Portraits
import TestSupport

/// The repository as the program finds it, and the model of tiny networks that jobs are tried with.
enum House {
    static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    static let astronaut = folder.appendingPathComponent("Examples/astronaut.jpg")
    private static let astronautLandmarks = [(198, 112), (249, 111), (226, 146), (203, 174), (247, 173)]

    /// What is shipped, and nothing of whoever runs the tests.
    static func resources() throws -> ResourceLocator {
        try ResourceLocator(
            environment: ["FACECHAIN_HOME": folder.path, "HOME": "/nonexistent"],
            executable: URL(fileURLWithPath: "/nonexistent"))
    }

    /// The same with a user whose data lie in a folder.
    static func resources(userData: TemporaryDirectory) throws -> ResourceLocator {
        try ResourceLocator(
            environment: [
                "FACECHAIN_HOME": folder.path, "HOME": "/nonexistent", "XDG_DATA_HOME": userData.path,
            ],
            executable: URL(fileURLWithPath: "/nonexistent"))
    }

    static func studio() throws -> PortraitStudio {
        PortraitStudio(resources: try resources(), threadCount: 2)
    }

    static func tinyModel() throws -> URL { URL(fileURLWithPath: try Fixture.path(bundle: .module, "tiny")) }

    /// The astronaut by the tiny model, as the fixtures' scripts draw her.
    static func astronautRequest() throws -> PortraitRequest {
        var request = PortraitRequest(photos: [astronaut], seed: 7)
        request.models.base = try tinyModel()
        request.landmarks = astronautLandmarks.map { Landmark(x: Float($0.0), y: Float($0.1)) }
        request.prompt = "a portrait of a person, film noir"
        return request
    }
}

extension PortraitStudio {
    /// All finished pictures of a job, and what was said on the way.
    nonisolated func result(of request: PortraitRequest) async throws -> (
        portraits: [Portrait], notices: [String]
    ) {
        var (portraits, notices) = ([Portrait](), [String]())
        for try await event in self.portraits(for: request) {
            if case .notice(let sentence) = event { notices.append(sentence) }
            if case .finished(let portrait) = event { portraits.append(portrait) }
        }
        return (portraits, notices)
    }

    /// All finished pictures of a job.
    nonisolated func finishedPortraits(of request: PortraitRequest) async throws -> [Portrait] {
        var finished: [Portrait] = []
        for try await event in portraits(for: request) {
            if case .finished(let portrait) = event { finished.append(portrait) }
        }
        return finished
    }
}
