"""The list page's sentences, by the keys that its scripts use; the page carries them in every language at once.

One shell for everybody: a phone keeps it for when the line is gone, whoever reads it next.
"""

from __future__ import annotations

from typing import Final

from bot.i18n import sentence

WORDS: Final = {
    "between_names": sentence(", "),
    # ── what is going on ──
    "drill": sentence("[DRILL] This is a drill."),
    "test": sentence("[TEST] This is only a test."),
    "silent": sentence("Phone on silent. Do not call anybody."),
    "evacuate": sentence("EVACUATE"),
    "lockdown": sentence("LOCKDOWN"),
    "shelter": sentence("SHELTER"),
    "visitors": sentence("visitors"),
    "loading": sentence("Loading…"),
    "no_line": sentence("No connection. Trying again…"),
    "waiting": sentence("{n} waiting to be sent"),
    "offline": sentence("No connection. What you tap is kept on this phone."),
    "offline_waiting": sentence("No connection. {n} waiting to be sent."),
    "old": sentence("As of {time}"),
    "no_roll_call": sentence("No roll call is running."),
    "no_roll_call_more": sentence("When one begins, this page shows your classes by itself."),
    "no_class": sentence("You have no class to count."),
    "no_class_more": sentence(
        "If you stand in for a colleague, send the bot /cover and the class, and come back here."
    ),
    "ended_waiting": sentence(
        "{n} of your entries are still on this phone; they are sent as soon as the new link is open here."
    ),
    "over_lost": sentence("The roll call is over; {n} of your entries came too late."),
    "close": sentence("Close"),
    # ── the class ──
    "all": sentence("All {n} here"),
    "rest": sentence("The other {n} are here"),
    "done_all": sentence("All {n} here, reported"),
    "done": sentence("Everybody is accounted for"),
    "done_short": sentence("Counted: {n} missing"),
    "number_only": sentence("Number only"),
    "number_title": sentence("How many pupils are with you?"),
    "number_say": sentence("{n} are here"),
    "less": sentence("One less"),
    "more": sentence("One more"),
    "guest": sentence("+ Pupil of another class"),
    "guest_title": sentence("A pupil of another class is with me"),
    "guest_search": sentence("Number or name, at least 2 characters"),
    "guest_none": sentence("Nobody found."),
    "guest_offline": sentence("Searching needs a connection. Try again in a moment."),
    "guests": sentence("Pupils of other classes with us"),
    "help": sentence("Need help"),
    "help_ask": sentence("Call for help for {name}?"),
    "help_more": sentence("The command centre is told at once."),
    "help_words": sentence("What has happened? (may stay empty)"),
    "help_yes": sentence("Yes, call for help"),
    "help_called": sentence("Help was called for."),
    "help_over": sentence("Help is here"),
    "help_over_ask": sentence("Has help arrived at {name}?"),
    "help_over_yes": sentence("Yes, help is here"),
    "cancel": sentence("Cancel"),
    "paper": sentence("I am entering a paper sheet"),
    "missing_first": sentence("Missing first"),
    "pupils": sentence("Pupils"),
    "no_pupils": sentence("No pupil list. Report the number."),
    "disputed": sentence(
        "The leads disagree. It stays red until they agree or the safety office settles it."
    ),
    "claim_all": sentence("{who}: all here"),
    "claim_number": sentence("{who}: {n} here"),
    # ── one pupil ──
    "unknown": sentence("Not marked"),
    "with_class_count": sentence("In the class's count"),
    "with_me": sentence("With me"),
    "with_somebody": sentence("With {who}"),
    "missing": sentence("Missing"),
    "injured": sentence("Injured"),
    "left": sentence("Left"),
    "left_with": sentence("Left with {who}"),
    "left_say": sentence("Left with …"),
    "absent": sentence("Absent today"),
    "against": sentence("{who} says missing, {other} does not."),
    "row_waiting": sentence("waiting to be sent"),
    "choices": sentence("{name}: more choices"),
    "ask_missing": sentence("Last seen where? (may stay empty)"),
    "ask_injured": sentence("Where, and how badly? (may stay empty)"),
    "ask_left": sentence("Left with whom? (may stay empty)"),
    "said": sentence("{name}: {state}"),
    "save": sentence("Send"),
    "skip": sentence("Nothing to add"),
    # ── figures ──
    "f_expected": sentence("Expected"),
    "f_present": sentence("Here"),
    "f_missing": sentence("Missing"),
    "f_injured": sentence("Injured"),
    "f_unknown": sentence("Not marked"),
    "figures": sentence(
        "{present} of {expected} here, {missing} missing, {injured} injured, {unknown} not marked"
    ),
    # ── who counts many classes ──
    "classes": sentence("Classes"),
    "find_class": sentence("Find a class"),
    "grade": sentence("Grade {grade}"),
    "to_classes": sentence("All classes"),
    "state_silent": sentence("no answer"),
    "state_counting": sentence("still counting"),
    "state_short": sentence("pupils missing"),
    "state_disputed": sentence("reports disagree"),
    "state_complete": sentence("complete"),
    "needs_help": sentence("needs help"),
    "injured_people": sentence("Injured pupils"),
}
