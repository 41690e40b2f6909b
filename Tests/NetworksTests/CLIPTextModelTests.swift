import Networks
import Tensors
import TestSupport
import Testing
import Weights

struct CLIPTextModelTests {
    /// With `text_model.` in every key and damaged position numbers; without either.
    @Test(arguments: ["clip_text_quick_gelu", "clip_text_gelu"])
    func equalsTransformers(name: String) throws {
        let fixture = try NetworkFixture(name, CLIPTextConfiguration.self)
        let model = try CLIPTextModel(fixture.tensors.scope("text_encoder"), fixture.configuration)
        let tokens = try fixture.tensors["input.tokens"].values.map { Int($0) }
        let hiddenStates = try model(tokens: [Array(tokens[..<77]), Array(tokens[77...])])
        // Two layers of float sums in another order.
        expectRelative(hiddenStates, try fixture.tensors["output.hiddenStates"], maxError: 1e-5)
    }

    @Test func refusesAFileWithOtherTensors() throws {
        let fixture = try NetworkFixture("clip_text_gelu", CLIPTextConfiguration.self)
        // The whole fixture, with inputs and outputs, is no text encoder.
        #expect(throws: WeightsError.self) { try CLIPTextModel(fixture.tensors.scope, fixture.configuration) }
    }

    @Test func saysWhenTheTokenizerBelongsToAnotherModel() throws {
        let fixture = try NetworkFixture("clip_text_gelu", CLIPTextConfiguration.self)
        let model = try CLIPTextModel(fixture.tensors.scope("text_encoder"), fixture.configuration)
        #expect(throws: CLIPTextModelError.unknownToken(50, vocabularySize: 50)) {
            try model(tokens: [[48, 50, 49]])
        }
        #expect(throws: CLIPTextModelError.unknownToken(-1, vocabularySize: 50)) {
            try model(tokens: [[48, -1, 49]])
        }
        #expect(throws: CLIPTextModelError.promptTooLong(tokens: 78, positions: 77)) {
            try model(tokens: [Array(repeating: 48, count: 78)])
        }
    }

    @Test func stopsWhenCancelled() throws {
        let fixture = try NetworkFixture("clip_text_gelu", CLIPTextConfiguration.self)
        let workspace = Workspace(threadCount: 1)
        let model = try CLIPTextModel(
            WeightScope(fixture.tensors.source, in: workspace).scope("text_encoder"), fixture.configuration)
        workspace.cancel()
        #expect(throws: CancellationError.self) { try model(tokens: [[48, 1, 49]]) }
    }
}
