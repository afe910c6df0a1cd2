"""What every test may use: private state, a look at living processes, and notebooks run for real."""

import os
import time
from pathlib import Path

import nbformat
import psutil
import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook


@pytest.fixture(autouse=True)
def private_state(tmp_path, monkeypatch):
    """No test reads or writes the guesses of whoever runs the tests."""
    folder = tmp_path / "state"
    monkeypatch.setenv("SCALEML_STATE_DIR", str(folder))
    return folder


@pytest.fixture(scope="session")
def run_cells():
    """A function that runs code cells in a real kernel and returns them with their outputs."""

    def run(*sources: str) -> list[nbformat.NotebookNode]:
        notebook = new_notebook(cells=[new_code_cell(source) for source in sources])
        NotebookClient(notebook, kernel_name="python3", timeout=120, allow_errors=True).execute()
        return notebook.cells

    return run


@pytest.fixture(scope="session")
def living():
    """A function: the command lines of living processes that contain a word, with time given to end."""

    def search(word: str, *, patience_s: float = 5.0) -> list[str]:
        deadline = time.monotonic() + patience_s
        while (found := _commands_with(word)) and time.monotonic() < deadline:
            time.sleep(0.05)
        return found

    return search


def _commands_with(word: str) -> list[str]:
    found = []
    for process in psutil.process_iter():
        try:
            command = " ".join(process.cmdline())
            if word in command and process.pid != os.getpid() and process.status() != psutil.STATUS_ZOMBIE:
                found.append(command)
        except psutil.Error:
            continue
    return found


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of this repository."""
    return Path(__file__).resolve().parents[1]
