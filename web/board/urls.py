"""Addresses of the board."""

from web.board import planning
from web.board.map import day_map
from web.board.pages import board
from web.guarding import page

JOB = "board/jobs/<str:cause>/<uuid:job_id>"

urlpatterns = [
    page("board/", board, name="board"),
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
