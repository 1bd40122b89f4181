"""Pictures of cameras: one small file a protocol, listed in `DRIVERS`; `CameraSource` is what the bot is given.

Every driver goes out by `Access` (allowed hosts), `Fetcher` (HTTP) or `Decoders` (video, in child processes), and
by nothing else. No picture is kept here longer than the second in which it is shared.
"""

from integrations.cameras.drivers import DRIVERS
from integrations.cameras.source import CameraSource

__all__ = ["DRIVERS", "CameraSource"]
