"""The queue goes away while the worker holds work: it comes back, and a broken loop ends the process instead of standing there."""

import logging
from types import SimpleNamespace

import pytest
from celery.worker.consumer import Consumer, consumer

from config.celery import app
from config.consumer import PatientConsumer


def lost(close):
    worker = PatientConsumer.__new__(PatientConsumer)
    worker.app, worker.pool, worker.qos_global, worker.prefetch_multiplier = app, SimpleNamespace(num_processes=1), False, 1
    worker.connection = SimpleNamespace(collect=lambda **_limits: None, close=close, connection_errors=(OSError,), channel_errors=())
    return worker


def half_closed():
    raise AttributeError("'NoneType' object has no attribute 'hostname'")


@pytest.fixture
def given_up(monkeypatch):
    """Requests that were given up, of one that a child of the worker has in hand."""
    found = []
    request = SimpleNamespace(task=SimpleNamespace(acks_late=True), acknowledged=False, cancel=lambda _pool: found.append(request))
    monkeypatch.setattr(consumer, "active_requests", [request])
    return found


def test_a_connection_that_cannot_be_closed_in_order_is_let_go(given_up):
    worker = lost(half_closed)
    worker.on_connection_error_after_connected(ConnectionError("gone"))
    assert worker.connection is None
    assert len(given_up) == 1


def test_celery_itself_ends_there(given_up):
    """The control: when this passes no more, PatientConsumer can go."""
    with pytest.raises(AttributeError):
        Consumer.on_connection_error_after_connected(lost(half_closed), ConnectionError("gone"))
    assert given_up == []


def test_one_that_can_is_closed_once(given_up):
    closed = []
    lost(lambda: closed.append(1)).on_connection_error_after_connected(ConnectionError("gone"))
    assert (closed, len(given_up)) == ([1], 1)


def test_any_other_error_is_not_taken_for_that(monkeypatch):
    monkeypatch.setattr(Consumer, "on_connection_error_after_connected", lambda *_: half_closed())
    with pytest.raises(AttributeError):
        lost(half_closed).on_connection_error_after_connected(ConnectionError("gone"))


@pytest.mark.expects_errors
@pytest.mark.parametrize(("broken", "ends"), [(RuntimeError("loop"), True), (SystemExit(0), False)])
def test_a_broken_loop_ends_the_process(monkeypatch, caplog, broken, ends):
    def start(_self):
        raise broken

    ended = []
    monkeypatch.setattr(Consumer, "start", start)
    monkeypatch.setattr("config.consumer.os._exit", ended.append)
    monkeypatch.setattr("config.consumer.logging.shutdown", lambda: None)
    try:
        PatientConsumer.__new__(PatientConsumer).start()
    except SystemExit:
        assert not ends
    assert bool(ended) == ends
    assert ends == any(record.levelno == logging.CRITICAL for record in caplog.records)
