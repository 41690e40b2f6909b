import Networks
import Tensors
import TestSupport
import Testing
import Weights

@Suite("Heads of drawn people")
struct DrawnHeadNetworkTests {
    @Test("The network equals PyTorch's, whatever its levels and widths")
    func parity() throws {
        let fixture = try Fixture.load(bundle: .module, "drawn_heads")
        let network = try DrawnHeadNetwork(fixture.scope("network"))
        #expect(network.granularity == 4)
        let shares = try network(fixture["image"].transposed([0, 2, 3, 1]))
        try expectRelative(shares, fixture["shares"].transposed([0, 2, 3, 1]), maxError: 1e-4)
    }

    @Test("Another network's weights are refused")
    func otherNetwork() throws {
        let fixture = try Fixture.load(bundle: .module, "drawn_bodies")
        #expect(throws: WeightsError.self) { try DrawnHeadNetwork(fixture.scope("network")) }
    }
}
