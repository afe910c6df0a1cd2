"""The child's side of `peak_memory`: `python -m scaleml_course.measure.apart ORDER ANSWER`."""

from __future__ import annotations

import re
import sys
import time
from pathlib import Path
from typing import Any

import cloudpickle

from scaleml_course.measure.memory import high_water_bytes, reset_high_water, resident_bytes

# How libraries that wrap a failed allocation in an error of their own put it.
OUT_OF_MEMORY = re.compile(
    r"out of memory|bad_alloc|\b(m|c|re)alloc\b|(unable to|failed to|cannot|could not) allocate", re.IGNORECASE
)


def main(order: Path, answer: Path) -> None:
    """Run the pickled call of `order`, and leave in `answer` what came of it."""
    function, args, kwargs, limit_bytes = cloudpickle.loads(order.read_bytes())
    report: dict[str, Any] = {"start_rss_bytes": resident_bytes()}
    reset_high_water()
    if limit_bytes is not None:
        _limit_data(limit_bytes)
    start = time.perf_counter()
    try:
        report["result"] = function(*args, **kwargs)
        report["status"] = "ok"
    except MemoryError as error:
        report |= {"status": "out_of_memory", "error": f"MemoryError: {error}"}
    except Exception as error:
        text = f"{type(error).__name__}: {error}"
        out = "memory" in type(error).__name__.lower() or OUT_OF_MEMORY.search(text) is not None
        report |= {"status": "out_of_memory" if out else "error", "error": text}
    report |= {"seconds": time.perf_counter() - start, "peak_rss_bytes": high_water_bytes()}
    # Renamed when whole: a child killed while it writes leaves no answer, instead of half of one.
    fresh = answer.with_suffix(".new")
    fresh.write_bytes(cloudpickle.dumps(report))
    fresh.replace(answer)


def _limit_data(limit_bytes: int) -> None:
    """Let this process add at most `limit_bytes` of private, writable memory to what it has mapped now."""
    import resource

    mapped = 0
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmData:"):
            mapped = int(line.split()[1]) * 1024
    # RLIMIT_AS would also count what is only reserved, and break a JVM; RLIMIT_DATA counts what is writable.
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (mapped + limit_bytes, hard))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
