"""Fair measurements: paired timing, peak memory in a process apart, and claims that check themselves."""

from scaleml_course.measure.claims import Claim, ClaimFailed, claim
from scaleml_course.measure.hardware import Hardware, hardware
from scaleml_course.measure.memory import PeakMemory, high_water_bytes, peak_memory, resident_bytes
from scaleml_course.measure.predictions import Prediction, predict
from scaleml_course.measure.timing import Comparison, Estimate, compare

__all__ = [
    "Claim",
    "ClaimFailed",
    "Comparison",
    "Estimate",
    "Hardware",
    "PeakMemory",
    "Prediction",
    "claim",
    "compare",
    "figure",
    "hardware",
    "high_water_bytes",
    "peak_memory",
    "predict",
    "resident_bytes",
]


def __getattr__(name: str) -> object:
    """Import `figure` on first use: Matplotlib takes longer to import than most measurements take."""
    if name == "figure":
        from scaleml_course.measure.figures import figure

        return figure
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
