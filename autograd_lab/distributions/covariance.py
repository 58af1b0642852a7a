"""A matrix of covariances, given in one of three ways: the other two are computed from it."""

from ..creation import eye
from ..linalg import cholesky, solve_triangular
from .distribution import Distribution
from .parameters import later


def the_one(ways):
    """Give the name and the matrix of the one way that is used; raise unless it is one."""
    given = [(name, matrix) for name, matrix in ways.items() if matrix is not None]
    if len(given) != 1:
        raise ValueError(
            "Exactly one of covariance_matrix or precision_matrix or scale_tril may be specified."
        )
    return given[0]


class WithCovariance(Distribution):
    """Keep covariances, their inverse, or their triangle; compute the others when asked."""

    @later
    def scale_tril(self):
        """Give the triangle L."""
        if "covariance_matrix" in vars(self):
            return cholesky(self.covariance_matrix)
        # The triangle of the inverse: the upside-down one, turned, inverted.
        return inverted(cholesky(self.precision_matrix.flip((-2, -1))).flip((-2, -1)).mT)

    @later
    def covariance_matrix(self):
        """Give the covariances."""
        return self.scale_tril @ self.scale_tril.mT

    @later
    def precision_matrix(self):
        """Give the inverse of the covariances."""
        inverse = inverted(self.scale_tril)
        return inverse.mT @ inverse

    def half_log_det(self):
        """Give half the logarithm of the determinant of the covariances."""
        return self.scale_tril.diagonal(dim1=-2, dim2=-1).log().sum(-1)


def inverted(triangle):
    """Invert a lower triangle."""
    identity = eye(triangle.shape[-1], dtype=triangle.dtype, device=triangle.device)
    return solve_triangular(triangle, identity.expand(triangle.shape), upper=False)
