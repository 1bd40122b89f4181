"""A local Bot API server with phones in the browser, for tests, benchmarks and the demo.

It imitates https://api.telegram.org for one bot, on loopback, in memory, with the published limits and
with faults on request. It imports nothing of Muster, so that it can judge Muster fairly.
"""

from integrations.telegram.simulator.calls import Call, Stats
from integrations.telegram.simulator.limits import Limits
from integrations.telegram.simulator.phone import Phone
from integrations.telegram.simulator.server import Simulator

__all__ = ["Call", "Limits", "Phone", "Simulator", "Stats"]
