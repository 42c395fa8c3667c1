"""Random sampling: generators, and the streams that workers and threads draw from."""

from ramba.api.random import generators, streams

__all__ = ["generators", "streams"]
