"""Work as pictures: a profile as one page that needs nothing else, a plan as a drawing.

All of it is SVG and HTML without a library: a page opens in every browser, without the network, years later (decision
0040). `recording` listens while the program runs and `profile_page` makes a page of it, of `lanes` and tables;
`dashboard` shows what `live` counts; `plans` draws what `explain` says.
"""

from __future__ import annotations

from ramba.pictures.dashboard import Dashboard
from ramba.pictures.plans import Drawing, drawn
from ramba.pictures.profile_page import ProfilePage

__all__ = ["Dashboard", "Drawing", "ProfilePage", "drawn"]
