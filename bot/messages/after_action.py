"""The after-action report in chat: the document's caption, the questions afterwards, and whose words are awaited."""

from __future__ import annotations

from typing import Any

from bot.domain.action import Press, Verb
from bot.domain.after_action import IN_WORDS, Grade, Question, Stage
from bot.domain.message import Button, Rendered
from bot.domain.text import shorten
from bot.i18n import Language, Markup, sentence
from bot.messages.labels import kind_label
from bot.messages.readiness import ASKED

Params = dict[str, Any]
Rows = tuple[tuple[Button, ...], ...]

# Bot API, sendDocument: a caption holds 1024 UTF-16 units; the mark of a drill and of a repeat stand in front.
REMARKS_IN_CAPTION = 500
BEFORE_LIMIT = 1500

QUESTIONS: dict[Question, str] = {
    Question.CAUSE: sentence("Cause"),
    Question.COURSE: sentence("Course"),
    Question.SCOPE: sentence("Scope of impact"),
    Question.EFFECT: sentence("Effect of the handling"),
    Question.WELL: sentence("What went well"),
    Question.IMPROVE: sentence("What to do better"),
    Question.GRADE: sentence("Overall"),
}
GRADES: dict[Grade, tuple[str, str]] = {
    Grade.GOOD: ("👍", sentence("Good")),
    Grade.FAIR: ("👌", sentence("Fair")),
    Grade.POOR: ("👎", sentence("Poor")),
}
STAGES: dict[Stage, str] = {
    Stage.DRAFT: sentence(
        "Draft from the record. The safety office completes it and submits it to the principal."
    ),
    Stage.SUBMITTED: sentence("Submitted: it waits for the principal."),
    Stage.RETURNED: sentence("Returned by {who}: “{words}”"),
    Stage.ACCEPTED: sentence(
        "✅ Accepted by {who}. It is signed and frozen; the incident may be closed (/close)."
    ),
}


def report(p: Params, language: Language) -> Rendered:
    """The document's caption, with what the reader may do."""
    lines = [
        language.say(
            "📄 <b>After-action report {number}</b> · version {n}", number=p["number"], n=p["version"]
        ),
        _what(p, language),
        "",
        _stage(p, language),
    ]
    return Rendered("\n".join(lines), _report_buttons(p, language), document=p["document"])


def _what(p: Params, language: Language) -> str:
    place = f" · {language.name(p['zone'])}" if p["zone"] else ""
    return f"{kind_label(p['kind'], language)}{place}"


def _stage(p: Params, language: Language) -> str:
    if p["is_asked"]:
        return language.say("<b>Please accept it, or return it with remarks.</b>")
    if p["is_short"] and p["stage"] == Stage.DRAFT:
        return language.say("Short form: nobody has to accept it.")
    params = {"who": language.name(p["decided_by"]), "words": shorten(p["remarks"], REMARKS_IN_CAPTION)}
    return language.say(STAGES[Stage(p["stage"])], **params)


def _report_buttons(p: Params, language: Language) -> Rows:
    if p["is_asked"]:
        version = str(p["version"])
        accept = Button(language.say("✅ Accept the report"), Press(Verb.REPORT_ACCEPT, p["id"], version))
        give_back = Button(language.say("↩ Return"), Press(Verb.REPORT_RETURN, p["id"], version))
        return ((accept, give_back),)
    if not p["may_edit"]:
        return ()
    submit = Button(language.say("📨 Submit to the principal"), Press(Verb.REPORT_SUBMIT, p["id"]))
    return (*_word_buttons(p, language, Verb.REPORT_WORDS), (submit,))


def _word_buttons(p: Params, language: Language, verb: Verb) -> Rows:
    buttons = [
        Button(f"✍️ {language.say(QUESTIONS[question])}", Press(verb, p["id"], question.value))
        for question in IN_WORDS
    ]
    return tuple(tuple(buttons[at : at + 2]) for at in range(0, len(buttons), 2))


def hot_wash(p: Params, language: Language) -> Rendered:
    """To everybody who took part, while they still know."""
    if p["is_short"]:
        text = language.say("{number} was a false alarm. What set it off?", number=p["number"])
        cause = Button(
            f"✍️ {language.say(QUESTIONS[Question.CAUSE])}", Press(Verb.HOT_WASH_WORDS, p["id"], "cause")
        )
        return Rendered(text, ((cause,),))
    head = language.say("📝 <b>{number} is over. How did it go?</b>", number=p["number"])
    ask = language.say("One press is enough; a few words help more. They go into the report, with your name.")
    lines = [head, _what(p, language), "", ask]
    if p["is_commander"]:
        lines.append(language.say("<b>You commanded: please say what the cause was.</b>"))
    grades = tuple(
        Button(f"{sign} {language.say(text)}", Press(Verb.HOT_WASH_GRADE, p["id"], grade.value))
        for grade, (sign, text) in GRADES.items()
    )
    return Rendered("\n".join(lines), (grades, *_word_buttons(p, language, Verb.HOT_WASH_WORDS)))


def ask_words(p: Params, language: Language) -> Rendered:
    """The next message is the answer."""
    if p["what"] == "return":
        return Rendered(
            language.say(
                "↩ {number}: what is missing or wrong? Please write it in your next message; it goes to the safety office.",
                number=p["number"],
            )
        )
    if p["what"] == "plan return":
        return Rendered(
            language.say(
                "↩ Plan change {number}: what is missing or wrong? Please write it in your next message.",
                number=p["number"],
            )
        )
    if p["what"] == "done":
        return Rendered(
            language.say(
                "✅ Corrective action {number}: how can one see that it is done? Please write it in your next message.",
                number=p["number"],
            )
        )
    if asked := ASKED.get(p["what"]):
        return Rendered(language.say(asked, number=p["number"]))
    question = language.say(QUESTIONS[Question(p["what"].removeprefix("!"))])
    lines: list[str] = [
        language.say(
            "✍️ {number} · <b>{question}</b>: please write it in your next message.",
            number=p["number"],
            question=question,
        )
    ]
    if p["before"]:
        lines += ["", language.say("So far: “{words}”", words=shorten(p["before"], BEFORE_LIMIT))]
    return Rendered("\n".join(lines))


def question_name(question: str, language: Language) -> Markup:
    """`Cause`."""
    return language.say(QUESTIONS[Question(question)])
