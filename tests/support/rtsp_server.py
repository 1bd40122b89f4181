"""A real RTSP server on loopback: GStreamer's, run by the system's Python, which has its bindings.

    /usr/bin/python3 rtsp_server.py FOOTAGE.avi [USER PASSWORD]     (Motion JPEG; prints its port)

Plays the footage as H.264 at /film, shared by all clients, from its beginning when the first one comes.
"""

import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402 - versions are named first

PIPELINE = (
    '( filesrc location="{path}" ! avidemux ! jpegdec ! videoconvert ! video/x-raw,format=I420 '
    "! identity sync=true ! x264enc tune=zerolatency speed-preset=ultrafast key-int-max=10 "
    "! rtph264pay name=pay0 pt=96 )"
)


def main(path, *login):
    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service("0")
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(PIPELINE.format(path=path))
    factory.set_shared(True)
    if login:
        protect(server, factory, *login)
    server.get_mount_points().add_factory("/film", factory)
    server.attach(None)
    sys.stdout.write(f"{server.get_bound_port()}\n")
    sys.stdout.flush()
    GLib.MainLoop().run()


def protect(server, factory, user, password):
    auth, token = GstRtspServer.RTSPAuth(), GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", "user")
    auth.add_basic(GstRtspServer.RTSPAuth.make_basic(user, password), token)
    server.set_auth(auth)
    rights = GstRtspServer.RTSPPermissions()
    rights.add_permission_for_role("user", "media.factory.access", True)
    rights.add_permission_for_role("user", "media.factory.construct", True)
    factory.set_permissions(rights)


if __name__ == "__main__":
    main(*sys.argv[1:])
