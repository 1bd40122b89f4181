"""The Bot API's specification as a judge: of what Muster asks, and of what the simulator answers."""
