"""What is done to a picture before anybody sees it, and whether a camera is healthy.

`darkroom` runs `developing`, `faces` and `measuring` in child processes, so that no broken picture can end Muster;
only they load cv2. `health` is pure. Nothing here recognises anybody: faces are found to be hidden, and never named.
"""
