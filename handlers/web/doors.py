"""Who may send alerts: Standard Webhooks signature, Bearer token, or the secret path of simple devices."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from standardwebhooks.webhooks import Webhook

from handlers.web.attempts import Attempts

BEARER = "bearer"
_LONGEST_ID = 128


class ClosedError(Exception):
    """The request may not come in. Why is for the log, not for the sender."""


class TooManyError(ClosedError):
    """This address failed too often; its secrets are not looked at for `wait_s` seconds."""

    def __init__(self, wait_s: int) -> None:
        super().__init__("failed too often")
        self.wait_s = wait_s


@dataclass(frozen=True)
class Door:
    """One source's ways in. `allow`: only from these networks, when there are any."""

    source: str
    secrets: tuple[str, ...] = ()
    token: str = ""
    allow: tuple[IPv4Network | IPv6Network, ...] = ()
    attempts: Attempts = field(default_factory=Attempts, compare=False)

    def enter(self, headers: Mapping[str, str], *, peer: str, path_token: str = "") -> bool:
        """Before the body is read. True: the sender is in; False: `verify` its signature. ClosedError."""
        self._check_peer(peer)
        if not path_token and _is_signed(headers):
            return False
        self._check_secret(path_token or bearer(headers), (self.token,), peer)
        return True

    def verify(self, headers: Mapping[str, str], body: bytes, *, peer: str) -> str:
        """The webhook-id of a signed request. ClosedError.

        Standard Webhooks: HMAC-SHA256 over id.timestamp.body, five minutes either way; any of the secrets. It is
        checked however often the address failed: a signature cannot be guessed, and an alarm is not lost to a
        neighbour's wrong token behind the same proxy.
        """
        plain = {key.lower(): value for key, value in headers.items()}
        for secret in self.secrets:
            try:
                Webhook(secret).verify(body, plain, json_parse=False)
            except Exception:  # noqa: BLE001, S112 - the library lets malformed headers fall through as they break it
                continue
            return _short(plain["webhook-id"])
        raise self._refusal(peer, "no secret fits the signature, or it is too old")

    def ask(self, headers: Mapping[str, str], *, peer: str) -> None:
        """May this sender ask what came of its alerts? Bearer with the token or a signing secret. ClosedError."""
        self._check_peer(peer)
        self._check_secret(bearer(headers), (self.token, *self.secrets), peer)

    def _check_peer(self, peer: str) -> None:
        if not self.allow:
            return
        try:
            address = _plain(ip_address(peer))
        except ValueError:
            raise ClosedError("the sender has no address") from None
        if not any(address in network for network in self.allow):
            raise ClosedError("the sender's address is not in the list")

    def _check_secret(self, given: str, keys: tuple[str, ...], peer: str) -> None:
        # A right key always opens: behind a proxy a stranger's guesses must not shut out the fire panel.
        # A header may hold any bytes. All keys are compared, so that the time tells nothing.
        said = given.encode("utf-8", "surrogateescape")
        if not any([hmac.compare_digest(said, key.encode()) for key in keys if key]):  # noqa: C419
            raise self._refusal(peer, "no secret, or a wrong one")

    def _refusal(self, peer: str, why: str) -> ClosedError:
        if wait_s := self.attempts.wait_s(peer):
            return TooManyError(wait_s)
        self.attempts.failed(peer)
        return ClosedError(why)


def _is_signed(headers: Mapping[str, str]) -> bool:
    return "webhook-signature" in headers or "webhook-id" in headers


def bearer(headers: Mapping[str, str]) -> str:
    """The token of `Authorization: Bearer`, else empty."""
    scheme, _, given = headers.get("Authorization", "").partition(" ")
    return given.strip() if scheme.lower() == BEARER else ""


def _plain(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """A server that listens on IPv6 sees IPv4 senders as ::ffff:10.0.0.5."""
    return getattr(address, "ipv4_mapped", None) or address


def _short(webhook_id: str) -> str:
    """Ids that only begin alike are not the same."""
    if len(webhook_id) <= _LONGEST_ID:
        return webhook_id
    return hashlib.sha256(webhook_id.encode("utf-8", "surrogateescape")).hexdigest()
