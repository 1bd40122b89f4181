"""The darkroom's child: `python -m integrations.vision.child SECONDS [WEIGHTS SHA256]`, spoken to over its pipes.

It ends when its input does. A picture that takes longer than SECONDS ends it too, even if nobody is left to kill it.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
from pathlib import Path
from typing import Any, BinaryIO

import cv2
import numpy as np

from bot.domain.recipe import Faces, Mark, Recipe
from bot.errors import StartError, UndevelopableError
from integrations.vision import wire
from integrations.vision.developing import Detector, develop, encode
from integrations.vision.faces import load_detector
from integrations.vision.limits import MAX_BYTES
from integrations.vision.measuring import measure
from integrations.vision.weights import Weights


def main() -> None:
    """Serve until the input ends."""
    seconds, weights = int(sys.argv[1]), sys.argv[2:4]
    # A dump of its memory would hold pictures.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # The pool has a child for each core; more threads would only disturb the bot.
    cv2.setNumThreads(1)
    # Whatever a library prints must not stand between the answers.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    detector, problem = _detector(weights)
    _warm_up()
    _say(answers, {"ready": True, "problem": problem})
    while (message := wire.read_message(sys.stdin.buffer, most_bytes=MAX_BYTES)) is not None:
        signal.alarm(seconds)
        header, body = _answer(*message, detector)
        signal.alarm(0)
        _say(answers, header, body)


def _detector(weights: list[str]) -> tuple[Detector | None, str]:
    """Without a detector everything is pixelated, which is safe; why there is none is told."""
    if not weights:
        return None, ""
    try:
        return load_detector(Weights(Path(weights[0]), weights[1])), ""
    except StartError as error:
        return None, str(error)


def _warm_up() -> None:
    """The first text costs 60 ms and the first JPEG 20: before anybody waits for it."""
    grey = encode(np.full((64, 64, 3), 128, np.uint8))
    develop(grey, Recipe(faces=Faces.SHOWN, mark=Mark("集合", "0:00", ("Muster",), "【演练】", "M")))


def _answer(request: dict[str, Any], body: bytes, detector: Detector | None) -> tuple[dict[str, Any], bytes]:
    """Header and body. What fails for these bytes is `refused`; what fails otherwise ends the child."""
    known = {"id": request["id"]}
    recipe = wire.recipe_from_json(request["recipe"])
    try:
        if request["work"] == "measure":
            return {**known, "reading": measure(body, recipe.masks).to_json()}, b""
        return known, develop(body, recipe, detector=detector)
    except UndevelopableError as error:
        return {**known, "refused": str(error)}, b""


def _say(answers: BinaryIO, header: dict[str, Any], body: bytes = b"") -> None:
    answers.write(wire.packed(header, body))
    answers.flush()


if __name__ == "__main__":
    main()
