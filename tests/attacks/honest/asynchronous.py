# ---
# why: awaits at the top of a cell, and runs coroutines where tests call
# ---

# %% solution="total"
import asyncio
import threading


async def later(value):
    await asyncio.sleep(0.01)
    return value * value


def total(values):
    async def gather():
        return sum(await asyncio.gather(*map(later, values)))

    found = []
    runner = threading.Thread(target=lambda: found.append(asyncio.run(gather())))
    runner.start()
    runner.join()
    return found[0]


# %% solution="number"
share = await asyncio.sleep(0.01, 9.0 / 32.0)
longest = "night"
