"""What is seen of a picture, and what can no longer be seen."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.domain.recipe import Faces, Mark, Recipe
from bot.errors import StartError, UndevelopableError
from integrations.vision.developing import MASK_COLOUR, develop, hide_faces, paint_masks
from integrations.vision.limits import jpeg_size
from integrations.vision.weights import Weights
from tests.integrations.vision.scenes import bomb, jpeg, pixels, yard

OPEN = Recipe(faces=Faces.SHOWN)
corner = st.tuples(st.floats(0, 1), st.floats(0, 1))
MARK = Mark("东门", "2026-11-23 18:50:11", ("事件 2026-0007", "李敏", "核实外来人员"), "【演练】", "T017")


@settings(max_examples=40, deadline=None)
@given(polygon=st.lists(corner, min_size=3, max_size=6).map(tuple))
@example(polygon=((0.0, 1.0), (0.0, 1.0), (0.0, 1.0)))  # a point on the picture's very edge
@example(polygon=((1.0, 1.0), (1.0, 0.0), (1.0, 0.5)))
def test_nothing_inside_a_mask_is_left_and_nothing_outside_is_touched(polygon):
    before = yard()
    after = before.copy()
    paint_masks(after, (polygon,))
    corners = [(min(round(x * 640 - 0.5), 639), min(round(y * 360 - 0.5), 359)) for x, y in polygon]
    corners = np.maximum(np.array(corners, np.int32), 0)
    inside = np.zeros((360, 640), np.uint8)
    cv2.fillPoly(inside, [corners], 255)
    assert (after[inside > 0] == MASK_COLOUR).all()
    hull = np.zeros((360, 640), np.uint8)
    cv2.fillConvexPoly(hull, cv2.convexHull(corners), 255)
    beyond = cv2.dilate(hull, np.ones((9, 9), np.uint8)) == 0
    assert (after[beyond] == before[beyond]).all()


def test_a_masks_middle_is_solid_in_the_developed_jpeg():
    square = ((0.25, 0.25), (0.75, 0.25), (0.75, 0.75), (0.25, 0.75))
    seen = pixels(develop(jpeg(yard()), Recipe((square,), Faces.SHOWN)))
    assert np.abs(seen[90:270, 160:480].astype(int) - MASK_COLOUR).max() <= 20


def test_a_star_has_no_hole_in_its_middle():
    star = tuple(
        (0.5 + 0.4 * np.sin(n * 4 * np.pi / 5), 0.5 - 0.4 * np.cos(n * 4 * np.pi / 5)) for n in range(5)
    )
    picture = yard()
    paint_masks(picture, (star,))
    assert tuple(picture[180, 320]) == MASK_COLOUR


@pytest.mark.parametrize(
    "masks", [((0, 0), (1, 1)), ((0, 0), (1, 1), (2, 0)), ((0, 0), (1, 1), (float("nan"), 0))]
)
def test_a_mask_that_is_no_polygon_is_refused(masks):
    with pytest.raises(ValueError, match="mask"):
        Recipe((masks,))


def raising(_):
    raise RuntimeError("broken")


NONSENSE = [
    None,
    raising,
    lambda _: None,
    lambda _: "faces",
    lambda _: [[1, 2, 3]],
    lambda _: [[float("nan"), 0, 5, 5]],
    lambda _: [[0, 0, -5, 5]],
    lambda _: [[9000, 0, 5, 5]],
]


@pytest.mark.parametrize("detector", NONSENSE)
def test_without_a_detector_that_can_be_trusted_the_whole_picture_is_pixelated(detector):
    picture = yard()
    hide_faces(picture, detector)
    assert len(np.unique(picture.reshape(-1, 3), axis=0)) <= 24 * 14


def test_a_found_face_is_in_blocks_a_small_one_solid_and_the_rest_untouched():
    before = yard()
    after = before.copy()
    hide_faces(after, lambda _: [[100, 100, 80, 80], [400, 200, 12, 12]])
    assert len(np.unique(after[100:180, 100:180].reshape(-1, 3), axis=0)) <= 64
    assert (after[200:212, 400:412] == MASK_COLOUR).all()
    assert (after[:, 500:] == before[:, 500:]).all()


def test_no_face_found_changes_nothing():
    before = yard()
    after = before.copy()
    hide_faces(after, lambda _: np.empty((0, 4)))
    assert (before == after).all()


@pytest.mark.parametrize(
    "data", [b"", b"GIF89a", b"\xff\xd8", b"\xff\xd8\xff\xe0\x00\x00", bomb(), jpeg(yard())[:200]]
)
def test_garbage_and_bombs_are_refused(data):
    with pytest.raises(UndevelopableError):
        develop(data, OPEN)


@given(st.binary(max_size=400))
def test_no_header_breaks_the_reader(tail):
    with pytest.raises(UndevelopableError):
        jpeg_size(b"\xff\xd8" + tail.replace(b"\xff", b"\xfe"))


@pytest.mark.parametrize("size", [(64, 48), (640, 360), (1920, 1080), (3840, 2160), (2000, 40), (40, 2000)])
def test_every_size_fits_telegram(size):
    data = develop(jpeg(yard(size=size)), Recipe(faces=Faces.SHOWN, mark=MARK))
    height, width = pixels(data).shape[:2]
    assert len(data) <= 10_000_000
    assert width + height <= 10_000
    assert max(width, height) / min(width, height) <= 20


def test_the_mark_is_drawn_and_a_drill_opens_with_its_tag():
    plain = pixels(develop(jpeg(yard()), OPEN))
    real = pixels(develop(jpeg(yard()), Recipe(faces=Faces.SHOWN, mark=Mark("东门", "18:50"))))
    drill = pixels(develop(jpeg(yard()), Recipe(faces=Faces.SHOWN, mark=MARK)))
    assert plain.shape[0] < real.shape[0] < drill.shape[0]
    assert np.abs(drill[3, 3].astype(int) - (50, 178, 250)).max() < 12


def test_chinese_is_drawn_and_not_replaced_by_question_marks():
    def band(title):
        return pixels(develop(jpeg(yard()), Recipe(faces=Faces.SHOWN, mark=Mark(title, ""))))[360:]

    assert not np.array_equal(band("东门"), band("??"))
    assert not np.array_equal(band("东门"), band("西门"))


def test_metadata_is_dropped():
    data = jpeg(yard())
    exif = b"Exif\x00\x00secret place"
    tagged = data[:2] + b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif + data[2:]
    assert b"secret place" not in develop(tagged, OPEN)


def test_weights_of_another_hash_are_refused_by_name(tmp_path):
    path = tmp_path / "faces.onnx"
    path.write_bytes(b"other")
    with pytest.raises(StartError, match=r"faces\.onnx: its SHA-256 is [0-9a-f]{64}, but"):
        Weights(path, "0" * 64).read()
