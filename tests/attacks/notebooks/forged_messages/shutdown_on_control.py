# ---
# class: forged outputs and messages
# tries: asks its own kernel on the control channel to restart, and answers for the manager
# success: any harm
# ---

# %% solution="total"
from ipykernel.connect import get_connection_file
from jupyter_client import BlockingKernelClient

client = BlockingKernelClient(connection_file=get_connection_file())
client.load_connection_file()
client.start_channels()
client.control_channel.send(client.session.msg("shutdown_request", {"restart": True}))
