"""Which devices a demand means: of what the pools hand out, what serves it, or why nothing does.

The check of a stack file and the planners of workloads ask here alike, and so agree.
"""

from collections.abc import Iterator, Sequence

from .lanes import Demand, Devices
from .narrowing import Narrowing
from .offers import Offer
from .options import AmbiguousError, Choice, Option, RefusedError, Uses
from .pools import Lane
from .wording import listed


def choose(demand: Demand, uses: Uses, offers: Sequence[Offer], pods: int = 1) -> Choice:
    """What serves ``demand`` in the first lane that has it.

    pods: how many start at once or not at all, in one pool: Kueue assigns one flavor to all pods of a job.
    Raises RefusedError where no lane has it, or where the first that does leaves open what is meant.
    """
    _check_instead(demand, uses)
    for lane in uses.lanes:
        try:
            return _gathered(Choice(lane, tuple(_options(demand, (lane,), uses, offers))), pods)
        except AmbiguousError:
            raise
        except RefusedError:
            continue
    every = tuple(_options(demand, uses.lanes, uses, offers))  # says why, in sight of all lanes
    _gathered(Choice(every[0].offer.lane, every), pods)
    text = f"is not in the lane of the first choice: no lane of {listed(uses.lanes)} has all. Remove what is elsewhere."
    raise RefusedError(_INSTEAD, [other.product for other in demand.instead], text)


_INSTEAD = ("accelerator", "instead")


def _options(demand: Demand, lanes: Sequence[Lane], uses: Uses, offers: Sequence[Offer]) -> Iterator[Option]:
    narrowing = Narrowing(demand, lanes, uses.joined)
    for at, devices in enumerate((demand, *demand.instead)):
        try:
            yield narrowing.option(devices, offers)
        except RefusedError as error:
            of_all = not at or error.path[0] in _OF_ALL
            raise error.below(("accelerator",) if of_all else (*_INSTEAD, at - 1)) from None


def _check_instead(demand: Demand, uses: Uses) -> None:
    """Alternatives are for what no queue counts, and each is another."""
    if demand.instead and uses.queued:
        text = "keeps the job from ever being admitted: Kueue counts one kind of device for each. Remove it."
        raise RefusedError(_INSTEAD, [other.product for other in demand.instead], text)
    keys = set(Devices.model_fields)
    choices = [each.model_dump(include=keys) for each in (demand, *demand.instead)]
    for at, other in enumerate(demand.instead):
        if choices[at + 1] in choices[: at + 1]:
            text = "stands here twice, all keys alike. Remove one."
            raise RefusedError((*_INSTEAD, at, "product"), other.product, text)


def _gathered(choice: Choice, pods: int) -> Choice:
    """Only what so many pods can take together.

    A TPU slice works as a whole. And all pods of a job are in one pool; only jobs have several, and one option.
    """
    options = tuple(Option(each.count, _sliced(each, pods)) for each in choice.options)
    if pods == 1:
        return Choice(choice.lane, options)
    (option,) = options
    rooms = [(o, o.nodes if o.room is None else o.nodes * (o.room // option.count)) for o in option.offers]
    if found := tuple(offer for offer, room in rooms if room >= pods):
        return Choice(choice.lane, (Option(option.count, found),))
    most = listed(f"pools.{offer.pool} {room}" for offer, room in rooms)
    text = f"is more than one pool holds, and a job runs in one: {most}. Lower it, or raise the size of a pool."
    raise RefusedError(("nodes",), pods, text)


def _sliced(option: Option, pods: int) -> tuple[Offer, ...]:
    if found := tuple(
        o for o in option.offers if o.slice_of in (1, pods) and (o.slice_of == 1 or o.room == option.count)
    ):
        return found
    slices = listed(f"pools.{o.pool} is {o.slice_of} nodes of {o.room}" for o in option.offers)
    text = (
        f"works only as a whole slice: {slices}. Write a training job of as many nodes and count, or a smaller slice."
    )
    raise RefusedError(("accelerator", "product"), option.offer.product, text)


_OF_ALL = ("share", "near")
"""The keys that hold for all alternatives."""
