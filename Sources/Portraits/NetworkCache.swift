import Diffusion
import Foundation
import Networks
import Tensors
import Weights

/// The large networks used last, kept between jobs.
///
/// The small ones (detector, identity encoder, resampler, text encoder) are read for each job and let go again, so
/// that the denoiser has the memory to itself.
struct NetworkCache {
    private struct Entry<Network> {
        let key: String
        let network: Network
    }

    private let workspace: Workspace
    private var unet: Entry<UNet2DConditionModel>?
    private var autoencoder: Entry<AutoencoderKL>?
    private var adapter: Entry<FaceAdapter>?
    private var controlNets: [Entry<ControlNet>] = []

    init(workspace: Workspace) {
        self.workspace = workspace
    }

    /// Loads what is not there yet.
    ///
    /// - Throws: what is wrong with a configuration or with weights, and `PortraitError.mismatch`.
    mutating func painter(of model: ModelFiles, loras: LoRAPlan, person: Person?) throws -> Painter {
        let unet = try Self.reuse(&self.unet, key: "\(model.key) \(loras.key)") {
            let sizes = try readConfiguration(UNetConfiguration.self, from: model.unet.configuration)
            return try UNet2DConditionModel(WeightScope(loras.unet, in: workspace), sizes)
        }
        let autoencoder = try Self.reuse(&self.autoencoder, key: model.key) {
            let sizes = try readConfiguration(
                AutoencoderConfiguration.self, from: model.autoencoder.configuration)
            return try AutoencoderKL(WeightScope(model.autoencoder.weights, in: workspace), sizes)
        }
        let adapter = try person.map { person in
            try Self.reuse(&self.adapter, key: person.adapterKey) {
                try FaceAdapter(WeightScope(person.adapterWeights, in: workspace), for: unet.configuration)
            }
        }
        let scheduler = try SchedulerConfiguration(
            json: Data(contentsOf: model.scheduler), origin: model.scheduler.path)
        return Painter(
            unet: unet, autoencoder: autoencoder, adapter: adapter, schedule: NoiseSchedule(scheduler))
    }

    /// The ControlNets of these files, loaded as far as they are not there yet and known to fit the painter; all others
    /// are let go.
    ///
    /// - Throws: what is wrong with a configuration or with weights, and `ControlNetError`.
    mutating func controlNets(_ files: [ControlNetFiles], for painter: Painter) throws -> [ControlNet] {
        controlNets.removeAll { entry in !files.contains { $0.key == entry.key } }
        return try files.map { file in
            let network = try kept(file)
            try network.check(
                fits: painter.unet.configuration,
                pixelsPerLatent: painter.autoencoder.configuration.pixelsPerLatent)
            return network
        }
    }

    private mutating func kept(_ file: ControlNetFiles) throws -> ControlNet {
        if let entry = controlNets.first(where: { $0.key == file.key }) { return entry.network }
        let sizes = try readConfiguration(ControlNetConfiguration.self, from: file.configuration)
        let network = try ControlNet(WeightScope(file.weights, in: workspace), sizes)
        controlNets.append(Entry(key: file.key, network: network))
        return network
    }

    /// The network kept under that key; another one is let go before its successor is loaded.
    private static func reuse<Network>(
        _ entry: inout Entry<Network>?, key: String, load: () throws -> Network
    ) throws -> Network {
        if let entry, entry.key == key { return entry.network }
        entry = nil
        let network = try load()
        entry = Entry(key: key, network: network)
        return network
    }
}
