"""How far a loop may go: granted steps are all taken, and no more."""

from autograd_lab.train.pace import Pace


def taken(pace, steps, epoch=lambda step: step // 4):
    """Which of these steps are allowed, one after the other; it stops at the first that is not."""
    found = []
    for step in steps:
        if not pace.allows(step, epoch(step)):
            break
        found.append(step)
    return found


def test_it_is_free_until_it_is_held():
    pace = Pace()
    assert taken(pace, range(5)) == [0, 1, 2, 3, 4] and not pace.limited
    pace.hold()
    assert taken(pace, range(5, 9)) == [] and pace.limited
    pace.release()
    assert taken(pace, range(5, 9)) == [5, 6, 7, 8]


def test_granted_steps_add_up():
    pace = Pace()
    pace.grant(2)
    pace.grant(1)
    assert taken(pace, range(7, 20)) == [7, 8, 9]
    pace.grant(1)
    assert taken(pace, range(10, 20)) == [10]


def test_a_step_that_was_allowed_is_allowed_until_it_is_taken():
    pace = Pace()
    pace.grant(2)
    assert [pace.allows(step, 0) for step in (3, 3, 4, 4, 5)] == [True] * 4 + [False]
    pace.grant(1)
    assert pace.allows(5, 1)
    pace.hold()
    assert not pace.allows(5, 1)


def test_an_epoch_is_gone_through_to_its_end_and_granted_steps_come_after_it():
    pace = Pace()
    pace.grant_epochs(2)
    assert taken(pace, range(5, 20)) == [5, 6, 7]
    pace.grant_epochs(3)
    pace.grant(2)
    assert taken(pace, range(8, 20)) == [8, 9, 10, 11, 12, 13]


def test_it_rests_once_before_each_step():
    pace = Pace()
    assert pace.rest(0) == 0 and not pace.limited
    pace.delay = 0.5
    assert pace.rest(3) == 0.5 and pace.limited
    pace.rested = 3
    assert pace.rest(3) == 0 and pace.rest(4) == 0.5
