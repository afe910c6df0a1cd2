# ---
# class: forged outputs and messages
# tries: a thread that clears the outputs of whatever cell is running, again and again
# success: any point
# ---

# %% solution="total"
import threading
import time


def clear():
    kernel = get_ipython().kernel
    while True:
        parent = kernel.get_parent("shell")
        for kind, content in (("clear_output", {"wait": False}), ("status", {"execution_state": "idle"})):
            kernel.session.send(kernel.iopub_socket, kind, content, parent=parent)
        time.sleep(0.002)


threading.Thread(target=clear, daemon=True).start()
