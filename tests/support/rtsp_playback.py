"""A recorder's RTSP side on loopback: `?starttime=20261123T100000Z` plays from then. Run by the system's Python.

    /usr/bin/python3 rtsp_playback.py FOLDER BEGIN     (000000.jpg …, one a second; BEGIN as in starttime)

Each second of the recording is shown for a tenth, so that a client need not wait for the stream to be probed.
"""

import sys
from datetime import UTC, datetime
from urllib.parse import parse_qs

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402 - versions are named first

PIPELINE = (
    '( multifilesrc location="{folder}/%06d.jpg" index={index} caps="image/jpeg,framerate=10/1" ! jpegdec '
    "! videoconvert ! video/x-raw,format=I420 ! identity sync=true "
    "! x264enc tune=zerolatency speed-preset=ultrafast key-int-max=10 ! rtph264pay name=pay0 pt=96 )"
)


def moment(text):
    return datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


class Playback(GstRtspServer.RTSPMediaFactory):
    def __init__(self, folder, begin):
        super().__init__()
        self.folder, self.begin = folder, begin

    def do_create_element(self, url):
        asked = parse_qs(url.query or "")["starttime"][0]
        index = int((moment(asked) - self.begin).total_seconds())
        return Gst.parse_launch(PIPELINE.format(folder=self.folder, index=index))


def main(folder, begin):
    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service("0")
    factory = Playback(folder, moment(begin))
    server.get_mount_points().add_factory("/Streaming/tracks/101", factory)
    server.attach(None)
    sys.stdout.write(f"{server.get_bound_port()}\n")
    sys.stdout.flush()
    GLib.MainLoop().run()


if __name__ == "__main__":
    main(*sys.argv[1:])
