"""Addresses of the board."""

from web.board import assigning, inspector
from web.board.pages import board, day
from web.guarding import page

urlpatterns = [
    page("board/", board, name="board"),
    page("board/day", day, name="board_day"),
    page("board/visits/<uuid:visit_id>", inspector.inspector),
    page("board/visits/<uuid:visit_id>/candidates", assigning.candidates),
    page("board/visits/<uuid:visit_id>/agreement", assigning.agreement),
    page("board/visits/<uuid:visit_id>/assign", assigning.assign),
    page("board/visits/<uuid:visit_id>/cancel", inspector.cancel),
    page("board/visits/<uuid:visit_id>/gates/<str:gate>/override", inspector.override),
    page("board/visits/<uuid:visit_id>/gates/<str:gate>/close", inspector.close_gate),
    page("board/messages/<uuid:message_id>/again", inspector.resend),
    page("board/undo", assigning.undo, name="board_undo"),
]
