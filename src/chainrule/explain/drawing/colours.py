"""The colours of pictures, by what they mean; every text has a contrast of at least 4.5 : 1 to what it stands on."""

from __future__ import annotations

# One accent for the forward pass, one for the backward pass; all else is grey.
LIGHT = {
    "paper": "#ffffff",
    "ink": "#18202b",
    "quiet": "#566274",
    "line": "#7d899a",
    "frame": "#b9c3d0",
    "face": "#f5f7fa",
    "forward": "#1b57b5",
    "backward": "#a63c06",
    "backward-face": "#fdf0e7",
    "cell": "#ffffff",
}
DARK = {
    "paper": "#12161c",
    "ink": "#e9edf3",
    "quiet": "#a3aebd",
    "line": "#77849a",
    "frame": "#46515f",
    "face": "#1b222b",
    "forward": "#86b6ff",
    "backward": "#ffa56e",
    "backward-face": "#33231a",
    "cell": "#0c0f14",
}
