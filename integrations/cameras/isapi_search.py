"""Hikvision's search for recordings, `/ISAPI/ContentMgmt/search`: the question as XML, and what stands in the answer.

Recorders write their own local time and mark it as UTC, unless they are set otherwise (HikLoad #11).
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote, urlencode, urlsplit

from bot.domain.alert_format import AlertFormatError
from bot.domain.footage import Recorder, Span, Track
from integrations.alert_formats.xml_body import read_xml

PATH: Final = "/ISAPI/ContentMgmt/search"
PAGE: Final = 40
"""Matches in one answer; some recorders refuse more."""
_MORE: Final = "MORE"
_TRACKS: Final = "/Streaming/tracks/"

_QUESTION: Final = """<?xml version="1.0" encoding="UTF-8"?>
<CMSearchDescription><searchID>{search_id}</searchID>\
<trackIDList><trackID>{track}</trackID></trackIDList>\
<timeSpanList><timeSpan><startTime>{begin}</startTime><endTime>{end}</endTime></timeSpan></timeSpanList>\
<maxResults>{page}</maxResults><searchResultPostion>{position}</searchResultPostion>\
<metadataList><metadataDescriptor>//recordType.meta.std-cgi.com</metadataDescriptor></metadataList>\
</CMSearchDescription>"""


@dataclass(frozen=True)
class Page:
    """Some of the matches, and whether there are more."""

    spans: tuple[Span, ...]
    has_more: bool


def question(track: Track, wanted: Span, position: int) -> bytes:
    """The request's body; `position`: how many matches are known already."""
    return _QUESTION.format(
        search_id=str(uuid.uuid4()).upper(),
        track=track_id(track),
        begin=_told(wanted.begin, track.recorder),
        end=_told(wanted.end, track.recorder),
        page=PAGE,
        position=position,
    ).encode()


def read_answer(data: bytes, recorder: Recorder) -> Page:
    """ValueError when it is none."""
    try:
        root = read_xml(data)
    except AlertFormatError:
        raise ValueError("no XML") from None
    if root.name != "cmsearchresult":
        raise ValueError("no search result")
    spans = []
    for item in root.within("searchmatchitem"):
        for times in item.within("timespan"):
            spans.append(
                Span(_read(times.first("starttime"), recorder), _read(times.first("endtime"), recorder))
            )
            break
    return Page(tuple(spans), has_more=root.first("responsestatusstrg").upper() == _MORE)


def track_id(track: Track) -> str:
    """Channel 1's main stream is 101."""
    return f"{track.channel}01"


def playback_url(track: Track, at: datetime, until: datetime) -> str:
    """Where the recording of then can be played. Host and port are the settings', never what an answer says."""
    recorder = track.recorder
    host = urlsplit(recorder.url).hostname or ""
    named = f"[{host}]" if ":" in host else host
    times = {"starttime": _compact(at, recorder), "endtime": _compact(until, recorder)}
    return f"rtsp://{named}:{recorder.rtsp_port}{_TRACKS}{quote(track_id(track))}?{urlencode(times)}"


def _told(at: datetime, recorder: Recorder) -> str:
    return _clock(at, recorder).strftime("%Y-%m-%dT%H:%M:%SZ")


def _compact(at: datetime, recorder: Recorder) -> str:
    return _clock(at, recorder).strftime("%Y%m%dT%H%M%SZ")


def _clock(at: datetime, recorder: Recorder) -> datetime:
    return at.astimezone(recorder.zone if recorder.is_local_time else UTC)


def _read(text: str, recorder: Recorder) -> datetime:
    """An offset other than Z is meant as it stands."""
    moment = datetime.fromisoformat(text.strip())
    if moment.tzinfo is None or text.strip().upper().endswith("Z"):
        moment = moment.replace(tzinfo=recorder.zone if recorder.is_local_time else UTC)
    return moment
