import Foundation
import Networks
import TestSupport
import Testing

struct ConfigurationTests {
    /// The fixture's configuration with some keys changed; nil removes a key.
    static func changed(
        _ name: String, _ changes: [String: any Sendable], in folder: TemporaryDirectory
    ) throws -> URL {
        let data = try Data(contentsOf: URL(fileURLWithPath: Fixture.path(bundle: .module, "\(name).json")))
        var object = try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:]
        for (key, value) in changes { object[key] = value }
        let path = try folder.write(JSONSerialization.data(withJSONObject: object), to: "config.json")
        return URL(fileURLWithPath: path)
    }

    @Test(arguments: [
        (
            "addition_embed_type", "text_time" as any Sendable,
            "addition_embed_type is set, which this program cannot run; it knows only networks without it."
        ),
        ("act_fn", "gelu", "act_fn is gelu, which this program cannot run; it knows only silu."),
        (
            "norm_num_groups", 3,
            "norm_num_groups is 3, but must be a divisor of block_out_channels, which is 8."
        ),
        ("norm_num_groups", 0, "norm_num_groups is 0, but must be a whole number from 1 to 65536."),
        (
            "attention_head_dim", [4],
            "attention_head_dim is [4], but must be one number, or 2, one for each level."
        ),
        (
            "block_out_channels", [8, 1 << 40],
            "block_out_channels is 1099511627776, but must be a whole number from 1 to 65536."
        ),
        (
            "block_out_channels", [Int](),
            "down_block_types is [\"CrossAttnDownBlock2D\", \"DownBlock2D\"], but must be a list of 0 types, as many as block_out_channels has."
        ),
        (
            "down_block_types", ["AttnDownBlock2D", "DownBlock2D"],
            "down_block_types is AttnDownBlock2D, which this program cannot run; it knows CrossAttnDownBlock2D and DownBlock2D."
        ),
        (
            "layers_per_block", 1_000_000,
            "layers_per_block is 1000000, but must be a whole number from 1 to 64."
        ),
        ("freq_shift", 4, "freq_shift is 4.0, but must be less than half of the first level's width."),
        ("norm_eps", -1, "norm_eps is -1.0, but must be a small positive number."),
        (
            "in_channels", "four",
            "is not a configuration of this kind of network: 'in_channels' should be a whole number."
        ),
    ])
    func refusesUNetsThatItCannotRun(key: String, value: any Sendable, message: String) throws {
        let folder = try TemporaryDirectory()
        let file = try Self.changed("unet_convolutional", [key: value], in: folder)
        let error = #expect(throws: ConfigurationError.self) {
            try readConfiguration(UNetConfiguration.self, from: file)
        }
        let text = error.map(\.description) ?? ""
        #expect(text == "\(file.path): \(message)" || text == "\(file.path) \(message)")
    }

    @Test func takesHeadCountsFromOneNumberOrAList() throws {
        let one = try NetworkFixture("unet_convolutional", UNetConfiguration.self).configuration
        let list = try NetworkFixture("unet_linear", UNetConfiguration.self).configuration
        #expect(one.headCounts == [2, 2])
        #expect(list.headCounts == [2, 4, 8])
        #expect(one.latentSizeMultiple == 2)
        #expect(list.latentSizeMultiple == 4)
    }

    @Test func refusesAutoencodersOfLaterModels() throws {
        let folder = try TemporaryDirectory()
        let file = try Self.changed("autoencoder", ["shift_factor": 0.1], in: folder)
        #expect(throws: ConfigurationError.self) {
            try readConfiguration(AutoencoderConfiguration.self, from: file)
        }
    }

    @Test func refusesTextEncodersWithAnotherActivation() throws {
        let folder = try TemporaryDirectory()
        let file = try Self.changed("clip_text_gelu", ["hidden_act": "relu"], in: folder)
        let error = #expect(throws: ConfigurationError.self) {
            try readConfiguration(CLIPTextConfiguration.self, from: file)
        }
        #expect(
            error?.description
                == "\(file.path): hidden_act is relu, which this program cannot run; it knows quick_gelu and gelu."
        )
    }

    @Test func saysWhenThereIsNoFile() {
        let file = URL(fileURLWithPath: "/nowhere/config.json")
        let error = #expect(throws: ConfigurationError.self) {
            try readConfiguration(UNetConfiguration.self, from: file)
        }
        #expect(error?.description.hasPrefix("/nowhere/config.json cannot be read: ") == true)
    }
}
