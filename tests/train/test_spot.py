"""Which frame is the learner's: not ours, not a widget's, wherever its files lie."""

import sys

from autograd_lab.train import spot
from autograd_lab.watching import HOME, learner_frame, site_of_call


def through(filename, name, call="asked()"):
    """Ask from code in this file, of a module of this name; give the frame that was found."""
    names = {"__name__": name, "asked": lambda: learner_frame(sys._getframe(1))}
    return eval(compile(call, filename, "eval"), names)


def test_our_files_and_our_widgets_are_passed_over():
    me = sys._getframe().f_code
    out = {through.__code__, me}
    assert through("/lab/study.py", "study").f_code.co_filename == "/lab/study.py"
    assert through("/lab/autograd_lab_notes.py", "autograd_lab_notes").f_code not in out
    assert through("<ipython-input-3>", "__main__").f_code not in out
    assert through("<doctest>", "autograd_lab.widgets.monitor").f_code not in out
    assert through(HOME + "train/watched.py", "autograd_lab.train.watched").f_code in out
    assert through("/any/widgets/monitor/hands.py", "autograd_lab.widgets.monitor").f_code in out
    assert through("/lab/widgets/mine.py", "widgets.mine").f_code not in out
    assert through("/lab/odd.py", None).f_code not in out


def test_where_a_call_stands():
    assert site_of_call().code is sys._getframe().f_code
    (here,) = spot.here()
    assert here.code is sys._getframe().f_code and not here.at_top


def test_a_generator_and_who_drives_it():
    def driven():
        yield spot.here()

    codes = [found.code for found in next(driven())]
    assert codes == [driven.__code__, sys._getframe().f_code]
