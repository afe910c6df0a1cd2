"""One small cluster for all tests of a module: starting one takes a second."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from scaleml_course.distributed import local_cluster


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    with local_cluster(n_workers=2, memory_limit_bytes=600_000_000) as client:
        yield client
