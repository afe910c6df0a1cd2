"""Threads, processes and clusters under one interface: what lesson 04 teaches."""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOMES = {
    "BACKENDS": "backends",
    "run_over_backends": "backends",
    "start_workers": "backends",
    "Workload": "workloads",
    "four_workloads": "workloads",
    "idle_cores": "cores",
    "shipping_costs": "shipping",
    "worker_memory": "shipping",
}

__all__ = list(_HOMES)


def __getattr__(name: str) -> Any:
    """Import a name on first use: every worker process imports this package, and few need all of it."""
    if name in _HOMES:
        return getattr(import_module(f"scaleml_course.parallel.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
