"""Linear algebra: products, decompositions and solutions, norms and other numbers."""

from ramba.api.linalg import decompositions, norms, products

__all__ = ["decompositions", "norms", "products"]
