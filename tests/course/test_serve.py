"""Serving the book: a taken port is told with its owner and a free one, and nothing but loopback is opened."""

import os
import re
import socket
import threading
import urllib.request

import pytest

from scaleml_course.course.errors import UserError
from scaleml_course.course.serve import HOST, make_server


@pytest.fixture
def book(tmp_path):
    (tmp_path / "index.html").write_text("<h1>The book</h1>")
    return tmp_path


def test_the_book_is_served_on_loopback_only(book, capfd):
    with make_server(book, 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        host, port = server.server_address[:2]
        assert host == HOST == "127.0.0.1"
        with urllib.request.urlopen(f"http://{HOST}:{port}/", timeout=30) as page:
            assert b"The book" in page.read()
        server.shutdown()
    assert capfd.readouterr().err == ""


def test_a_taken_port_is_told_with_its_owner_and_a_free_one(book):
    with socket.socket() as other:
        other.bind((HOST, 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(UserError) as refused:
            make_server(book, port)
    assert f"Port {port} is taken by process {os.getpid()} (" in refused.value.message
    free = int(re.search(r"scaleml serve --port (\d+)$", refused.value.remedy)[1])
    assert free != port
    make_server(book, free).server_close()


def test_a_book_that_is_not_built_is_told(tmp_path):
    with pytest.raises(UserError, match="No book at") as refused:
        make_server(tmp_path, 0)
    assert "scaleml book" in refused.value.remedy
