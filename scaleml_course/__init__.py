"""Reference implementations for the course, and the machinery that runs and grades it."""

__version__ = "0.1.0"
