# ---
# class: forged outputs and messages
# tries: thousands of comms of wrong types and with large buffers, for the grader to keep
# success: any harm
# ---

# %% solution="total"
kernel = get_ipython().kernel
parent = kernel.get_parent("shell")
for number in range(2000):
    content = {"comm_id": f"c{number}", "target_name": "jupyter.widget", "data": {"state": {"x": "y" * 10000}}}
    kernel.session.send(
        kernel.iopub_socket, "comm_open", content, parent=parent, buffers=[b"z" * 50000], metadata={"version": "2.1.0"}
    )
kernel.session.send(kernel.iopub_socket, "comm_msg", {"comm_id": None, "data": []}, parent=parent)
kernel.session.send(kernel.iopub_socket, "comm_close", {"comm_id": "none"}, parent=parent)
