"""All that people read: `Renderer` gives text and buttons for a delivery, in its reader's language.

One file a topic of conversation; `RENDERERS` lists them all. What concerns a drill opens with the drill mark here and
nowhere else, so that no message can forget it.
"""

from __future__ import annotations

import html
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from bot.domain.message import CHANNEL, Button, Delivery, MessageKind, Rendered
from bot.i18n import LOCALES, Language, Languages
from bot.messages import (
    absence,
    after_action,
    alert,
    announcement,
    announcement_figures,
    announcement_preview,
    announcement_work,
    answers,
    call,
    camera,
    camera_watch,
    corrective,
    digest,
    district,
    drill,
    equipment,
    headcount,
    hearing,
    incident,
    injured,
    inspection,
    liaison,
    looking_back,
    media,
    overview,
    patrol,
    people,
    plan,
    plan_change,
    register,
    report,
    response,
    roster,
    scene,
    system,
    tally,
    task,
    task_list,
    timeline,
    training,
)

RENDERERS: dict[MessageKind, Callable[[dict[str, Any], Language], Rendered]] = {
    MessageKind.TOPIC: incident.topic,
    MessageKind.CARD: incident.card,
    MessageKind.PIN: system.pin,
    MessageKind.LINE: timeline.line,
    MessageKind.RECEIPT: incident.receipt,
    MessageKind.ALARM: incident.alarm,
    MessageKind.SEEN: incident.seen,
    MessageKind.NUDGE: incident.nudge,
    MessageKind.CONFIRM: response.confirm,
    MessageKind.ORDER_SETTLED: response.order_settled,
    MessageKind.DIRECTIVE: response.directive,
    MessageKind.ALL_CLEAR: response.all_clear,
    MessageKind.CANCELLED: response.cancelled,
    MessageKind.DRILL_SUSPENDED: response.drill_suspended,
    MessageKind.ASK_REPORT: incident.ask_report,
    MessageKind.ASK_SEVERITY: incident.ask_severity,
    MessageKind.DONE: answers.done,
    MessageKind.REFUSED: answers.refused,
    MessageKind.STRANGER: people.stranger,
    MessageKind.WELCOME: people.welcome,
    MessageKind.HELP: people.help_page,
    MessageKind.LOST_WORDS: people.lost_words,
    MessageKind.WHOAMI: people.whoami,
    MessageKind.LANGUAGE: people.ask_language,
    MessageKind.STATUS: overview.status,
    MessageKind.INCIDENTS: overview.incidents,
    MessageKind.TIMELINE: overview.timeline,
    MessageKind.ALERT_LINE: alert.line,
    MessageKind.ALERT_FAULT: alert.fault,
    MessageKind.ALERT_REVIEW: alert.review,
    MessageKind.SOURCE_FLOOD: alert.flood,
    MessageKind.SOURCE_SILENT: alert.silent,
    MessageKind.SOURCE_BACK: alert.back,
    MessageKind.SOURCES: alert.sources,
    MessageKind.ROSTER: roster.roster_now,
    MessageKind.ROSTER_DIFF: roster.roster_diff,
    MessageKind.ABSENCES: absence.absences,
    MessageKind.HEADCOUNT: headcount.question,
    MessageKind.HEADCOUNT_PICK: headcount.pick,
    MessageKind.HEADCOUNT_PUPIL: headcount.pupil,
    MessageKind.PUPIL_FOUND: headcount.found,
    MessageKind.PUPIL_INJURED: headcount.injured,
    MessageKind.CLASS_DISPUTED: headcount.disputed,
    MessageKind.CLASS_COVERED: headcount.covered,
    MessageKind.PAGE_LINK: headcount.link,
    MessageKind.TALLY: tally.card,
    MessageKind.GRADE_TALLY: tally.grade,
    MessageKind.HEADCOUNT_CALL: tally.call,
    MessageKind.HEADCOUNT_LIST: tally.listing,
    MessageKind.CHECK_IN: tally.check_in,
    MessageKind.WORDS: hearing.words,
    MessageKind.ASK_WHERE: hearing.ask_where,
    MessageKind.CAMERA_NOTICE: camera_watch.notice,
    MessageKind.CAMERAS: camera_watch.cameras,
    MessageKind.VAULT_TIGHT: camera_watch.vault_tight,
    MessageKind.FOOTAGE_NOTICE: camera_watch.footage,
    MessageKind.FILING_DUE: camera_watch.filing,
    MessageKind.REGISTER: register.lines,
    MessageKind.FOOTAGE: looking_back.footage,
    MessageKind.CAMERA_CHOICE: camera.choice,
    MessageKind.CAMERA_PICTURE: camera.picture,
    MessageKind.CAMERA_LINK: camera.link,
    MessageKind.ANNOUNCEMENT: announcement.post,
    MessageKind.ANNOUNCEMENT_PREVIEW: announcement_preview.preview,
    MessageKind.ANNOUNCEMENT_MENU: announcement_work.menu,
    MessageKind.ANNOUNCEMENT_DRAFT: announcement_work.draft,
    MessageKind.ANNOUNCEMENT_REVIEW: announcement_work.review,
    MessageKind.ANNOUNCEMENT_QUESTION: announcement_work.question,
    MessageKind.ANNOUNCEMENT_FIGURES: announcement_figures.figures,
    MessageKind.ANNOUNCEMENT_SILENT: announcement_figures.silent,
    MessageKind.ANNOUNCEMENT_HELP: announcement_figures.help_wanted,
    MessageKind.ANNOUNCEMENTS: announcement_figures.listing,
    MessageKind.PLAN: plan.plan,
    MessageKind.TASK: task.task,
    MessageKind.TASKS: task_list.tasks,
    MessageKind.TASKS_ABOVE: task.above,
    MessageKind.TASK_REMINDER: task.reminder,
    MessageKind.TASK_PROOF: task.proof,
    MessageKind.TASK_HAND_OVER: task.hand_over,
    MessageKind.CALL: call.text,
    MessageKind.CALLS: call.board,
    MessageKind.REPORT_DUE: report.due,
    MessageKind.REPORT_DRAFT: report.draft,
    MessageKind.CAMERA_REMOVAL: camera.removal,
    MessageKind.RESTRICTED: incident.restricted,
    MessageKind.SCENE: scene.group,
    MessageKind.SCENE_REPORT: scene.report,
    MessageKind.MEDIA: media.passed_on,
    MessageKind.KEPT: system.kept,
    MessageKind.TROUBLE: system.trouble,
    MessageKind.AFTER_ACTION: after_action.report,
    MessageKind.HOT_WASH: after_action.hot_wash,
    MessageKind.ASK_WORDS: after_action.ask_words,
    MessageKind.CORRECTIVE: corrective.action,
    MessageKind.CORRECTIVE_LIST: corrective.listing,
    MessageKind.CORRECTIVE_DONE: corrective.done,
    MessageKind.DIGEST: digest.digest,
    MessageKind.SITUATION: digest.situation,
    MessageKind.EQUIPMENT: equipment.nearby,
    MessageKind.EQUIPMENT_COUNTS: equipment.counts,
    MessageKind.EQUIPMENT_USE: equipment.use,
    MessageKind.INJURED: injured.injured,
    MessageKind.INJURED_STAFF: injured.staff,
    MessageKind.INJURED_LIST: injured.known,
    MessageKind.LIAISON: liaison.links,
    MessageKind.LIAISON_OPENED: liaison.opened,
    MessageKind.PLAN_CHANGE: plan_change.draft,
    MessageKind.PLAN_CHANGE_REVIEW: plan_change.review,
    MessageKind.PLAN_CHANGE_DECIDED: plan_change.decided,
    MessageKind.PLAN_CHANGES: plan_change.listing,
    MessageKind.DOCUMENT_PICTURE: digest.picture,
    MessageKind.PLAN_FILE: plan_change.file_changed,
    MessageKind.DISTRICT_ASK: district.ask,
    MessageKind.DISTRICT: district.told,
    MessageKind.TRAINING: training.training,
    MessageKind.TRAININGS: training.listing,
    MessageKind.CERTIFICATES: training.certificates,
    MessageKind.PATROL_VISIT: patrol.visit,
    MessageKind.PATROL: patrol.overview,
    MessageKind.PATROL_MISSED: patrol.missed,
    MessageKind.DRILLS: drill.calendar,
    MessageKind.DRILL_DUE: drill.due,
    MessageKind.INSPECTIONS: inspection.due,
    MessageKind.INSPECTIONS_OVERDUE: inspection.overdue,
    MessageKind.INSPECTION_PHOTO: inspection.photo,
    MessageKind.INSPECTION_DONE: inspection.done,
    MessageKind.INSPECTION_UNDONE: inspection.undone,
}


