"""Failed attempts at a door, counted by the sender's address, so that nobody tries secrets by the thousand."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final

FAILURES_A_MINUTE: Final = 20
WINDOW_S: Final = 60.0
# Addresses remembered; past that the one heard of longest ago is forgotten.
ADDRESSES: Final = 1_000
# One sender of IPv6 owns at least such a network (RFC 6177).
_IPV6_OWN: Final = 64


class Attempts:
    """Windows of a minute, each opened by its first failure. `clock` in seconds, never moved back."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._failures)

    def wait_s(self, peer: str) -> int:
        """Whole seconds until this address may try again; 0: now."""
        begun_at, count = self._failures.get(_sender_of(peer), (-math.inf, 0))
        left_s = begun_at + WINDOW_S - self._clock()
        return math.ceil(left_s) if count >= FAILURES_A_MINUTE and left_s > 0 else 0

    def failed(self, peer: str) -> None:
        """One more."""
        sender, now = _sender_of(peer), self._clock()
        begun_at, count = self._failures.pop(sender, (now, 0))
        self._failures[sender] = (begun_at, count + 1) if now - begun_at < WINDOW_S else (now, 1)
        while len(self._failures) > ADDRESSES:
            self._failures.popitem(last=False)


def _sender_of(peer: str) -> str:
    try:
        address = ip_address(peer)
    except ValueError:
        return ""
    if isinstance(address, IPv6Address) and address.ipv4_mapped is None:
        return str(ip_network((int(address), _IPV6_OWN), strict=False))
    return str(getattr(address, "ipv4_mapped", None) or address)
