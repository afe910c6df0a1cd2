# ---
# class: forged outputs and messages
# tries: opens comms for an Output widget that swallows what test cells show, errors too
# success: any point
# ---

# %% solution="total"
def total(values):
    kernel = get_ipython().kernel
    parent = kernel.get_parent("shell")
    state = {"_model_module": "@jupyter-widgets/output", "_model_name": "OutputModel", "outputs": []}
    state["msg_id"] = parent["header"]["msg_id"]
    opened = {"comm_id": "swallow", "target_name": "jupyter.widget", "data": {"state": state}}
    kernel.session.send(kernel.iopub_socket, "comm_open", opened, parent=parent, metadata={"version": "2.1.0"})
    update = {"comm_id": "swallow", "data": {"method": "update", "state": {"msg_id": state["msg_id"]}}}
    kernel.session.send(kernel.iopub_socket, "comm_msg", update, parent=parent)
    return 0
