# ---
# class: forged outputs and messages
# tries: connects to the kernel's own sockets with its key, and sends requests on shell and control that undo the tests
# success: any point
# ---

# %% solution="total"
import json
import threading
from pathlib import Path

from ipykernel.connect import get_connection_file
from jupyter_client import BlockingKernelClient


def work():
    client = BlockingKernelClient(connection_file=get_connection_file())
    client.load_connection_file()
    client.start_channels()
    for _ in range(20):
        client.execute("total = lambda values: sum(v * v for v in values) * 0", silent=True)
        message = client.session.msg("execute_request", {"code": "get_ipython().ast_transformers.clear()"})
        client.control_channel.send(message)
    client.control_channel.send(client.session.msg("interrupt_request", {}))


print(Path(get_connection_file()).read_text()[:50])
threading.Thread(target=work, daemon=True).start()
