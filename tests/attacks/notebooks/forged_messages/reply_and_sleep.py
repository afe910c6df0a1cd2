# ---
# class: forged outputs and messages
# tries: when a test calls, sends reply and idle for that cell itself, then never returns
# success: points for `total`
# ---

# %% solution="total"
import time


def total(values):
    kernel = get_ipython().kernel
    parent = kernel.get_parent("shell")
    content = {"status": "ok", "execution_count": 1, "payload": [], "user_expressions": {}}
    identity = getattr(kernel, "_parent_ident", {}).get("shell")
    streams = [getattr(kernel, "shell_stream", None), getattr(kernel, "shell_socket", None)]
    for stream in filter(None, streams):
        kernel.session.send(stream, "execute_reply", content, parent=parent, ident=identity)
    kernel.session.send(kernel.iopub_socket, "status", {"execution_state": "idle"}, parent=parent, ident=b"status")
    time.sleep(2.5)
    return 0
