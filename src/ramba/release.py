"""The version that is worked on. What is built from a tree with tags holds the tag's instead: see setup.py."""

VERSION = "0.1.0"

__all__ = ["VERSION"]
