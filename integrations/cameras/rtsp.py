"""RTSP by OpenCV's FFmpeg in a child process: TCP, 3 s to open, 3 s to read. About 1.2 s, nearly all of it probing.

"Low probesize" recipes make it slower. FFmpeg follows a camera's own RTSP redirect, which cannot be switched off.
"""

from __future__ import annotations

from bot.domain.camera import Camera, Frame
from integrations.cameras.access import RTSP
from integrations.cameras.driver import Reach


async def take(camera: Camera, reach: Reach) -> Frame:
    """The first frame of `stream_url`, taken when we asked or later."""
    target = reach.access.target(camera, camera.stream_url, RTSP)
    return await reach.decoders.frame(camera, target.url_with_login)
