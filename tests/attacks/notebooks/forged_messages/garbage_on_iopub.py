# ---
# class: forged outputs and messages
# tries: "messages on iopub that are no messages: wrong signatures, half of them, huge headers, wrong types"
# success: any harm
# ---

# %% solution="total"
kernel = get_ipython().kernel
key = b"kernel.garbage"
for parts in (
    [b"<IDS|MSG>"],
    [key, b"<IDS|MSG>", b"wrong", b"{", b"{}", b"{}", b"{}"],
    [key, b"<IDS|MSG>", b"", b"[" * 100000, b"{}", b"{}", b"null"],
    [b"x" * 1000000],
    [b""] * 500,
):
    kernel.iopub_thread.send_multipart(parts) if hasattr(kernel.iopub_thread, "send_multipart") else None
for content in (None, [], {"data": None}, {"execution_state": ["idle"]}, {"name": 7, "text": {}}, {"ename": None}):
    for kind in ("stream", "status", "display_data", "execute_result", "error", "clear_output", "update_display_data", 7):
        try:
            kernel.session.send(kernel.iopub_socket, kind, content, parent=kernel.get_parent("shell"))
        except Exception:
            continue
