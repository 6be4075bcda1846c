"""What the people of a role have to do."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.door import LONGEST_TEXT, Answer, Door, PageOf, parsed
from api.listing import TASK_STATES, choice, choice_in, list_schema
from dispatch.selectors.access import task_for
from dispatch.selectors.tasks import TaskLine, task_line, tasks_of
from dispatch.services.tasks import finish_task


class TaskOut(Answer[TaskLine]):
    class Meta:
        dataclass = TaskLine


class Tasks(PageOf):
    @list_schema(
        "tasks_list",
        TaskOut,
        choice("state", TASK_STATES, "open, if left out"),
    )
    def get(self, request: Request) -> Response:
        """The tasks of one's role in the market."""
        state = choice_in(request, "state", TASK_STATES)
        rows = tasks_of(self.by(request), done=state == "done")
        return self.page(request, rows, task_line, TaskOut)


class TaskDone(Door):
    class Body(serializers.Serializer[Any]):
        outcome = serializers.CharField(max_length=LONGEST_TEXT)

    @extend_schema(operation_id="tasks_done", request=Body, responses=TaskOut)
    def post(self, request: Request, task_id: UUID) -> Response:
        """Say what was done about a task that nothing else ends."""
        body, by = parsed(self.Body, request.data), self.by(request)
        finish_task(task_id, outcome=body["outcome"], by=by, now=self.now(by))
        return Response(TaskOut(task_line(task_for(by, task_id))).data)
