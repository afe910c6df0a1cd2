"""Walls around student code: which this machine can build, and processes forked behind them."""
