import Diffusion
import Tensors
import TestSupport
import Testing

@Suite struct DenoisingLoopTests {
    private struct NetworkFailure: Error {}

    @Test func everyStepIsReportedOnce() throws {
        var loop = try makeLoop(.pndm, stepCount: 4) { latents, _, _ in latents }
        var steps: [DenoisingStep] = []
        while let step = try loop.next() { steps.append(step) }
        #expect(steps.map(\.step) == [0, 1, 2, 3, 4])
        #expect(steps.allSatisfy { $0.stepCount == 5 })
        #expect(steps.map(\.timestep) == [751, 501, 501, 251, 1])
        #expect(steps.last?.latents.values == loop.latents.values)
        #expect(try loop.next() == nil)
    }

    /// A copy is a checkpoint: continuing it later gives the bits of a walk that was not interrupted.
    @Test(arguments: SamplerKind.allCases)
    func aCopyTakenOnTheWayContinuesToTheSameBits(kind: SamplerKind) throws {
        for interruption in 0..<6 {
            var loop = try makeLoop(kind, stepCount: 6) { latents, timestep, _ in latents * (timestep / 2000)
            }
            for _ in 0..<interruption { _ = try loop.next() }
            var copy = loop
            while try loop.next() != nil {}
            while try copy.next() != nil {}
            #expect(copy.latents.values == loop.latents.values)
        }
    }

    @Test func theSameSeedGivesTheSameBits() throws {
        func finished(seed: UInt64) throws -> [Float] {
            var loop = try makeLoop(.eulerAncestral, stepCount: 5, seed: seed) { latents, _, _ in
                latents * 0.5
            }
            while try loop.next() != nil {}
            return loop.latents.values
        }
        #expect(try finished(seed: 1) == finished(seed: 1))
        #expect(try finished(seed: 1) != finished(seed: 2))
    }

    @Test func aFailedStepCanBeTakenAgain() throws {
        var fails = true
        var loop = try makeLoop(.uniPC, stepCount: 3) { latents, _, step in
            if step == 1, fails { throw NetworkFailure() }
            return latents * 0.5
        }
        _ = try loop.next()
        let before = loop.latents.values
        #expect(throws: NetworkFailure.self) { try loop.next() }
        #expect(loop.nextStep == 1)
        #expect(loop.latents.values == before)
        fails = false
        #expect(try loop.next()?.step == 1)
    }

    @Test func damagedPredictionsStopTheWalk() throws {
        var loop = try makeLoop(.ddim, stepCount: 3) { latents, _, step in
            step == 1 ? latents * Float.nan : latents
        }
        _ = try loop.next()
        #expect(throws: SamplerError.predictionNotFinite(step: 1)) { try loop.next() }
    }

    @Test func cancellationStopsBeforeTheNetworkIsAsked() throws {
        let workspace = Workspace(threadCount: 1)
        var evaluations = 0
        var loop = try makeLoop(.ddim, stepCount: 3, in: workspace) { latents, _, _ in
            evaluations += 1
            return latents
        }
        _ = try loop.next()
        workspace.cancel()
        #expect(throws: CancellationError.self) { try loop.next() }
        #expect(evaluations == 1)
    }

    private func makeLoop(
        _ kind: SamplerKind, stepCount: Int, seed: UInt64 = 1,
        in workspace: Workspace = Fixture.sharedWorkspace,
        denoiser: @escaping DenoisingLoop.Denoiser
    ) throws -> DenoisingLoop {
        var random = TorchRandom(seed: seed)
        let noise = random.normal(shape: [1, 3, 2, 4], in: workspace)
        let sampler = try kind.makeSampler(schedule: NoiseSchedule(.stableDiffusion1), stepCount: stepCount)
        return DenoisingLoop(sampler: sampler, noise: noise, random: random, denoiser: denoiser)
    }
}

@Suite struct GuidanceTests {
    private let conditional = Tensor([1, 2, -3], shape: [3], in: Fixture.sharedWorkspace)
    private let unconditional = Tensor([0, 4, 1], shape: [3], in: Fixture.sharedWorkspace)

    @Test func predictionIsPushedBeyondTheConditionalOne() {
        let guided = Guidance(scale: 7).combined(unconditional: unconditional, conditional: conditional)
        #expect(guided.values == [7, -10, -27])
    }

    @Test(arguments: [Float(1), 0.5, 0])
    func withoutGuidanceOnlyOneBranchIsEvaluated(scale: Float) {
        var evaluations = 0
        let prediction = Guidance(scale: scale).prediction {
            conditional
        } unconditional: {
            evaluations += 1
            return unconditional
        }
        #expect(prediction.values == conditional.values)
        #expect(evaluations == 0)
    }

    @Test func aWindowHoldsTheStepsThatLieInsideWhole() {
        func scales(_ start: Double, _ end: Double) -> [Float] {
            (0..<5).map { ConditioningWindow(scale: 0.5, start: start, end: end).scale(atStep: $0, of: 5) }
        }
        #expect(scales(0, 1) == [0.5, 0.5, 0.5, 0.5, 0.5])
        #expect(scales(0.2, 1) == [0, 0.5, 0.5, 0.5, 0.5])
        #expect(scales(0.3, 0.9) == [0, 0, 0.5, 0.5, 0])
        #expect(scales(0, 0) == [0, 0, 0, 0, 0])
    }
}