class Renderer:
    """Words for deliveries. Raises on params that the kind does not have; the courier has a plain fallback."""

    def __init__(self, languages: Languages) -> None:
        self._languages = languages

    def __call__(self, delivery: Delivery) -> Rendered:
        """Text (Telegram HTML; a topic's title is plain) and buttons."""
        language = self._languages[delivery.locale]
        render = RENDERERS[delivery.kind]
        message = render(delivery.params, language)
        if delivery.to.chat.startswith("user:"):  # nobody knows which language a stranger reads
            both = [render(delivery.params, self._languages[locale]).text for locale in LOCALES]
            message = replace(message, text="\n".join(both))
        repeat = language.say("(repeat) ") if delivery.is_repeat and _may_repeat(delivery.kind) else ""
        text = f"{self.mark(delivery)}{repeat}{message.text}"
        buttons = () if _is_for_everybody(delivery) else message.buttons
        return replace(message, text=text, buttons=_plain_labels(buttons))

    def mark(self, delivery: Delivery) -> str:
        """【演练】 for what concerns a drill, nothing for what is real."""
        language = self._languages[delivery.locale]
        return str(overview.MARKS.get(delivery.params.get("mode", "REAL"), overview.MARKS["REAL"])(language))


def _is_for_everybody(delivery: Delivery) -> bool:
    """An order in a group of Telegram's: whoever reads it there is not asked where they are."""
    return delivery.to.chat.partition(":")[0] == CHANNEL and delivery.kind is MessageKind.DIRECTIVE


def _may_repeat(kind: MessageKind) -> bool:
    return kind not in (MessageKind.TOPIC, MessageKind.CARD, MessageKind.PIN, MessageKind.CAMERA_REMOVAL)


def _plain_labels(rows: tuple[tuple[Button, ...], ...]) -> tuple[tuple[Button, ...], ...]:
    """Buttons are plain text, sentences are HTML."""
    return tuple(tuple(replace(b, label=html.unescape(b.label)) for b in row) for row in rows)
