"""Finds faces, so that they can be hidden. Never whose: no recognition, no names, no embedding.

The weights are the operator's: an ONNX file by path and SHA-256. Faces smaller than about 15 pixels escape every such
detector; who may not be known at a distance belongs under a mask.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from bot.errors import StartError
from integrations.vision.developing import Detector, Picture
from integrations.vision.weights import Weights

YUNET_SCORE: Final = 0.5
"""Lower than OpenCV's 0.9: a pattern hidden by mistake costs less than a face that is seen."""
CENTERFACE_SCORE: Final = 0.35
OVERLAP: Final = 0.3
_STEP: Final = 32
_CELL: Final = 4
_OUTPUTS: Final = 4


def load_detector(weights: Weights) -> Detector:
    """CenterFace when the network has its four outputs, YuNet otherwise. StartError: no such network."""
    content = weights.read()
    try:
        net = cv2.dnn.readNetFromONNX(np.frombuffer(content, np.uint8))
        is_centerface = len(net.getUnconnectedOutLayersNames()) == _OUTPUTS
        return CenterFace(net) if is_centerface else YuNet(content)
    except cv2.error as error:
        raise StartError(f"{weights.path}: no face detector that OpenCV can read") from error


class YuNet:
    """OpenCV's own FaceDetectorYN."""

    def __init__(self, content: bytes) -> None:
        buffer = np.frombuffer(content, np.uint8)
        nothing = np.empty(0, np.uint8)
        self._detector = cv2.FaceDetectorYN.create("onnx", buffer, nothing, (320, 320), YUNET_SCORE, OVERLAP)

    def __call__(self, picture: Picture) -> npt.NDArray[np.float64]:
        """Boxes, as `Detector` says."""
        height, width = picture.shape[:2]
        self._detector.setInputSize((width, height))
        _, faces = self._detector.detect(picture)
        return np.empty((0, 4)) if faces is None else np.asarray(faces, float)[:, :4]  # type: ignore[redundant-expr]


class CenterFace:
    """CenterFace (Xu et al., 2019): heatmap, scale, offset and landmarks on a grid of four pixels."""

    def __init__(self, net: cv2.dnn.Net) -> None:
        self._net = net
        self._names = net.getUnconnectedOutLayersNames()

    def __call__(self, picture: Picture) -> npt.NDArray[np.float64]:
        """Boxes, as `Detector` says."""
        height, width = picture.shape[:2]
        size = (-(-width // _STEP) * _STEP, -(-height // _STEP) * _STEP)
        self._net.setInput(cv2.dnn.blobFromImage(picture, 1.0, size, (0, 0, 0), swapRB=True))
        heat, scale, offset, _ = (np.asarray(output) for output in self._net.forward(self._names))
        scores, boxes = _decoded(heat[0, 0], scale[0], offset[0])
        kept = cv2.dnn.NMSBoxes(boxes.tolist(), scores.tolist(), CENTERFACE_SCORE, OVERLAP)
        shares = np.array([width / size[0], height / size[1]] * 2)
        found: npt.NDArray[np.float64] = boxes[np.asarray(kept, int).reshape(-1)] * shares
        return found


def _decoded(
    heat: npt.NDArray[np.float32], scale: npt.NDArray[np.float32], offset: npt.NDArray[np.float32]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Scores (n) and boxes (n × 4) in pixels of the network's input."""
    rows, columns = np.where(heat > CENTERFACE_SCORE)
    high, wide = (np.exp(scale[axis, rows, columns].astype(float)) * _CELL for axis in (0, 1))
    top = (rows + offset[0, rows, columns] + 0.5) * _CELL - high / 2
    left = (columns + offset[1, rows, columns] + 0.5) * _CELL - wide / 2
    return heat[rows, columns].astype(float), np.stack([left, top, wide, high], axis=1).astype(float)
