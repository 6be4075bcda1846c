"""Addresses of the board."""

from web.board.pages import board
from web.guarding import page

urlpatterns = [
    page("board/", board, name="board"),
]
