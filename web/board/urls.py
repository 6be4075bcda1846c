"""Addresses of the board."""

from web.board import assigning, inspector, planning
from web.board.map import day_map
from web.board.pages import board, day
from web.guarding import page

JOB = "board/jobs/<str:cause>/<uuid:job_id>"

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
    # -- the map, and what plans the day
    page("board/map", day_map, name="board_map"),
    page("board/planning/<str:kind>", planning.tool, name="planning_tool"),
    page("board/plans", planning.plan, name="planning_plan"),
    page("board/repairs", planning.repair, name="planning_repair"),
    page("board/absences", planning.absence, name="planning_absence"),
    page(JOB, planning.job, name="planning_job"),
    page(f"{JOB}/stop", planning.stop, name="planning_stop"),
    page(f"{JOB}/accept", planning.accept, name="planning_accept"),
    page(f"{JOB}/undo", planning.undo, name="planning_undo"),
]
