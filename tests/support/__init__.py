"""The cast and the stage that the tests share."""
