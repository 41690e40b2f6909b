"""Muon's two ways to its polar factor agree."""

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


if __name__ == "__main__":
    unittest.main()
