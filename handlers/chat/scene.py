"""The on-scene group by chat."""

from __future__ import annotations

from telegram import Update
from telegram.ext import CommandHandler

from bot.domain.action import Press, Verb
from bot.domain.on_scene import SceneState
from bot.domain.outcome import Outcome
from bot.domain.sender import Sender
from bot.errors import Reason, RefusedError
from handlers.chat.edge import TYPED, Context, Edge, Handler, incident_first, words_of


class SceneConversation:
    """`/dispatch`, and the buttons of those who go."""

    def __init__(self, edge: Edge) -> None:
        self._edge = edge
        self._scene = edge.services.scene
        self.presses = {Verb.SCENE_STATE: self.press_state, Verb.SCENE_REPORT: self.press_report}

    def handlers(self) -> list[Handler]:
        """The command."""
        return [CommandHandler("dispatch", self.dispatch, TYPED)]

    async def dispatch(self, update: Update, _: Context) -> None:
        """`/dispatch [number] [leader]`."""
        if sender := self._edge.sender(update):
            await self._scene.dispatch(sender, *incident_first(words_of(update)))

    async def press_state(self, sender: Sender, press: Press) -> Outcome:
        """I go, I am there, I cannot."""
        if press.value not in {state.value for state in SceneState} - {SceneState.ASKED.value}:
            raise RefusedError(Reason.UNKNOWN_BUTTON)
        return await self._scene.answer(sender, press.subject, SceneState(press.value))

    async def press_report(self, sender: Sender, press: Press) -> Outcome:
        """Conditions, actions, needs."""
        return await self._scene.report(sender, press.subject, press.value)
