"""Input and output: arrays in files, archives, text."""

from ramba.api.io import archives, files, text

__all__ = ["archives", "files", "text"]
