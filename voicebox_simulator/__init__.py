"""A stand-in for MTT Voicebox: takes calls over HTTP, plays them, calls back."""
