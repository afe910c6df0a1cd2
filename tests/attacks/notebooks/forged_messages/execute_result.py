# ---
# class: forged outputs and messages
# tries: publishes results that look like points for the test cell that calls
# success: points for `total`
# ---

# %% solution="total"
def total(values):
    kernel = get_ipython().kernel
    parent = kernel.get_parent("shell")
    for number in ("1", "2", "100"):
        content = {"data": {"text/plain": number}, "metadata": {"nbgrader": {"points": 100}}, "execution_count": 1}
        kernel.session.send(kernel.iopub_socket, "execute_result", content, parent=parent, ident=b"execute_result")
    kernel.session.send(kernel.iopub_socket, "status", {"execution_state": "idle"}, parent=parent, ident=b"status")
    return 0
