"""The queue's settings without which work is lost, doubled or never ends (reliability.md §5.1), as Celery itself understands them."""

import pytest

from config.celery import app

WANTED = {
    "task_acks_late": True,  # a killed worker's message comes back …
    "task_reject_on_worker_lost": True,  # … and a killed child's: without this one it is lost
    "worker_prefetch_multiplier": 1,
    "worker_cancel_long_running_tasks_on_connection_loss": True,
    "worker_enable_soft_shutdown_on_idle": True,
    "worker_consumer": "config.consumer:PatientConsumer",
    "broker_connection_retry_on_startup": True,
    "broker_connection_max_retries": None,  # the default gives up after a hundred
    "broker_channel_error_retry": True,
    "task_ignore_result": True,
    "task_serializer": "json",
    "accept_content": ["json"],
    "enable_utc": True,
    "timezone": "Asia/Shanghai",
}


@pytest.mark.parametrize("name", WANTED)
def test_each_is_as_it_has_to_be(name):
    assert app.conf[name] == WANTED[name]


def test_a_message_is_invisible_longer_than_any_work_may_take():
    """The shortest of the three counts, whoever shares the queue."""
    hidden = {
        app.conf.visibility_timeout, app.conf.broker_transport_options["visibility_timeout"],
        app.conf.result_backend_transport_options["visibility_timeout"],
    }  # fmt: skip
    assert len(hidden) == 1
    assert app.conf.task_soft_time_limit < app.conf.task_time_limit < hidden.pop()


def test_what_a_dead_worker_had_is_looked_for_every_few_seconds():
    options = app.conf.broker_transport_options
    assert options["unacked_restore_interval"] * options["unacked_restore_throttle"] <= 10


def test_a_silent_queue_is_not_waited_for():
    options = app.conf.broker_transport_options
    assert options["socket_connect_timeout"] <= 2
    assert options["socket_timeout"] <= 10
    assert options["health_check_interval"] < 60


def test_nothing_waits_in_the_queue_for_its_hour():
    """A message with an hour of its own would be delivered again and again after the visibility timeout."""
    assert [name for name, task in app.tasks.items() if not name.startswith("celery.") and task.default_retry_delay > 300] == []
    assert app.conf.worker_soft_shutdown_timeout >= 30


def test_a_child_that_grows_or_grows_old_is_replaced():
    assert 0 < app.conf.worker_max_tasks_per_child <= 1000
    assert 0 < app.conf.worker_max_memory_per_child <= 500_000
