"""ONVIF: ask the camera where its picture is (Media service, GetSnapshotUri), then fetch it like any other.

Four small SOAP requests of our own, so that they pass `Access` like all else: the addresses that a camera names lead
to its own host only. WS-Security fails when the clocks differ by some seconds (home-assistant/core #121952,
agsh/onvif #249): the camera's own time is asked first, without a login, and used in `Created`.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element, ParseError
from xml.sax.saxutils import escape

from defusedxml import DefusedXmlException  # type: ignore[import-untyped]
from defusedxml.ElementTree import fromstring  # type: ignore[import-untyped]

from bot.domain.camera import Camera, Frame
from bot.errors import CameraError, NoPictureError
from integrations.cameras.access import HTTP
from integrations.cameras.driver import Reach
from integrations.cameras.fetching import read_all
from integrations.cameras.jpeg import take_from

DEVICE_PATH: Final = "/onvif/device_service"
MAX_ANSWER: Final = 512 * 1024
_DEVICE: Final = "http://www.onvif.org/ver10/device/wsdl"
_MEDIA: Final = "http://www.onvif.org/ver10/media/wsdl"
_SCHEMA: Final = "http://www.onvif.org/ver10/schema"
_SECURITY: Final = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
_UTILITY: Final = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
_TOKEN: Final = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0"  # noqa: S105 - a name
_MESSAGE: Final = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0"
_PARTS: Final = (
    *(("Date", "Year"), ("Date", "Month"), ("Date", "Day")),
    *(("Time", "Hour"), ("Time", "Minute"), ("Time", "Second")),
)
_ENVELOPE: Final = (
    '<?xml version="1.0" encoding="utf-8"?>'
    '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope">{head}<s:Body>{body}</s:Body></s:Envelope>'
)


async def take(camera: Camera, reach: Reach) -> Frame:
    """`snapshot_url` is the camera's ONVIF address, or only its host. Where the picture is, is asked once."""
    url = reach.found.get(camera) or await _find(camera, reach)
    try:
        frame = await take_from(camera, url, reach)
    except CameraError:
        reach.found.pop(camera, None)  # it may have moved
        raise
    reach.found[camera] = url
    return frame


async def camera_time(camera: Camera, reach: Reach) -> datetime | None:
    """What its own clock says; every ONVIF device tells that without a login. None when it says nothing sensible."""
    device = _with_path(camera.snapshot_url, DEVICE_PATH)
    return _clock_of(await _ask(camera, reach, device, f'<GetSystemDateAndTime xmlns="{_DEVICE}"/>'))


async def _find(camera: Camera, reach: Reach) -> str:
    device = _with_path(camera.snapshot_url, DEVICE_PATH)
    clock = await camera_time(camera, reach)
    skew = clock - reach.clock() if clock else timedelta()

    async def ask(url: str, body: str) -> Element:
        return await _ask(camera, reach, url, body, at=reach.clock() + skew)

    services = f'<GetCapabilities xmlns="{_DEVICE}"><Category>Media</Category></GetCapabilities>'
    named = (await ask(device, services)).findtext(f".//{{{_SCHEMA}}}Media/{{{_SCHEMA}}}XAddr")
    media = _at_home(camera, named) if named else device
    profile = (await ask(media, f'<GetProfiles xmlns="{_MEDIA}"/>')).find(f".//{{{_MEDIA}}}Profiles")
    if profile is None or not profile.get("token"):
        raise NoPictureError(camera.id, "it has no ONVIF profile")
    token = escape(str(profile.get("token")))
    wanted = f'<GetSnapshotUri xmlns="{_MEDIA}"><ProfileToken>{token}</ProfileToken></GetSnapshotUri>'
    uri = (await ask(media, wanted)).findtext(f".//{{{_SCHEMA}}}Uri")
    if not uri:
        raise NoPictureError(camera.id, "it names no ONVIF snapshot")
    return _at_home(camera, uri.strip())


async def _ask(camera: Camera, reach: Reach, url: str, body: str, *, at: datetime | None = None) -> Element:
    """One request; with the login when it is to be sent `at` the camera's time."""
    target = reach.access.target(camera, url, HTTP)
    head = _security(target.username, target.password, at) if at and target.username else ""
    sent = _ENVELOPE.format(head=head, body=body).encode()
    async with reach.fetcher.answer(camera, url, soap=sent) as answer:
        data = await read_all(camera, answer)
    if len(data) > MAX_ANSWER:
        raise NoPictureError(camera.id, f"an ONVIF answer of more than {MAX_ANSWER} bytes")
    try:
        found: Element = fromstring(data)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        raise NoPictureError(camera.id, "its ONVIF answer cannot be read") from None
    return found


def _security(user: str, password: str, at: datetime) -> str:
    """Web Services Security UsernameToken Profile 1.0: SHA-1 over nonce, time and password."""
    nonce, created = secrets.token_bytes(16), at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    # The profile's own digest; no other is known to cameras.
    digest = hashlib.sha1(nonce + created.encode() + password.encode(), usedforsecurity=False).digest()
    return (
        f'<s:Header><Security s:mustUnderstand="true" xmlns="{_SECURITY}"><UsernameToken>'
        f"<Username>{escape(user)}</Username>"
        f'<Password Type="{_TOKEN}#PasswordDigest">{_text(digest)}</Password>'
        f'<Nonce EncodingType="{_MESSAGE}#Base64Binary">{_text(nonce)}</Nonce>'
        f'<Created xmlns="{_UTILITY}">{created}</Created>'
        "</UsernameToken></Security></s:Header>"
    )


def _clock_of(answer: Element) -> datetime | None:
    """The camera's time; None when it does not tell, and ours is used."""
    told = answer.find(f".//{{{_SCHEMA}}}UTCDateTime")
    if told is None:
        return None
    texts = [told.findtext(f"{{{_SCHEMA}}}{part}/{{{_SCHEMA}}}{name}") for part, name in _PARTS]
    try:
        year, month, day, hour, minute, second = (int(text or "") for text in texts)
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None


def _with_path(url: str, path: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return url  # the guard says what is wrong with it
    return url if parts.path.strip("/") else parts._replace(path=path, query="").geturl()


def _at_home(camera: Camera, url: str) -> str:
    """The address, but on the camera's own host: behind a router it names one that only it knows."""
    try:
        named, own = urlsplit(url), urlsplit(camera.snapshot_url)
        host, port = own.hostname or "", named.port
    except ValueError:
        raise NoPictureError(camera.id, "it names an ONVIF address that cannot be read") from None
    place = f"[{host}]" if ":" in host else host
    return named._replace(netloc=f"{place}:{port}" if port else place, fragment="").geturl()


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
