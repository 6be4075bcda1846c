"""Addresses of the board."""

from web.board.pages import board, day
from web.guarding import page

urlpatterns = [
    page("board/", board, name="board"),
    page("board/day", day, name="board_day"),
]
