"""Muon's two ways to its polar factor agree, and both kinds of steps are as large as they should be."""

import unittest

import torch

from training import optimizers


class MuonTests(unittest.TestCase):
    def test_wide_matrices_take_the_way_over_the_gram_matrix_to_the_same_result(self):
        wide = torch.randn(2, 24, 216, generator=torch.Generator().manual_seed(3))
        # Singular values over three decades, as gradients have them: the gram matrix squares them.
        left, _, right = torch.linalg.svd(wide, full_matrices=False)
        wide = left @ torch.diag(torch.logspace(0, -3, 24)) @ right
        wide = wide / wide.norm(dim=(1, 2), keepdim=True)
        torch.testing.assert_close(optimizers._iterated_by_gram(wide), optimizers._iterated(wide), rtol=1e-3, atol=1e-3)

    def test_tall_matrices_give_the_transposed_result_of_wide_ones(self):
        wide = torch.randn(2, 16, 64, generator=torch.Generator().manual_seed(4))
        torch.testing.assert_close(optimizers.orthogonalised(wide.mT), optimizers.orthogonalised(wide).mT)

    def test_vectors_take_adamws_steps(self):
        generator = torch.Generator().manual_seed(2)
        ours, theirs = (torch.nn.Parameter(torch.linspace(-1, 1, 5)) for _ in range(2))
        optimizer = optimizers.MuonAdamW([dict(params=[ours], lr=0.01)])
        reference = torch.optim.AdamW([theirs], lr=0.01, betas=(0.9, 0.99), weight_decay=0.0)
        for _ in range(5):
            ours.grad = torch.randn(5, generator=generator)
            theirs.grad = ours.grad.clone()
            optimizer.step()
            reference.step()
        self.assertTrue(torch.allclose(ours, theirs, atol=1e-6))

    def test_matrices_move_by_the_rate_and_those_without_gradient_stay(self):
        moved, still = (torch.nn.Parameter(torch.zeros(32, 16)) for _ in range(2))
        moved.grad = torch.randn(32, 16, generator=torch.Generator().manual_seed(3))
        optimizers.MuonAdamW([dict(params=[moved, still], lr=0.01, muon=True)]).step()
        # All singular values near 1: the root mean square of an update is 0.2 times the rate.
        self.assertAlmostEqual(float(moved.detach().square().mean().sqrt()) / 0.01, 0.2, delta=0.06)
        self.assertEqual(float(still.detach().abs().max()), 0)


if __name__ == "__main__":
    unittest.main()
