"""Who may send alerts: Standard Webhooks signature, Bearer token, or the secret path of simple devices."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address

from standardwebhooks.webhooks import Webhook

BEARER = "Bearer "


class ClosedError(Exception):
    """The request may not come in. Why is for the log, not for the sender."""


@dataclass(frozen=True)
class Door:
    """One source's ways in. `allow`: only from these networks, when there are any."""

    source: str
    secrets: tuple[str, ...] = ()
    token: str = ""
    allow: tuple[IPv4Network | IPv6Network, ...] = ()

    def enter(
        self, headers: Mapping[str, str], body: bytes, *, peer: str, path_token: str = ""
    ) -> str | None:
        """The webhook-id of a signed request, None for the others. ClosedError."""
        self._check_peer(peer)
        if path_token:
            self._check_token(path_token)
            return None
        if "webhook-signature" in headers or "webhook-id" in headers:
            return self._check_signature(headers, body)
        given = headers.get("Authorization", "")
        self._check_token(given.removeprefix(BEARER) if given.startswith(BEARER) else "")
        return None

    def ask(self, headers: Mapping[str, str], *, peer: str) -> None:
        """May this sender ask what came of its alerts? Bearer with the token or a signing secret. ClosedError."""
        self._check_peer(peer)
        given = headers.get("Authorization", "").removeprefix(BEARER).encode()
        keys = [key.encode() for key in (self.token, *self.secrets) if key]
        # All are compared, so that the time tells nothing.
        if not any([hmac.compare_digest(given, key) for key in keys]):  # noqa: C419
            raise ClosedError("no secret, or a wrong one")

    def _check_peer(self, peer: str) -> None:
        if not self.allow:
            return
        try:
            address = ip_address(peer)
        except ValueError:
            raise ClosedError("the sender has no address") from None
        if not any(address in network for network in self.allow):
            raise ClosedError("the sender's address is not in the list")

    def _check_token(self, given: str) -> None:
        if not self.token or not hmac.compare_digest(given.encode(), self.token.encode()):
            raise ClosedError("no token, or a wrong one")

    def _check_signature(self, headers: Mapping[str, str], body: bytes) -> str:
        """Standard Webhooks: HMAC-SHA256 over id.timestamp.body, five minutes either way; any of the secrets."""
        plain = {key.lower(): value for key, value in headers.items()}
        for secret in self.secrets:
            try:
                Webhook(secret).verify(body, plain, json_parse=False)
            except Exception:  # noqa: BLE001, S112 - the library lets malformed headers fall through as they break it
                continue
            return plain["webhook-id"][:128]
        raise ClosedError("no secret fits the signature, or it is too old")
