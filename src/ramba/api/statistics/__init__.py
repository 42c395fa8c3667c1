"""Statistics: order statistics, averages and variances, correlating, histograms."""

from ramba.api.statistics import averages, correlating, histograms, order

__all__ = ["averages", "correlating", "histograms", "order"]
