"""Every table, in SQLAlchemy Core, portable between SQLite and PostgreSQL; one file a subject.

Times are whole microseconds since 1970 UTC: they compare and index alike in both databases and cannot be naive.
Alembic (`migrations/`) makes the tables; this is what the code believes, and a test compares the two.
"""

from bot.storage.tables.after_actions import (
    after_action_versions,
    after_action_words,
    after_actions,
    awaited_words,
    corrective_actions,
    digests,
    documents,
)
from bot.storage.tables.alerts import alert_tallies, alerts, pictures, sources, webhooks
from bot.storage.tables.announcements import announcement_questions, announcement_readers, announcements
from bot.storage.tables.camera_watch import (
    camera_days,
    erasure_certificates,
    footage_checks,
    footage_frames,
    footage_requests,
)
from bot.storage.tables.cameras import (
    camera_health,
    camera_looks,
    camera_offers,
    camera_views,
    incident_holds,
    picture_keys,
    snapshots,
)
from bot.storage.tables.columns import Instant, metadata
from bot.storage.tables.delivery import deliveries, facts, gates, inbox
from bot.storage.tables.equipment import equipment, inspections
from bot.storage.tables.incidents import deadlines, incidents, orders, reports, rings, timeline
from bot.storage.tables.outside import injured_numbers, injured_pupils, injured_staff, liaison_links
from bot.storage.tables.pages import page_links, page_sessions
from bot.storage.tables.plan_changes import plan_changes, plan_versions
from bot.storage.tables.plans import agency_calls, due_reports, on_scene, plan_runs, task_offers, tasks
from bot.storage.tables.readiness import patrol_visits, planned_drills, told_once, training_entries, trainings
from bot.storage.tables.roll_call import (
    absence_counts,
    absences,
    check_ins,
    counted_classes,
    counted_pupils,
    covers,
    page_marks,
    roll_calls,
    statements,
)
from bot.storage.tables.school import classes, duty_shifts, invites, people, pupils
from bot.storage.tables.trust import audit

__all__ = [
    "Instant",
    "absence_counts",
    "absences",
    "after_action_versions",
    "after_action_words",
    "after_actions",
    "agency_calls",
    "alert_tallies",
    "alerts",
    "announcement_questions",
    "announcement_readers",
    "announcements",
    "audit",
    "awaited_words",
    "camera_days",
    "camera_health",
    "camera_looks",
    "camera_offers",
    "camera_views",
    "check_ins",
    "classes",
    "corrective_actions",
    "counted_classes",
    "counted_pupils",
    "covers",
    "deadlines",
    "deliveries",
    "digests",
    "documents",
    "due_reports",
    "duty_shifts",
    "equipment",
    "erasure_certificates",
    "facts",
    "footage_checks",
    "footage_frames",
    "footage_requests",
    "gates",
    "inbox",
    "incident_holds",
    "incidents",
    "injured_numbers",
    "injured_pupils",
    "injured_staff",
    "inspections",
    "invites",
    "liaison_links",
    "metadata",
    "on_scene",
    "orders",
    "page_links",
    "page_marks",
    "page_sessions",
    "patrol_visits",
    "people",
    "picture_keys",
    "pictures",
    "plan_changes",
    "plan_runs",
    "plan_versions",
    "planned_drills",
    "pupils",
    "reports",
    "rings",
    "roll_calls",
    "snapshots",
    "sources",
    "statements",
    "task_offers",
    "tasks",
    "timeline",
    "told_once",
    "training_entries",
    "trainings",
    "webhooks",
]
