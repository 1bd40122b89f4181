"""Pictures from cameras, who saw what and why, and how the cameras are."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text

from bot.storage.tables.columns import Id, Instant, metadata

# The files lie in the vault under their hashes. The row outlives the picture: what was erased, when and why.
snapshots = Table(
    "snapshots",
    metadata,
    Column("id", Id, primary_key=True),
    Column("camera_id", String(32), nullable=False),
    Column("incident_id", Id, ForeignKey("incidents.id"), index=True),
    Column("captured_at", Instant, nullable=False),
    Column("kept_at", Instant, nullable=False),
    Column("original_sha256", String(64), nullable=False),
    Column("original_size", Integer, nullable=False),
    # The masked and marked picture that people get; none when it was never made.
    Column("derivative_sha256", String(64)),
    Column("derivative_size", Integer),
    Column("expires_at", Instant, nullable=False),
    Column("held_at", Instant),
    Column("held_by", String(64)),
    Column("held_reason", Text, nullable=False, server_default=""),
    Column("erased_at", Instant),
    Column("erased_why", Text, nullable=False, server_default=""),
    Index(None, "camera_id", "captured_at"),
    Index(None, "erased_at", "expires_at"),
)

# All pictures of an incident are kept beyond their time, also later ones; beside a hold on one of them.
incident_holds = Table(
    "incident_holds",
    metadata,
    Column("incident_id", Id, ForeignKey("incidents.id"), primary_key=True),
    Column("held_at", Instant, nullable=False),
    Column("held_by", String(64), nullable=False),
    Column("held_reason", Text, nullable=False),
)

# The data key of every file, wrapped by the master key: once the row is gone, no copy of the file can be read.
picture_keys = Table(
    "picture_keys",
    metadata,
    Column("snapshot_id", Id, ForeignKey("snapshots.id"), primary_key=True),
    Column("part", String(16), primary_key=True),
    Column("wrapped", LargeBinary, nullable=False),
)

# The register that Order 799 art. 16(3) asks for: reason, content, unit, name. Rows are only ever added.
camera_views = Table(
    "camera_views",
    metadata,
    Column("id", Id, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("what", String(16), nullable=False),
    Column("camera_id", String(32), nullable=False),
    Column("snapshot_id", Id, ForeignKey("snapshots.id")),
    Column("incident_id", Id, ForeignKey("incidents.id")),
    Column("staff_id", String(64)),
    # As it was said then: a person's name, an officer's, a guardian's.
    Column("name", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("content", Text, nullable=False),
    Column("sha256", String(64)),
    Column("outcome", Text, nullable=False),
    Index(None, "camera_id", "id"),
)

camera_health = Table(
    "camera_health",
    metadata,
    Column("camera_id", String(32), primary_key=True),
    Column("state", String(16), nullable=False),
    Column("since", Instant, nullable=False),
    Column("last_frame_at", Instant),
    Column("baselines", JSON, nullable=False),
    Column("up_us", BigInteger, nullable=False, server_default="0"),
    Column("down_us", BigInteger, nullable=False, server_default="0"),
    Column("counted_at", Instant, nullable=False),
    # Why it cannot be reached, in one word; what was told last, and when the next word falls due.
    Column("trouble", String(24), nullable=False, server_default=""),
    Column("told", String(16), nullable=False, server_default=""),
    Column("notice_due_at", Instant, index=True),
)

# Who looks through which camera, and why; what a watch has to do next.
camera_looks = Table(
    "camera_looks",
    metadata,
    Column("id", Id, primary_key=True),
    Column("staff_id", String(64), nullable=False),
    Column("camera_id", String(32), nullable=False),
    Column("incident_id", Id, ForeignKey("incidents.id")),
    Column("reason", Text, nullable=False, server_default=""),
    Column("asked_at", Instant, nullable=False),
    Column("watch_until", Instant),
    Column("next_at", Instant),
    Column("ended_at", Instant),
    # What was recorded and is looked at now; none for the picture of the present.
    Column("snapshot_id", Id),
    Index(None, "staff_id", "asked_at"),
    Index(None, "next_at"),
)

# The places whose cameras were shown to the commanders of an incident, once each.
camera_offers = Table(
    "camera_offers",
    metadata,
    Column("incident_id", Id, ForeignKey("incidents.id"), primary_key=True),
    Column("zone", String(64), primary_key=True),
    Column("at", Instant, nullable=False),
)
