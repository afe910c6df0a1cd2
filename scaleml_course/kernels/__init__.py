"""What one computation costs underneath: the layout of its values and the work of the interpreter."""

from scaleml_course.kernels.bytecode import bytecodes_executed
from scaleml_course.kernels.layout import deep_bytes

__all__ = ["bytecodes_executed", "deep_bytes"]
